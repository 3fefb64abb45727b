package alert

import (
	"context"
	"log/slog"

	"orderly/internal/model"
)

func init() {
	channels["log"] = channel{open: func(m Means) sender { return logger{m.Log} }}
}

// logger tells those who read the log: of trouble as a warning, of everything else as information (M-050).
type logger struct{ log *slog.Logger }

func (logger) rest() {}

func (l logger) send(ctx context.Context, c *model.Config, p parcel) (string, error) {
	ev := p.events[0]
	level := slog.LevelInfo
	if alarming(ev) {
		level = slog.LevelWarn
	}
	args := []any{"service", ev.Service, "kind", string(ev.Kind)}
	if found := p.diagnosis(); found != "" {
		args = append(args, "diagnosis", found)
	}
	l.log.Log(ctx, level, p.text(c, lineLength), args...)
	return "it is in the log", nil
}

// alarming tells whether an event is trouble.
func alarming(ev model.Event) bool {
	switch ev.Kind {
	case model.EventFailed, model.EventStillFailing, model.EventActionFailed, model.EventFlapping:
		return true
	}
	return false
}
