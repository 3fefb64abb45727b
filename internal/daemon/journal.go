package daemon

import (
	"context"
	"log/slog"

	"orderly/internal/model"
	"orderly/internal/store"
)

// A journal logs what happens and has the store keep it. What is logged is what changed: a rule that goes on
// failing is not logged in every cycle.
type journal struct {
	*store.Store
	log       *slog.Logger
	diagnoses *diagnoses
}

func (d *instance) journal() journal { return journal{d.store, d.log, d.diagnoses} }

// Append answers engine.Journal.
func (j journal) Append(ev model.Event) uint64 {
	if ev.Kind != model.EventStillFailing {
		args := []any{"kind", ev.Kind}
		for _, a := range []struct{ key, value string }{{"service", ev.Service}, {"rule", ev.Rule}, {"action", ev.Action}} {
			if a.value != "" {
				args = append(args, a.key, a.value)
			}
		}
		j.log.Log(context.Background(), level(ev.Kind), ev.Text, args...)
	}
	return j.diagnoses.append(j.Store, ev)
}

func level(k model.EventKind) slog.Level {
	switch k {
	case model.EventFailed, model.EventFlapping, model.EventInternal:
		return slog.LevelWarn
	case model.EventActionFailed:
		return slog.LevelError
	}
	return slog.LevelInfo
}
