package inspeqtor

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"orderly/internal/model"
)

func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "unix", path)
}

// running is a server that runs until the test ends, with a socket.
func running(t *testing.T, w *world, in *model.Inspeqtor) (s *Server, path string) {
	t.Helper()
	s = serving(t, w)
	path = filepath.Join(t.TempDir(), "socket")
	s.Socket, s.socket.open = path, listenUnix
	s.Configure(t.Context(), &model.Config{Settings: model.Settings{Host: "vm", Interval: time.Hour, Inspeqtor: in}})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s, path
}

// dial connects to a socket, for a minute at most.
func dial(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.UnixConn)
}

func TestSocket(t *testing.T) { // I-24
	w := &world{services: box(), jobs: map[string]int{"backup": 0}}
	_, path := running(t, w, &model.Inspeqtor{})
	long := strings.Repeat("x", maxLine)
	for _, c := range []struct {
		name, sent string
		end        bool // the client says that it has nothing more to say
		want       string
	}{
		{"a line", "job_done backup\n", false, "OK\n"},
		{"a line of another system", "job_done backup\r\n", false, "OK\n"},
		{"no end of the line", "job_done backup", true, "OK\n"},
		{"two lines", "job_done backup\nstart deploy\n", false, "OK\n"},
		{"nothing", "", true, usage},
		{"an empty line", "\n", false, usage},
		{"garbage", "\x00\xff\xfe\n", false, "Unknown command: \x00\xff\xfe\n"},
		{"the longest line", long + "\n", false, "Unknown command: " + long + "\n"},
		{"too long a line", long + "x", false, "Error: a command has 4096 bytes at most\n"},
	} {
		conn := dial(t, path)
		if _, err := io.WriteString(conn, c.sent); err != nil {
			t.Fatal(err)
		}
		if c.end {
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(conn); err != nil || string(got) != c.want {
			t.Errorf("%s: got %.100q (%v), want %.100q", c.name, got, err, c.want)
		}
	}
	w.set(func() {
		if len(w.deploys) != 0 || w.jobs["backup"] != 4 {
			t.Errorf("deploys %v, jobs %v", w.deploys, w.jobs)
		}
	})
}

// Who says nothing cannot keep others out, nor keep the daemon from ending.
func TestSocketSurvivesSilentClients(t *testing.T) {
	w := &world{jobs: map[string]int{"backup": 0}}
	_, path := running(t, w, &model.Inspeqtor{})
	for range maxVisitors + 4 {
		dial(t, path)
	}
	conn := dial(t, path)
	if _, err := io.WriteString(conn, "job_done backup\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || string(got) != "OK\n" {
		t.Errorf("got %q (%v)", got, err)
	}
	dial(t, path) // is still there when everything ends
}

func TestSocketFollowsTheConfiguration(t *testing.T) {
	s, path := running(t, &world{}, nil)
	if _, err := net.Dial("unix", path); err == nil {
		t.Error("a socket is open that nobody wants")
	}
	s.Configure(t.Context(), &model.Config{Settings: model.Settings{Inspeqtor: &model.Inspeqtor{}}})
	first := dial(t, path)
	s.Configure(t.Context(), &model.Config{Settings: model.Settings{Inspeqtor: &model.Inspeqtor{Deploy: 1}}}) // it stays open
	if _, err := io.WriteString(first, "job_done\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(first); err != nil || !strings.HasPrefix(string(got), "Usage") {
		t.Errorf("got %q (%v)", got, err)
	}
	s.Configure(t.Context(), &model.Config{})
	if _, err := net.Dial("unix", path); err == nil {
		t.Error("the socket is still open")
	}
}

// A place that is taken is told of once, and used as soon as it is free.
func TestSocketIsTriedAgain(t *testing.T) {
	var log logged
	free := make(chan struct{})
	tried := make(chan struct{}, 100)
	d := door{what: "nobody is answered", serve: func(l net.Listener) func() { return func() { _ = l.Close() } }}
	d.open = func(ctx context.Context, at string) (net.Listener, error) {
		tried <- struct{}{}
		select {
		case <-free:
			return listenUnix(ctx, at)
		default:
			return nil, errors.New("cannot listen: somebody does")
		}
	}
	path := filepath.Join(t.TempDir(), "socket")
	for range 3 {
		d.move(t.Context(), path, log.logger())
	}
	if !d.lacking() || len(tried) != 3 || strings.Count(log.String(), "nobody is answered") != 1 {
		t.Errorf("tried %d times, lacking %v, told %s", len(tried), d.lacking(), log.String())
	}
	close(free)
	d.move(t.Context(), path, log.logger())
	if d.lacking() {
		t.Error("the door is not open")
	}
	d.move(t.Context(), path, log.logger())
	if len(tried) != 4 {
		t.Errorf("an open door was opened again")
	}
	d.shut()
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		t.Error("the door is still open")
	}
}

func TestConfigureAfterTheEnd(t *testing.T) {
	s := serving(t, &world{})
	s.Socket, s.socket.open = filepath.Join(t.TempDir(), "socket"), listenUnix
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	s.Configure(t.Context(), &model.Config{Settings: model.Settings{Inspeqtor: &model.Inspeqtor{}}})
	if s.socket.at != "" {
		t.Error("a socket was opened that nobody will close")
	}
}

// Through a door come so many at a time; who waits outside is let go of when it is shut.
func TestVisitorsAreBounded(t *testing.T) {
	var inside net.Listener
	d := door{open: listenUnix, serve: func(l net.Listener) (stop func()) {
		inside = l
		return func() { _ = l.Close() }
	}}
	path := filepath.Join(t.TempDir(), "socket")
	d.move(t.Context(), path, slog.New(slog.DiscardHandler))
	for range maxVisitors {
		dial(t, path)
		conn, err := inside.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	dial(t, path)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if _, err := inside.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("there is no room, and Accept returns %v", err)
		}
	})
	d.shut()
	waiting.Wait()
}

// However a line arrives it is the same, and never more than its bound is read.
func FuzzReadLine(f *testing.F) {
	for _, seed := range []string{"", "\n", "status\n", "status", "start deploy\r\nstatus\n", "\x00", strings.Repeat("x", maxLine), strings.Repeat("x", maxLine+1)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		line, _, ended := bytes.Cut(text, []byte("\n"))
		tooLong := len(line) > maxLine
		for name, r := range map[string]io.Reader{
			"at once": bytes.NewReader(text), "in bytes": iotest.OneByteReader(bytes.NewReader(text)),
			"with its end": iotest.DataErrReader(bytes.NewReader(text)),
		} {
			got, err := readLine(r)
			switch {
			case tooLong && !errors.Is(err, errTooLong):
				t.Errorf("%s: a line of %d bytes is taken (%v)", name, len(line), err)
			case !tooLong && (err != nil || got != string(line)):
				t.Errorf("%s: got %q (%v), want %q", name, got, err, line)
			}
		}
		if !tooLong && ended {
			if _, err := readLine(io.MultiReader(bytes.NewReader(text), iotest.ErrReader(errors.New("reset")))); err != nil {
				t.Errorf("what comes behind the line counts: %v", err)
			}
		}
	})
}
