package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"orderly/internal/model"
)

// metaErrands is the key of the commands that were accepted and are not done.
const metaErrands = "errands"

// maxErrands bounds how many commands may be under way that nobody waits for.
const maxErrands = 256

// An errand is a command that was accepted: whoever gave it does not wait, and relies on it.
type errand struct {
	ID      uint64        `json:"id"`
	At      time.Time     `json:"at"`
	Command model.Command `json:"command"`
}

// errands are carried out beside everything else. They are on disk before they are accepted, and until they are done.
type errands struct {
	d    *instance
	ctx  context.Context
	work sync.WaitGroup

	mu   sync.Mutex // guards all below
	last uint64
	open []errand
	left []errand // of an earlier run, until they are resumed
}

// newErrands knows what an earlier run accepted and did not finish, so that nothing which is accepted from now on takes
// its place on disk. All of them end with ctx.
func newErrands(ctx context.Context, d *instance) *errands {
	q := &errands{d: d, ctx: ctx}
	var kept []errand
	if text := d.store.Meta(metaErrands); text == "" || json.Unmarshal([]byte(text), &kept) != nil {
		return q
	}
	for i := range kept {
		q.last++
		kept[i].ID = q.last
	}
	q.open, q.left = kept, slices.Clone(kept)
	return q
}

// Accept answers api.Commander: it returns when the command is on disk and has its place among others.
func (d *instance) Accept(ctx context.Context, c model.Command) error {
	names := slices.Clone(c.Names)
	if c.All {
		status, err := d.engine.Status(ctx, nil)
		if err != nil {
			return err
		}
		for i := range status.Services {
			names = append(names, status.Services[i].Name)
		}
	}
	for _, name := range names {
		d.log.Info(string(c.Kind)+" on user request", "service", name)
	}
	switch c.Kind {
	case model.CommandStart, model.CommandStop, model.CommandRestart, model.CommandReload:
		return d.errands.accept(ctx, c)
	}
	_, err := d.engine.Do(ctx, c) // done in no time, and saved
	return err
}

func (q *errands) accept(ctx context.Context, c model.Command) error {
	e, err := q.add(c)
	if err != nil {
		return err
	}
	if err := q.d.store.Flush(ctx); err != nil {
		q.d.log.Warn("a command was accepted that a crash would lose", "command", string(c.Kind), "err", err)
	}
	if err := q.begin(ctx, e); err != nil {
		q.done(e.ID) // who gave it hears that it was not accepted
		return err
	}
	return nil
}

// begin gives the command its place in the engine and waits for its end in a goroutine of its own.
func (q *errands) begin(ctx context.Context, e errand) error {
	wait, err := q.d.engine.Begin(ctx, e.Command)
	if err != nil {
		return err
	}
	q.work.Go(func() {
		outcomes, err := wait(q.ctx)
		if q.ctx.Err() != nil {
			return // it is taken up again at the next start
		}
		q.done(e.ID)
		if err != nil {
			q.d.log.Warn("cannot carry out a command", "command", string(e.Command.Kind), "err", err)
		}
		for _, o := range outcomes {
			if o.Error != "" {
				q.d.log.Warn("cannot carry out a command", "command", string(e.Command.Kind), "service", o.Service, "err", o.Error)
			}
		}
	})
	return nil
}

// farewell is how long commands under way may take to be done when orderly stops.
const farewell = time.Second

// finish waits a moment for commands that are nearly done: the others are taken up again at the next start.
func (q *errands) finish() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.work.Wait()
	}()
	select {
	case <-done:
	case <-time.After(farewell):
	}
}

func (q *errands) add(c model.Command) (errand, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.open) >= maxErrands {
		return errand{}, fmt.Errorf("cannot accept the command: %d are under way", maxErrands)
	}
	q.last++
	e := errand{q.last, time.Now(), c}
	q.open = append(q.open, e)
	q.save()
	return e, nil
}

func (q *errands) done(id uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open = slices.DeleteFunc(q.open, func(e errand) bool { return e.ID == id })
	q.save()
}

func (q *errands) save() {
	text, err := json.Marshal(q.open)
	if err != nil {
		panic("daemon: a command cannot be encoded: " + err.Error()) // it came as JSON
	}
	q.d.store.SetMeta(metaErrands, string(text))
}

// resume takes up what an earlier run left.
func (q *errands) resume(ctx context.Context) {
	q.mu.Lock()
	left := q.left
	q.left = nil
	q.mu.Unlock()
	for _, e := range left {
		q.d.log.Info("taking up a command that an earlier run accepted", "command", string(e.Command.Kind), "services", e.Command.Names, "at", e.At)
		err := q.begin(ctx, e)
		if ctx.Err() != nil {
			return // the next start takes them up
		}
		if err != nil {
			q.done(e.ID)
			q.d.log.Warn("cannot carry out a command", "command", string(e.Command.Kind), "err", err)
		}
	}
}
