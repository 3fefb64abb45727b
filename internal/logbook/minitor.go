package logbook

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
)

// levels name ranks in full.
var levels = map[rank]string{debug: "debug", info: "info", warning: "warning", failure: "error"}

// Minitor writes each record as one line, "2026-01-31 09:08:07 warning: TEXT" in local time, as far as it matters as much
// as least. The writer is used by one goroutine at a time.
func Minitor(w io.Writer, least slog.Level) slog.Handler {
	var one sync.Mutex
	return &handler{least: least, put: func(l line) {
		at := l.at.Local().Format("2006-01-02 15:04:05")
		one.Lock()
		defer one.Unlock()
		_, _ = fmt.Fprintf(w, "%s %s: %s\n", at, levels[l.rank], oneLine(l.text)) // nobody is left to tell
	}}
}
