package logbook

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestLinesOfTheFile(t *testing.T) { // L-01
	for _, c := range []struct {
		level slog.Level
		text  string
		args  []any
		want  string
	}{
		{slog.LevelInfo, "ready", nil, "info     : ready"},
		{slog.LevelWarn, "process is not running", []any{"kind", "failed", "service", "web", "rule", "does not exist", "action", "restart"}, "error    : 'web' process is not running -- restart [does not exist]"},
		{slog.LevelInfo, "process is running", []any{"kind", "recovered", "service", "web", "action", "alert"}, "info     : 'web' process is running"},
		{slog.LevelWarn, "no web interface", []any{"err", errors.New("port in use")}, "warning  : no web interface: port in use"},
		{slog.LevelError, "cannot reload", nil, "error    : cannot reload"},
		{slog.LevelInfo, "ended", []any{"count", 3, "service", "a b"}, "info     : 'a b' ended (count=3)"},
		{slog.LevelInfo, "first\nsecond", nil, "info     : first\nsecond"},
	} {
		path := filepath.Join(t.TempDir(), "log")
		b := New("orderly")
		if err := b.Open(Place{File: path}); err != nil {
			t.Fatal(err)
		}
		slog.New(b.Handler()).Log(t.Context(), c.level, c.text, c.args...)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stamp, rest, _ := strings.Cut(string(got), "] ")
		if _, err := time.Parse("[2006-01-02T15:04:05-0700", stamp); err != nil {
			t.Errorf("the time is %q", stamp)
		}
		if rest != c.want+"\n" {
			t.Errorf("got %q, want %q", rest, c.want)
		}
	}
}

func TestReopenBeginsAMovedFileAnew(t *testing.T) { // D-01: SIGHUP after log rotation
	path := filepath.Join(t.TempDir(), "log")
	b := New("orderly")
	log := slog.New(b.Handler())
	log.Info("nobody reads this")
	if err := b.Open(Place{File: path}); err != nil {
		t.Fatal(err)
	}
	log.Info("one")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := b.Open(Place{File: path}); err != nil {
		t.Fatal(err)
	}
	log.Info("two")
	if err := b.Open(Place{File: filepath.Join(path, "no", "such")}); err == nil {
		t.Error("a log that cannot be written was opened")
	}
	log.Info("three")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	log.Info("too late")
	old, _ := os.ReadFile(path + ".1")
	fresh, _ := os.ReadFile(path)
	if strings.Contains(string(old), "nobody") || strings.Contains(string(old), "two") || !strings.Contains(string(fresh), ": two\n") ||
		!strings.Contains(string(fresh), ": three\n") || strings.Contains(string(fresh), "too late") {
		t.Errorf("old %q, new %q", old, fresh)
	}
	if err := b.Open(Place{File: path}); err == nil {
		t.Error("a closed book was opened")
	}
}

func TestAMovedFileIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	s, err := openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := s.(*file)
	defer f.close()
	now := f.looked
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	for i, at := range []time.Time{now, now.Add(moveCheck)} {
		if err := f.write(line{at, info, fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !strings.HasSuffix(string(got), ": 1\n") || strings.Contains(string(got), ": 0\n") {
		t.Errorf("got %q, %v", got, err)
	}
}

// A stuck sink is a disk that does not answer.
type stuck struct{ release chan struct{} }

func (s stuck) write(line) error { <-s.release; return nil }
func (s stuck) close()           {}

// TestAFifoIsNotWaitedFor would hang if opening one did.
func TestAFifoIsNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("cannot make a fifo: %v", err)
	}
	b := New("orderly")
	defer func() { _ = b.Close() }()
	if err := b.Open(Place{File: path}); err == nil || !strings.HasPrefix(err.Error(), "cannot write the log: ") {
		t.Errorf("opening a fifo that nobody reads: %v", err)
	}
}

func TestAStuckDiskHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New("orderly")
		release := make(chan struct{})
		b.place = Place{File: "x"}
		b.sinks <- stuck{release}
		log := slog.New(b.Handler())
		log.Info("x")
		synctest.Wait() // the book now writes this line, and will for as long as the disk is stuck
		for range 3 * queueLength {
			log.Info("x") // would deadlock if it waited
		}
		if b.lost != 2*queueLength {
			t.Errorf("%d lines were lost", b.lost)
		}
		if err := b.Close(); err == nil {
			t.Error("closing waited for the disk")
		}
		close(release)
		<-b.done
	})
}

func TestSyslog(t *testing.T) { // L-01: facility, ident and process
	if _, err := openSyslog("kernel", "orderly"); err == nil {
		t.Error("a facility that there is not was taken")
	}
	if _, err := net.Dial("unixgram", "/dev/log"); err != nil {
		t.Skip("no syslog daemon here")
	}
	s, err := openSyslog("local3", "orderly")
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, r := range []rank{debug, info, warning, failure} {
		if err := s.write(line{time.Now(), r, "a test of orderly's log"}); err != nil {
			t.Error(err)
		}
	}
}
