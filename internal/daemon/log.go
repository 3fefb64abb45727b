package daemon

import (
	"context"
	"log/slog"
	"os"

	"orderly/internal/logbook"
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
	case o.LogFormat == "inspeqtor":
		return logbook.Inspeqtor(o.Stderr, os.Getpid(), slog.LevelDebug)
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

// levels are the words for what is logged.
var levels = map[string]slog.Level{"warn": slog.LevelWarn, "info": slog.LevelInfo, "debug": slog.LevelDebug}

// least is the level that has most logged of those that are given.
func least(words ...string) slog.Level {
	out, given := slog.LevelInfo, false
	for _, word := range words {
		if level, is := levels[word]; is && (!given || level < out) {
			out, given = level, true
		}
	}
	return out
}

// talk has everything logged, or what the command line and the configuration ask for.
func (d *instance) talk(much bool) {
	d.talkative.Store(much)
	d.adjustLevel()
}

// adjustLevel follows the configuration that is in force.
func (d *instance) adjustLevel() {
	configured := ""
	if in := d.current.Load(); in != nil {
		configured = in.Settings.Log.Level
	}
	if d.talkative.Load() {
		configured = "debug"
	}
	d.level.Set(least(d.LogLevel, configured))
}
