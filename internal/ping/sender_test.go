package ping

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestSender(t *testing.T) {
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.RequestURI + " " + r.UserAgent()
	}))
	defer server.Close()
	var mu sync.Mutex
	var stuck error
	s := NewSender(SenderOptions{
		Progress: func(context.Context) error { mu.Lock(); defer mu.Unlock(); return stuck },
		Report:   func(text string) { t.Errorf("reported: %s", text) }, Agent: "orderly/1", Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	wait := func(want string) {
		t.Helper()
		select {
		case got := <-asked:
			if got != want {
				t.Errorf("asked for %q, want %q", got, want)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("nobody asked for %q", want)
		}
	}
	s.Configure(&model.HeartbeatOut{URL: server.URL + "/one?x=1", Every: time.Hour})
	wait("GET /one?x=1 orderly/1")
	s.Configure(&model.HeartbeatOut{URL: server.URL + "/two", Every: time.Hour})
	wait("GET /two orderly/1")
	mu.Lock()
	stuck = errors.New("it hangs")
	mu.Unlock()
	s.Configure(&model.HeartbeatOut{URL: server.URL + "/three", Every: time.Hour})
	s.Configure(&model.HeartbeatOut{URL: server.URL + "/four?x=1", Every: time.Hour, Healthchecks: true})
	wait("GET /four/fail?x=1 orderly/1") // three is not asked for: there is no progress
	s.Configure(nil)
	cancel()
	<-ended
}

func TestSenderTellsOnce(t *testing.T) {
	answers := http.StatusInternalServerError
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answers) }))
	defer server.Close()
	var reports []string
	s := NewSender(SenderOptions{
		Progress: func(context.Context) error { return nil }, Report: func(text string) { reports = append(reports, text) },
		Log: slog.New(slog.DiscardHandler),
	})
	s.pause = 0
	to := &model.HeartbeatOut{URL: server.URL + "/secret", Every: time.Minute}
	lost := s.beat(t.Context(), to, false)
	lost = lost && s.beat(t.Context(), to, lost)
	host := strings.TrimPrefix(server.URL, "http://")
	if !lost || len(reports) != 1 || reports[0] != "cannot give our sign of life to "+host+": it answers 500" {
		t.Errorf("lost: %v, reports: %q", lost, reports)
	}
	answers = http.StatusNoContent
	if s.beat(t.Context(), to, lost) || len(reports) != 1 {
		t.Errorf("then %q", reports)
	}
}

func TestSenderShowsNoSecrets(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Write([]byte("HTTP/1.1 " + r.RequestURI + "\r\n\r\n"))
			conn.Close()
		}
	}))
	defer echo.Close()
	s := NewSender(SenderOptions{Log: slog.New(slog.DiscardHandler)})
	s.pause = 0
	for _, u := range []string{server.URL, echo.URL, "http://127.0.0.1:1", "http://[::1", "https://name.invalid"} {
		err := s.send(t.Context(), u+"/hush-hush?key=hush", "")
		if err == nil || strings.Contains(err.Error(), "hush") || len(err.Error()) > 400 {
			t.Errorf("%s: %v", u, err)
		}
	}
}
