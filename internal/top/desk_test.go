package top

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/story"
)

// A hanging orderly takes every request and answers none. What was ordered it notes when it gets it.
type hanging struct{ ordered atomic.Int32 }

func (h *hanging) Status(ctx context.Context, _ client.StatusQuery) (s model.HostStatus, err error) {
	<-ctx.Done()
	return s, ctx.Err()
}

func (h *hanging) Events(ctx context.Context, _ client.EventQuery) iter.Seq2[model.Event, error] {
	return func(func(model.Event, error) bool) { <-ctx.Done() }
}

func (h *hanging) Why(ctx context.Context, _ string) (s story.Story, err error) {
	<-ctx.Done()
	return s, ctx.Err()
}

func (h *hanging) History(ctx context.Context, _ client.HistoryQuery) (r client.HistoryReply, err error) {
	<-ctx.Done()
	return r, ctx.Err()
}

func (h *hanging) Ask(ctx context.Context, _ model.Command) error {
	select {
	case <-time.After(time.Second):
		h.ordered.Add(1)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hanging) Silence(ctx context.Context, s model.Silence) (model.Silence, error) {
	<-ctx.Done()
	return s, ctx.Err()
}

// Every wish has an answer within five seconds, also of an orderly that hangs.
func TestPatience(t *testing.T) {
	for name, wish := range map[string]any{
		"look": look{}, "tell": tell{service: "web"}, "silence": hush{"web", noon},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := &desk{witness: &hanging{}, commander: &hanging{}}
			began := time.Now()
			var err error
			switch a := d.fulfil(t.Context(), wish).(type) {
			case seen:
				err = a.err
			case told:
				err = a.err
			case done:
				err = a.err
			}
			if took := time.Since(began); took != patience || err == nil || err.Error() != "orderly does not answer within 5 s" {
				t.Errorf("%s: after %s: %v", name, took, err)
			}
		})
	}
}

// Who leaves does not wait for answers, but what was ordered is done before the end, and nothing begins after it.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{}
		d := &desk{witness: h, commander: h}
		ctx, cancel := context.WithCancel(t.Context())
		answers := make(chan any, 2)
		go func() { answers <- d.fulfil(ctx, look{}) }()
		go func() { answers <- d.fulfil(ctx, order{"web", model.CommandRestart}) }()
		synctest.Wait()
		began := time.Now()
		cancel()
		d.close()
		if took := time.Since(began); took != time.Second || h.ordered.Load() != 1 {
			t.Errorf("the end took %s, and %d orders were given", took, h.ordered.Load())
		}
		for range 2 {
			switch a := (<-answers).(type) {
			case seen:
				if !errors.Is(a.err, context.Canceled) {
					t.Errorf("the look ended with %v", a.err)
				}
			case done:
				if a.err != nil || a.text != "asked to restart web" {
					t.Errorf("the order ended with %q, %v", a.text, a.err)
				}
			}
		}
		if a := d.fulfil(t.Context(), look{}); a != nil {
			t.Errorf("after the end there is an answer: %v", a)
		}
	})
}

// A journal of any length costs no more than its end.
func TestOnlyTheLastEvents(t *testing.T) {
	d := &desk{witness: &chatty{events: 10_000}}
	all, err := d.lately(t.Context(), client.EventQuery{})
	if err != nil || len(all) >= 2*maxEvents || all[len(all)-1].Seq != 9_999 || all[len(all)-maxEvents].Seq != 10_000-maxEvents {
		t.Errorf("%d events, %v", len(all), err)
	}
	d = &desk{witness: &chatty{events: 3, broken: errors.New("the disk is gone")}}
	if _, err := d.lately(t.Context(), client.EventQuery{}); err == nil {
		t.Error("a journal that breaks off is no error")
	}
}

// A chatty orderly tells much.
type chatty struct {
	hanging
	events int
	broken error
}

func (c *chatty) Events(context.Context, client.EventQuery) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		for i := range c.events {
			if !yield(model.Event{Seq: uint64(i)}, nil) {
				return
			}
		}
		if c.broken != nil {
			yield(model.Event{}, c.broken)
		}
	}
}
