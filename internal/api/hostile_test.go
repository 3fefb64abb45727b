package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A pipeListener hands out the far ends of in-memory connections, so that a bubble of fake time can hold them.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (l *pipeListener) dial() net.Conn {
	near, far := net.Pipe()
	l.conns <- far
	return near
}

// inBubble runs a test against a server in fake time. It returns how long the server took to stop.
func inBubble(t *testing.T, b backend, test func(t *testing.T, l *pipeListener)) (stopping time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := New(b, b, b, "", slog.New(slog.DiscardHandler))
		l := newPipes()
		var server sync.WaitGroup
		server.Go(func() {
			if err := Serve(ctx, l, s.control(), s.log); err != nil {
				t.Error(err)
			}
		})
		test(t, l)
		cancel()
		begin := time.Now()
		server.Wait()
		stopping = time.Since(begin)
	})
	return stopping
}

// untilClosed reads all the server says and returns how long it took to hang up.
func untilClosed(conn net.Conn) (time.Duration, string) {
	begin := time.Now()
	said, _ := io.ReadAll(conn)
	return time.Since(begin), string(said)
}

func TestSlowClientsAreHungUpOn(t *testing.T) {
	for _, tt := range []struct {
		name, sends string
		within      time.Duration
	}{
		{"says nothing", "", headerPatience},
		{"half a header", "GET /v1/status HTTP/1.1\r\nHost: x\r\nX-Slow: ", headerPatience},
		{"no body", "POST /v1/do HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", bodyPatience},
		{"idle after a reply", "GET /v1/version HTTP/1.1\r\nHost: x\r\n\r\n", idlePatience},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, &fakeBackend{status: twoServices()}, func(t *testing.T, l *pipeListener) {
				conn := l.dial()
				go func() { _, _ = io.WriteString(conn, tt.sends) }()
				took, said := untilClosed(conn)
				if took > tt.within+time.Second {
					t.Errorf("kept for %v, want at most %v; it said %q", took, tt.within, said)
				}
			})
		})
	}
}

func TestClientThatDoesNotReadIsHungUpOn(t *testing.T) {
	for _, path := range []string{"/v1/status", "/v1/events?follow=1"} {
		t.Run(path, func(t *testing.T) {
			b := &fakeBackend{status: twoServices(), events: []model.Event{{Text: "something"}}}
			inBubble(t, b, func(t *testing.T, l *pipeListener) {
				conn := l.dial()
				_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
				time.Sleep(writePatience + time.Second)
				synctest.Wait()
				if _, err := conn.Write([]byte("x")); err == nil {
					t.Error("the connection is still open")
				}
			})
		})
	}
}

func TestWaitingForACommandHasNoDeadline(t *testing.T) {
	b := &fakeBackend{status: twoServices(), do: func(ctx context.Context, c model.Command) ([]model.Outcome, error) {
		select {
		case <-time.After(time.Hour):
			return []model.Outcome{{Service: "web", Done: "restarted"}}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	inBubble(t, b, func(t *testing.T, l *pipeListener) {
		conn := l.dial()
		body := `{"kind":"restart","names":["web"]}`
		_, _ = fmt.Fprintf(conn, "POST /v1/do HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", resp, err)
		}
		_ = resp.Body.Close()
		_ = conn.Close()
	})
}

func TestStoppingEndsStreamsAndCommands(t *testing.T) {
	b := &fakeBackend{status: twoServices(), do: func(ctx context.Context, _ model.Command) ([]model.Outcome, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	stopping := inBubble(t, b, func(t *testing.T, l *pipeListener) {
		for _, request := range []string{
			"GET /v1/events?follow=1 HTTP/1.1\r\nHost: x\r\n\r\n",
			"POST /v1/do?wait=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\n" + `{"kind":"stop","all":true}`,
			"POST /v1/do HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\n" + `{"kind":"stop","all":true}`,
		} {
			conn := l.dial()
			go func() { _, _ = io.WriteString(conn, request); _, _ = io.Copy(io.Discard, conn) }()
		}
		synctest.Wait() // all are waiting now
	})
	if stopping >= farewell {
		t.Errorf("stopping took %v: requests under way were cut off, not ended", stopping)
	}
}

func TestGarbage(t *testing.T) {
	for _, tt := range []struct {
		name, raw string
		want      int
	}{
		{"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400},
		{"endless header", "GET / HTTP/1.1\r\nX: " + strings.Repeat("a", maxHeader+8<<10) + "\r\n\r\n", 431},
		{"body too long", fmt.Sprintf("POST /v1/do HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 1<<40, `{"kind":"`+strings.Repeat("a", maxBody)), 413},
		{"two lengths", "POST /v1/do HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400},
		{"not JSON", "POST /v1/do HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n\x00\xff{}", 400},
		{"nested too deep", "POST /v1/do HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("[", 100000), 400},
		{"wrong method", "DELETE /v1/status HTTP/1.1\r\nHost: x\r\n\r\n", 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, &fakeBackend{status: twoServices()}, func(t *testing.T, l *pipeListener) {
				conn := l.dial()
				go func() { _, _ = io.WriteString(conn, tt.raw) }()
				_, said := untilClosed(conn)
				if want := fmt.Sprintf("HTTP/1.1 %d ", tt.want); !strings.HasPrefix(said, want) {
					t.Errorf("got %q, want %s", said, want)
				}
			})
		})
	}
}

// TestManyConnections fills all but one of the slots with silent connections; another client does not notice.
func TestManyConnections(t *testing.T) {
	path := serve(t, &fakeBackend{status: twoServices()})
	for range maxConnections - 1 {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
	}
	if _, err := client.New(path).Status(t.Context(), client.StatusQuery{}); err != nil {
		t.Error(err)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipes := newPipes()
		l := limited(pipes, 1)
		go func() { pipes.dial() }()
		first, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		accepted := make(chan error, 1)
		go func() { _, err := l.Accept(); accepted <- err }()
		synctest.Wait()
		select {
		case <-accepted:
			t.Error("a second connection was accepted")
		default:
		}
		_ = first.Close()
		_ = first.Close() // gives one slot back, not two
		go func() { pipes.dial() }()
		if err := <-accepted; err != nil {
			t.Error(err)
		}
		_ = l.Close()
		if _, err := l.Accept(); err == nil {
			t.Error("accepts after Close")
		}
	})
}
