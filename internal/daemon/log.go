package daemon

import (
	"context"
	"log/slog"
	"os"
)

// handler writes the log of a daemon with these options: to its console, or else as text or JSON. In text, the journal of
// the init system adds the time itself.
func (o *Options) handler() slog.Handler {
	everything := slog.HandlerOptions{Level: slog.LevelDebug}
	switch {
	case o.Console != nil:
		return o.Console
	case o.LogFormat == "json":
		return slog.NewJSONHandler(o.Stderr, &everything)
	}
	everything.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 && os.Getenv("JOURNAL_STREAM") != "" {
			return slog.Attr{}
		}
		return a
	}
	return slog.NewTextHandler(o.Stderr, &everything)
}

// leveled hands on what matters enough, which may change at any time.
type leveled struct {
	slog.Handler
	least slog.Leveler
}

func (l leveled) Enabled(_ context.Context, level slog.Level) bool { return level >= l.least.Level() }

func (l leveled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return leveled{l.Handler.WithAttrs(attrs), l.least}
}

func (l leveled) WithGroup(name string) slog.Handler {
	return leveled{l.Handler.WithGroup(name), l.least}
}
