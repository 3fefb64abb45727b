package httpd

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Clients decide how much is remarked on, so it has bounds: lines in a time, and characters of a line.
const (
	remarksPerPeriod = 60
	remarkPeriod     = time.Minute
	remarkLength     = 300
)

// remarks tell in the log of what clients do wrong. Nobody can fill a disk with them.
type remarks struct {
	log *slog.Logger

	mu      sync.Mutex // guards all below
	began   time.Time  // of the period
	made    int        // in the period
	dropped int
}

// add tells of one thing that a client did, unless there was too much of that.
func (r *remarks) add(now time.Time, level slog.Level, format string, args ...any) {
	made, dropped := r.count(now)
	if dropped > 0 {
		r.log.Warn(fmt.Sprintf("%d more remarks on clients of the web interface were left out", dropped))
	}
	if made {
		r.log.Log(context.Background(), level, printable(fmt.Sprintf(format, args...)))
	}
}

// count decides about a remark. What was left out is told once, with the first remark of the next period.
func (r *remarks) count(now time.Time) (made bool, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.began) >= remarkPeriod {
		dropped, r.dropped = r.dropped, 0
		r.began, r.made = now, 0
	}
	if r.made >= remarksPerPeriod {
		r.dropped++
		return false, 0
	}
	r.made++
	return true, dropped
}

// warn tells of what is wrong with the settings; no client can bring that about.
func (r *remarks) warn(what string, err error) { r.log.Warn(what, "err", err) }

// Write makes remarks the place where net/http complains about connections, and of a page that panicked.
func (r *remarks) Write(text []byte) (int, error) {
	said := strings.TrimSpace(string(text))
	if strings.HasPrefix(said, "http: panic serving") {
		r.log.Error(said) // all of it: that is a mistake of ours
		return len(text), nil
	}
	r.add(time.Now(), slog.LevelWarn, "%s", said)
	return len(text), nil
}

// printable keeps a text of a client on one line, and short.
func printable(text string) string {
	var b strings.Builder
	for _, c := range text {
		if b.Len() >= remarkLength {
			b.WriteString("...")
			break
		}
		if !unicode.IsPrint(c) {
			c = '?'
		}
		b.WriteRune(c)
	}
	return b.String()
}
