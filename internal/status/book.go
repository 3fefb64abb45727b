package status

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"orderly/internal/model"
)

// A Keeper keeps objects by kind and number. It does not block, but for Flush and Objects.
type Keeper interface {
	PutObject(kind string, id int64, data []byte)
	DropObject(kind string, id int64)
	// Objects returns those of a kind. With an error it returns what it could read.
	Objects(ctx context.Context, kind string) (map[int64][]byte, error)
	// Flush returns when everything before is on disk.
	Flush(ctx context.Context) error
}

// A Silencer keeps people from being told of services for a while.
type Silencer interface {
	Silence(ctx context.Context, s model.Silence) (model.Silence, error)
	EndSilence(ctx context.Context, id string) error
	Silences(ctx context.Context) ([]model.Silence, error)
}

// Options are what a Book works with.
type Options struct {
	Keeper   Keeper
	Log      *slog.Logger
	Silencer Silencer     // nil: maintenance of components silences no service, and silences are no maintenance
	Tell     func(Notice) // called one at a time by Run when there is something that others may want to hear of; nil: nobody
	// Graph answers how a series went, for metrics that have no points of their own; nil: they have none.
	Graph func(ctx context.Context, s model.Series, from, to time.Time, points int) ([]model.Rollup, error)
}

// A Book holds the status page. Its methods may be called from every goroutine.
type Book struct {
	opt     Options
	view    atomic.Pointer[View]
	inbox   inbox
	wake    chan struct{}
	hearing chan struct{} // silences may have changed

	making sync.Mutex          // held while silences are made
	made   map[int64]time.Time // until when, by the maintenance

	mu      sync.Mutex // held while something is changed, never while anything is waited for
	numbers numbers
	silent  silences
	points  ledger
	audit   audit
	notices []Notice  // that Run has not told yet
	next    time.Time // when something changes by itself
	looked  time.Time // at everything, the last time
	now     func() time.Time
}

// Open reads what was kept. Objects that cannot be understood are left alone and logged.
func Open(ctx context.Context, o Options) (*Book, error) {
	b := &Book{
		opt: o, wake: make(chan struct{}, 1), hearing: make(chan struct{}, 1), numbers: numbers{}, made: map[int64]time.Time{},
		now: time.Now,
	}
	if b.opt.Log == nil {
		b.opt.Log = slog.New(slog.DiscardHandler)
	}
	b.looked = b.now()
	v := &View{Revision: uint64(b.now().UnixNano()), At: b.now(), Page: model.DefaultStatusPage()}
	if err := b.load(ctx, v); err != nil {
		return nil, fmt.Errorf("cannot read the status page: %w", err)
	}
	b.view.Store(v)
	return b, nil
}

// Read is everything as it is now. It never changes: not the view, nor anything it leads to.
func (b *Book) Read() *View { return b.view.Load() }

// A draft is a change under way: a view that nobody sees yet, and what is to be kept and told of it.
type draft struct {
	b       *Book
	now     time.Time
	view    View
	changed bool
	puts    []put
	numbers numbers
	entries []Entry
	notices []Notice
	after   []func()       // that changes what is not in the view
	under   map[int64]bool // memory of maintained; nil: to be found out
	next    time.Time      // when something changes by itself
}

type put struct {
	kind string
	id   int64
	data []byte // nil: drop it
}

// write makes a change that a user asked for and waits until it is on disk. When the change fails, nothing has happened;
// otherwise those who are given see what has come of it.
func (b *Book) write(ctx context.Context, change func(*draft) error, see ...func(*View)) error {
	b.mu.Lock()
	err := b.change(func(d *draft) error {
		if err := change(d); err != nil {
			return err
		}
		d.reconcile()
		return nil
	})
	for _, f := range see {
		f(b.Read())
	}
	b.mu.Unlock()
	if err != nil {
		return err
	}
	b.poke()
	if err := b.opt.Keeper.Flush(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsaved, err)
	}
	return nil
}

// change makes a change and publishes it. The caller holds mu.
func (b *Book) change(change func(*draft) error) error {
	d := &draft{b: b, now: b.now(), view: *b.Read(), numbers: b.numbers.clone()}
	d.view.At = d.now
	if err := change(d); err != nil {
		return err
	}
	if d.numbers.moved(b.numbers) {
		d.put(kindNumbers, 0, d.numbers)
	}
	for _, p := range d.puts {
		if p.data == nil {
			b.opt.Keeper.DropObject(p.kind, p.id)
		} else {
			b.opt.Keeper.PutObject(p.kind, p.id, p.data)
		}
	}
	b.numbers, b.next, b.looked = d.numbers, d.next, d.now
	b.audit.add(d.entries)
	for _, f := range d.after {
		f()
	}
	b.queue(d.notices)
	if d.changed {
		d.view.Revision++
		b.view.Store(&d.view)
	}
	return nil
}

func (d *draft) put(kind string, id int64, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic("status: " + kind + " cannot be encoded: " + err.Error()) // it has texts, numbers and checked JSON only
	}
	d.puts = append(d.puts, put{kind, id, data})
}

func (d *draft) drop(kind string, id int64) { d.puts = append(d.puts, put{kind, id, nil}) }

// poke has Run look at what is new.
func (b *Book) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
