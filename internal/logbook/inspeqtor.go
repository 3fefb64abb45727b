package logbook

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"unicode"
)

// letters stand for ranks in the lines of Inspeqtor, which knows nothing worse than a warning.
var letters = map[rank]string{debug: "D", info: "I", warning: "W", failure: "W"}

// Inspeqtor writes each record as one line of Inspeqtor's log, "I 2026-01-31T09:08:07.123456Z PID TEXT", as far as it matters
// as much as least. The writer is used by one goroutine at a time.
func Inspeqtor(w io.Writer, pid int, least slog.Level) slog.Handler {
	var one sync.Mutex
	return &handler{least: least, put: func(l line) {
		at := l.at.UTC().Format("2006-01-02T15:04:05.000000Z")
		one.Lock()
		defer one.Unlock()
		_, _ = fmt.Fprintf(w, "%s %s %d %s\n", letters[l.rank], at, pid, oneLine(l.text)) // nobody is left to tell
	}}
}

// oneLine is harmless text whose line breaks and tabs are blanks.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.TrimRight(harmless(text), "\n"))
}
