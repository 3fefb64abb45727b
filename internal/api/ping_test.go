package api

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"orderly/internal/client"
)

// Jobs may ping the read-only door, by any method, under the rules that hold for everybody there. Nothing else is let in.
func TestReadOnlyDoorHearsPings(t *testing.T) {
	pings := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method+" "+r.URL.Path) })
	for _, tt := range []struct {
		door                       http.Handler
		method, path, host, remote string
		status                     int
	}{
		{with(pings), "POST", "/ping/x", "localhost:2812", "127.0.0.1:1", 200},
		{with(pings), "GET", "/ping/x/fail", "127.0.0.1:2812", "[::1]:1", 200},
		{with(pings), "POST", "/ping/x", "evil.example.org", "127.0.0.1:1", 421},
		{with(pings), "POST", "/ping/x", "localhost", "192.0.2.1:1", 403},
		{with(pings), "POST", client.PathBeat, "localhost", "127.0.0.1:1", 405},
		{with(pings), "POST", "/ping", "localhost", "127.0.0.1:1", 405},
		{with(nil), "POST", "/ping/x", "localhost", "127.0.0.1:1", 405},
	} {
		r := httptest.NewRequest(tt.method, tt.path, nil)
		r.Host, r.RemoteAddr = tt.host, tt.remote
		w := httptest.NewRecorder()
		tt.door.ServeHTTP(w, r)
		if w.Code != tt.status || strings.HasPrefix(w.Body.String(), tt.method) != (tt.status == 200) {
			t.Errorf("%s %s of %s from %s: %d %s", tt.method, tt.path, tt.host, tt.remote, w.Code, w.Body)
		}
	}
}

// with is a read-only door with pings.
func with(pings http.Handler) http.Handler {
	s := New(&fakeBackend{status: twoServices()}, nil, nil, "test", slog.New(slog.DiscardHandler))
	if pings != nil {
		s.WithPings(pings)
	}
	return s.ReadOnly("127.0.0.1:2812")
}
