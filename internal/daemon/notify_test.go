package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"orderly/internal/engine"
)

// The watchdog of the init system is kept quiet only while the conductor makes progress.
func TestPatsWhileThereIsProgress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	heard := func(patience time.Duration) string {
		l.SetReadDeadline(time.Now().Add(patience))
		b := make([]byte, 100)
		n, err := l.Read(b)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	log := slog.New(slog.DiscardHandler)
	d := &instance{log: log, engine: engine.New(engine.Options{Log: log})}
	d.patOnce(t.Context(), 20*time.Millisecond) // nobody conducts: it takes no longer than it may, and says nothing
	if got := heard(time.Millisecond); got != "" {
		t.Errorf("a conductor that is stuck: %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.engine.Run(ctx) }()
	d.patOnce(t.Context(), time.Minute)
	if got := heard(time.Minute); got != "WATCHDOG=1" {
		t.Errorf("a conductor that works: %q", got)
	}
	cancel()
	<-ended
	d.patOnce(t.Context(), time.Minute)
	if got := heard(time.Millisecond); got != "" {
		t.Errorf("a conductor that has ended: %q", got)
	}
}
