package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func TestUnreachable(t *testing.T) {
	dir := t.TempDir()
	killed := filepath.Join(dir, "killed.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: killed, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, socket, why, hint string }{
		{"no socket", filepath.Join(dir, "none.sock"), "orderly is not running (no socket at ", "orderly run"},
		{"no directory", filepath.Join(dir, "none", "o.sock"), "orderly is not running (no socket at ", "orderly run"},
		{"killed", killed, "nobody answers, so it was probably killed", "orderly run"},
		{"a file", file, "is not a socket", "--socket"},
		{"too long", filepath.Join(dir, strings.Repeat("x", MaxSocketPath)), "its path is longer than 103 bytes", "shorter"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.socket).Status(t.Context(), StatusQuery{})
			var u *Unreachable
			if !errors.As(err, &u) {
				t.Fatalf("error %v, want it to be unreachable", err)
			}
			if !strings.Contains(u.Why, tt.why) || !strings.Contains(u.Hint, tt.hint) || u.Socket != tt.socket {
				t.Errorf("got %+v, want %q and %q", u, tt.why, tt.hint)
			}
		})
	}
}

func TestDiagnosePermission(t *testing.T) {
	u := diagnose("/run/x.sock", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", os.ErrPermission)})
	if u.Why != "permission denied on /run/x.sock" || !strings.Contains(u.Hint, "sudo") {
		t.Errorf("got %+v", u)
	}
}

func TestBrokenConnectionIsUnreachable(t *testing.T) {
	c := New(answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == PathVersion {
			_, _ = w.Write([]byte(`{}`))
			return
		}
		panic(http.ErrAbortHandler)
	}))
	var u *Unreachable
	if _, err := c.Do(t.Context(), model.Command{}); !errors.As(err, &u) || !strings.Contains(u.Why, "closed the connection") {
		t.Errorf("Do = %v", err)
	}
	for _, err := range c.Events(t.Context(), EventQuery{}) {
		if !errors.As(err, &u) {
			t.Errorf("Events = %v", err)
		}
	}
}

func TestStrangeReplies(t *testing.T) {
	for _, tt := range []struct {
		status     int
		body, want string
	}{
		{200, "<html>", "cannot read the reply of orderly"},
		{500, "<html>", "orderly refused the request: 500"},
		{404, `{"error":"there is no service \"x\""}`, `there is no service "x"`},
	} {
		c := New(answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		}))
		if _, err := c.Status(t.Context(), StatusQuery{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%d %s: error %v, want %s", tt.status, tt.body, err, tt.want)
		}
	}
}

func TestGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := New(answering(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	_, err := c.Status(ctx, StatusQuery{})
	if u := (*Unreachable)(nil); !errors.Is(err, context.Canceled) || errors.As(err, &u) {
		t.Errorf("error %v, want cancelled and not unreachable", err)
	}
}

// answering serves h on a unix socket and returns its path.
func answering(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "o.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return path
}

func TestQueriesTravel(t *testing.T) {
	now := time.Date(2026, 1, 2, 15, 4, 5, 6, time.UTC)
	for _, q := range []StatusQuery{{}, {Names: []string{"a b", "c&d"}, Now: true}} {
		if got, err := ParseStatusQuery(q.Values()); err != nil || !reflect.DeepEqual(got, q) {
			t.Errorf("%+v became %+v, %v", q, got, err)
		}
	}
	for _, q := range []EventQuery{{}, {Service: "web", Since: now, Follow: true}} {
		if got, err := ParseEventQuery(q.Values(), now); err != nil || !reflect.DeepEqual(got, q) {
			t.Errorf("%+v became %+v, %v", q, got, err)
		}
	}
	if _, err := ParseStatusQuery(url.Values{"now": {"maybe"}}); err == nil {
		t.Error("now=maybe is accepted")
	}
	if _, err := ParseEventQuery(url.Values{"follow": {"maybe"}}, now); err == nil {
		t.Error("follow=maybe is accepted")
	}
}

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		in   string
		want time.Time
	}{
		{"", time.Time{}},
		{"90m", now.Add(-90 * time.Minute)},
		{"1h30m", now.Add(-90 * time.Minute)},
		{"7d", now.Add(-7 * 24 * time.Hour)},
		{"0s", now},
		{"2026-01-02T15:04:05Z", time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)},
		{"2026-01-02T15:04:05+01:00", time.Date(2026, 1, 2, 14, 4, 5, 0, time.UTC)},
	} {
		if got, err := ParseSince(tt.in, now); err != nil || !got.Equal(tt.want) {
			t.Errorf("%q = %v, %v, want %v", tt.in, got, err, tt.want)
		}
	}
	for _, bad := range []string{"yesterday", "-1h", "-1d", "1.5d", "d", "99999d", "2026-01-02"} {
		if got, err := ParseSince(bad, now); err == nil {
			t.Errorf("%q = %v, want an error", bad, got)
		}
	}
}

func TestHangingDaemonIsUnreachable(t *testing.T) {
	for name, call := range map[string]func(context.Context, *Client) error{
		"status": func(ctx context.Context, c *Client) error {
			_, err := c.Status(ctx, StatusQuery{})
			return err
		},
		"command": func(ctx context.Context, c *Client) error {
			_, err := c.Do(ctx, model.Command{Kind: model.CommandStop, All: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var silent []net.Conn
				dial := func(context.Context, string, string) (net.Conn, error) {
					near, far := net.Pipe()
					silent = append(silent, far)
					go func() { _, _ = io.Copy(io.Discard, far) }()
					return near, nil
				}
				c := &Client{"/run/x.sock", &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
				var u *Unreachable
				if err := call(t.Context(), c); !errors.As(err, &u) || !strings.Contains(u.Why, "does not answer within 10 s") {
					t.Errorf("error %v", err)
				}
				for _, conn := range silent {
					_ = conn.Close()
				}
			})
		})
	}
}
