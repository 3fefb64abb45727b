package logbook

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"unicode"
)

// Console is for those who watch: what is wrong goes to stderr and the rest to stdout, in the words of the log without
// time and level, as far as it matters as much as least. The writers are used by one goroutine at a time.
func Console(stdout, stderr io.Writer, least slog.Level) slog.Handler {
	var one sync.Mutex
	return &handler{least: least, put: func(l line) {
		to := stdout
		if l.rank == failure || l.rank == warning {
			to = stderr
		}
		one.Lock()
		defer one.Unlock()
		_, _ = fmt.Fprintln(to, harmless(l.text)) // nobody is left to tell
	}}
}

// harmless keeps text that programs and servers wrote from commanding a terminal.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '?'
		}
		return r
	}, text)
}
