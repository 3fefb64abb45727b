// Package store remembers: the journal of everything that happened, the saved state of services, the places that
// followers of the journal have reached, what was measured, how services spent their time, and objects of packages that
// keep their own. It is one SQLite file, written by one goroutine.
//
// The watchdog works without its disk. A directory that cannot be written, a full disk or a damaged file never make
// a method fail that the checks depend on: the store goes on in memory, tries again every few seconds and catches up.
// [Store.Flush] is for those who must know that something is on disk. Entry point: [Open].
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

// fileName is the database within the state directory.
const fileName = "orderly.db"

// patience bounds how long Open and Close wait for a disk that does not answer.
const patience = 10 * time.Second

// A Store is the memory of one daemon. Its methods may be called from any goroutine.
type Store struct {
	dir string
	log *slog.Logger

	kick    chan struct{}   // capacity 1: something is due earlier than the writer thinks
	flushes chan chan error // requests to commit now
	closing chan struct{}
	once    sync.Once     // closes closing
	gone    chan struct{} // closed when the writer has ended
	end     error         // of the last commit; read after gone
	folding folding       // only the writer uses it

	mu      sync.Mutex // guards what follows
	db      *database  // nil while there is none; only the writer changes it
	journal journal
	queue   queue
	trouble trouble
	keep    model.Retention
}

// Open opens the state directory, creating it if need be, and starts the writer.
//
// It fails only if dir makes no sense or another daemon uses it, then with an error that wraps [ErrLocked].
// Whatever else is wrong is told to the function given to [Store.OnTrouble].
func Open(dir string, log *slog.Logger) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot use the state directory: %w", err)
	}
	s := &Store{
		dir: dir, log: log,
		kick: make(chan struct{}, 1), flushes: make(chan chan error),
		closing: make(chan struct{}), gone: make(chan struct{}),
		journal: journal{wake: make(chan struct{})},
		queue:   newQueue(),
		keep:    model.DefaultRetention(),
	}
	ready := make(chan error, 1)
	go s.run(ready)
	select {
	case err = <-ready:
	case <-time.After(patience):
		// The writer keeps waiting for the disk; the daemon does not.
		s.startNumbering(time.Now())
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close commits what is queued, or says why it cannot, and releases the directory.
// Afterwards the store only works in memory.
func (s *Store) Close() error {
	s.once.Do(func() { close(s.closing) })
	select {
	case <-s.gone:
		return s.end
	case <-time.After(patience):
		return fmt.Errorf("cannot close %s: the disk does not answer", s.path())
	}
}

// Flush commits everything that was queued before the call. It returns when that is on disk, or why it is not.
func (s *Store) Flush(ctx context.Context) error {
	reply := make(chan error, 1)
	select {
	case s.flushes <- reply:
	case <-s.gone:
		return fmt.Errorf("cannot write %s: it is closed", s.path())
	case <-ctx.Done():
		return fmt.Errorf("cannot write %s: %w", s.path(), context.Cause(ctx))
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return fmt.Errorf("cannot write %s: %w", s.path(), context.Cause(ctx))
	}
}

// OnTrouble sets the function that is told, in a line for people, when the store stops being able to write and when it
// is able again. What happened before the call is told at once. The function may use the store; it must not wait for
// Flush or Close.
func (s *Store) OnTrouble(tell func(text string)) {
	s.mu.Lock()
	s.trouble.tell = tell
	unsaid := s.trouble.unsaid
	s.trouble.unsaid = nil
	s.mu.Unlock()
	for _, text := range unsaid {
		tell(text)
	}
}

func (s *Store) path() string { return filepath.Join(s.dir, fileName) }

// current returns the database, nil while it is out of reach. Only the writer may use its writing connection.
func (s *Store) current() *database {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db
}

// attach takes the directory and opens the database. Only the writer calls it. It leaves s.db nil, or without a
// writing connection, when it fails.
func (s *Store) attach(ctx context.Context, lock *os.File) (*os.File, error) {
	err := os.MkdirAll(s.dir, 0o700)
	if err == nil && lock == nil {
		if lock, err = lockDir(s.dir); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return lock, fmt.Errorf("cannot create %s: %w", s.dir, errors.Unwrap(err))
	}
	s.detach()
	db, p, err := load(ctx, s.path(), openDatabase)
	if err != nil && damaged(err) {
		db, p, err = s.replaceDamaged(ctx, err)
	}
	if err == nil {
		s.adopt(db, p)
		return lock, nil
	}
	if !damaged(err) {
		if db, p, readErr := load(ctx, s.path(), openReadOnly); readErr == nil {
			s.adopt(db, p)
		}
	}
	return lock, err
}

func load(ctx context.Context, path string, open func(context.Context, string) (*database, error)) (*database, past, error) {
	db, err := open(ctx, path)
	if err != nil {
		return nil, past{}, err
	}
	p, err := db.past(ctx)
	if err != nil {
		db.close()
		return nil, past{}, openError(path, err)
	}
	return db, p, nil
}

// replaceDamaged starts a new database where the old one is of no use. Numbers of lost events are not used again.
func (s *Store) replaceDamaged(ctx context.Context, cause error) (*database, past, error) {
	now := time.Now()
	s.salvage(ctx)
	s.detach() // a connection that outlives the name of its file would remove the files of its successor
	to, err := moveAside(s.path(), now)
	if err != nil {
		return nil, past{}, fmt.Errorf("%w, and %w", cause, err)
	}
	db, p, err := load(ctx, s.path(), openDatabase)
	if err != nil {
		return nil, past{}, err
	}
	s.startNumbering(now)
	s.tell(slog.LevelWarn, fmt.Sprintf("%v; it was moved to %s and a new one was begun", cause, to))
	return db, p, nil
}

// salvage queues what a new database has to know, as far as the damaged one still gives it.
func (s *Store) salvage(ctx context.Context) {
	var old batch
	if db := s.current(); db != nil { // what can be read before an error is better than nothing
		old.records, _ = db.records(ctx)
		old.objects, _ = db.objects(ctx, "")
		old.tallies, _ = db.newestTallies(ctx, tallyLimit)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.rewrite()
	s.queue.restore(s.queue.everything())
	s.queue.restore(old)
}

// adopt makes db the database in use and learns from its past, unless memory knows better.
func (s *Store) adopt(db *database, p past) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.db = db
	s.journal.adopt(p.last)
	s.queue.adopt(p)
}

// detach closes the database in use, if any.
func (s *Store) detach() {
	s.mu.Lock()
	db := s.db
	s.db = nil
	s.mu.Unlock()
	db.close()
}

// startNumbering is for a journal whose past is out of reach: the clock, in microseconds, gives a number that is
// larger than any used before and still one that JSON readers do not round.
func (s *Store) startNumbering(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal.last == 0 {
		s.journal.adopt(uint64(now.UnixMicro()))
	}
}

// Append numbers the event, remembers it, wakes the followers and queues it for the disk. It neither blocks nor fails.
// An event without a time gets the present one.
func (s *Store) Append(ev model.Event) uint64 {
	if ev.At.IsZero() {
		ev.At = time.Now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seq := s.journal.append(ev)
	delay := delayOf(ev.Kind)
	if delay == urgentDelay {
		s.queue.urgent[strings.ToLower(ev.Service)] = true
	}
	s.due(delay)
	return seq
}
