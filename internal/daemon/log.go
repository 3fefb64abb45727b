package daemon

import (
	"io"
	"log/slog"
	"os"

	"orderly/internal/logbook"
)

// logger is the log of a daemon with these options.
func (o *Options) logger(b *logbook.Book) *slog.Logger {
	if o.Console != nil {
		return slog.New(slog.NewMultiHandler(o.Console, b.Handler()))
	}
	return newLogger(o.Stderr, o.LogFormat, b)
}

// newLogger writes text or JSON, and to the books. In text, the journal of the init system adds the time itself.
func newLogger(w io.Writer, format string, books ...*logbook.Book) *slog.Logger {
	handlers := []slog.Handler{newHandler(w, format)}
	for _, b := range books {
		handlers = append(handlers, b.Handler())
	}
	return slog.New(slog.NewMultiHandler(handlers...))
}

func newHandler(w io.Writer, format string) slog.Handler {
	if format == "json" {
		return slog.NewJSONHandler(w, nil)
	}
	return slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 && os.Getenv("JOURNAL_STREAM") != "" {
			return slog.Attr{}
		}
		return a
	}})
}
