package api

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestReadOnly(t *testing.T) {
	reads := New(&fakeBackend{status: twoServices()}, nil, nil, "1.2.3", slog.New(slog.DiscardHandler)).Reads()
	h := Named("127.0.0.1:2812", func(r *http.Request) bool { return r.URL.Path == "/v1/version" }, reads)
	for _, tt := range []struct {
		name, method, target, host string
		status                     int
		body                       string
	}{
		{"status", "GET", "/v1/status", "localhost:2812", 200, `"generation":3,"host":"web1"`},
		{"by IPv6 address", "GET", "/v1/status?name=DB", "[::1]:2812", 200, `"name":"db"`},
		{"foreign name", "GET", "/v1/status", "evil.example:2812", 421, `not a name of this host`},
		{"name that looks like an address", "GET", "/v1/status", "127.0.0.1.evil.example", 421, `not a name of this host`},
		{"no name", "GET", "/v1/status", "", 421, `not a name of this host`},
		{"where any name will do", "GET", "/v1/version", "evil.example:2812", 200, `"version":"1.2.3"`},
		{"command", "POST", "/v1/do", "127.0.0.1:2812", 405, "nothing can be changed here"},
		{"reload", "POST", "/v1/reload", "127.0.0.1:2812", 405, "nothing can be changed here"},
		{"reload by GET", "GET", "/v1/reload", "127.0.0.1:2812", 404, "there is no GET /v1/reload"},
		{"check now", "GET", "/v1/status?now=1", "127.0.0.1:2812", 403, "control socket only"},
		{"unknown service", "GET", "/v1/status?name=x", "127.0.0.1:2812", 404, `there is no service`},
		{"bad time", "GET", "/v1/events?since=yesterday", "127.0.0.1:2812", 400, "write how long ago"},
		{"nothing there", "GET", "/admin", "127.0.0.1:2812", 404, "there is no GET /admin"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.target, nil)
			r.Host = tt.host
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			body, _ := io.ReadAll(w.Result().Body)
			if w.Code != tt.status || !strings.Contains(string(body), tt.body) {
				t.Errorf("got %d %s, want %d %s", w.Code, body, tt.status, tt.body)
			}
		})
	}
}

func TestGenerationHeader(t *testing.T) {
	h := New(&fakeBackend{status: twoServices()}, nil, nil, "", slog.New(slog.DiscardHandler)).Reads()
	r := httptest.NewRequest(http.MethodGet, "http://localhost/v1/version", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Orderly-Generation"); got != "3" {
		t.Errorf("generation header %q, want 3", got)
	}
}
