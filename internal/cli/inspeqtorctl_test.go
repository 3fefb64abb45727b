package cli

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// at answers one connection with what serve does, and returns the path of the socket.
func at(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		serve(conn)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return socket
}

// asked reads the line that was sent.
func asked(conn net.Conn) string {
	line := make([]byte, maxInspeqtorLine)
	n, _ := conn.Read(line)
	return string(line[:n])
}

// A daemon that misbehaves is told from one that denies something, and costs no more than its bounds.
func TestHostileInspeqtor(t *testing.T) { // I-25
	flood := []byte(strings.Repeat("x", 1<<20))
	for _, tt := range []struct {
		name  string
		serve func(net.Conn)
		want  string
	}{
		{"hangs up", func(conn net.Conn) { asked(conn) }, "it closed the connection without a word"},
		{"never ends", func(conn net.Conn) {
			for asked(conn); ; {
				if _, err := conn.Write(flood); err != nil {
					return
				}
			}
		}, "its answer is longer than 16 MB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, stdout, stderr := newProgram()
			status := p.main(t.Context(), []string{inspeqtorctlName, "-s", at(t, tt.serve), "status"})
			if status != exitUnreachable || stdout.Len() > 0 || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("status %d, %q, %q; want %q", status, stdout, stderr, tt.want)
			}
		})
	}
}

// Silence ends with the patience.
func TestSilentInspeqtor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), inspeqtorPatience)
		defer cancel()
		near, far := net.Pipe()
		defer far.Close()
		go asked(far)
		began := time.Now()
		_, err := exchange(ctx, near, "status")
		if took := time.Since(began); !errors.Is(err, os.ErrDeadlineExceeded) || took != inspeqtorPatience {
			t.Errorf("after %v: %v", took, err)
		}
		near.Close()
		if why := whyNoAnswer(err); why != "none came within 15 s" {
			t.Errorf("it is told as %q", why)
		}
	})
}

// A command that cannot be one line is not sent.
func TestInspeqtorctlLine(t *testing.T) {
	for _, word := range []string{"a\nb", "a\rb", strings.Repeat("a", maxInspeqtorLine)} {
		p, stdout, stderr := newProgram()
		status := p.main(t.Context(), []string{inspeqtorctlName, "-s", "/nonexistent", "job_done", word})
		if status != exitUsage || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), "inspeqtorctl: a command is one line, of at most 4096 bytes\n") {
			t.Errorf("status %d, %q, %q", status, stdout, stderr)
		}
	}
}

// What was said before the end counts, with or without a line break at the end.
func TestInspeqtorReply(t *testing.T) {
	for _, reply := range []string{"OK\n", "OK"} {
		var got string
		p, stdout, stderr := newProgram()
		socket := at(t, func(conn net.Conn) {
			got = asked(conn)
			_, _ = conn.Write([]byte(reply))
		})
		if status := p.main(t.Context(), []string{inspeqtorctlName, "-s", socket, "job_done", "b", "c"}); status != exitDone {
			t.Errorf("status %d, %q", status, stderr)
		}
		if stdout.String() != "OK\n" || got != "job_done b c\n" {
			t.Errorf("asked %q, printed %q", got, stdout)
		}
	}
}

func TestDenies(t *testing.T) {
	for reply, want := range map[string]bool{
		"Unknown command: x": true, "Unknown metric: x": true, "Invalid target: x": true, "Error: no such job": true,
		"Usage: job_done <name>": true, "show [target] [metric]": true,
		"OK": false, "Unknown memory:rss min 1": false, "show memory:rss min 1": false, "": false,
	} {
		if got := denies(reply); got != want {
			t.Errorf("%q: %v", reply, got)
		}
	}
}
