package logbook

import (
	"bytes"
	"log/slog"
	"testing"
)

func TestConsole(t *testing.T) { // C-04: severity decides between the two
	var stdout, stderr bytes.Buffer
	log := slog.New(Console(&stdout, &stderr, slog.LevelInfo)).With("service", "web")
	log.Info("started", "action", "start")
	log.Info("is down", "kind", "failed")
	log.Warn("odd \x1b[31m\nmore")
	log.Error("cannot stop", "err", "exit status 1")
	log.Debug("unheard")
	if got, want := stdout.String(), "'web' started -- start\n"; got != want {
		t.Errorf("stdout %q, want %q", got, want)
	}
	if got, want := stderr.String(), "'web' is down\n'web' odd ?[31m\nmore\n'web' cannot stop: exit status 1\n"; got != want {
		t.Errorf("stderr %q, want %q", got, want)
	}
}
