package minitor

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// world is what the server is told of.
type world struct {
	services []model.Snapshot
	err      error
}

func (w *world) Snapshots(context.Context) ([]model.Snapshot, error) { return w.services, w.err }

func service(name string) *model.Service {
	return &model.Service{Name: name, Kind: model.KindProgram, Rules: make([]model.Rule, 1)}
}

func newServer(w *world) *Server {
	return New(Options{Backend: w, Waiting: func() int { return 7 }, Address: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
}

func get(s *Server, method, path string) *httptest.ResponseRecorder {
	out := httptest.NewRecorder()
	s.ServeHTTP(out, httptest.NewRequest(method, path, nil))
	return out
}

// Pins M-080 and M-081: the four metrics, by Minitor's names and labels, at both places.
func TestMetrics(t *testing.T) {
	web, odd := service("web"), service("o\"d\\d\n")
	at := time.Unix(1_800_000_000, 0)
	w := &world{services: []model.Snapshot{
		{Spec: web, Monitored: true, Checks: 3, Rules: []model.RuleSnapshot{{Failed: true}}},
		{Spec: odd, Monitored: true, Checks: 1, Rules: []model.RuleSnapshot{{}}},
		{Spec: service("new"), Monitored: true, Rules: []model.RuleSnapshot{{}}},
		{Spec: &model.Service{Name: "box", Kind: model.KindSystem}, Checks: 7},
	}}
	s := newServer(w)
	s.Checked(model.Checked{Service: web, At: at, Took: 12 * time.Millisecond})
	s.Checked(model.Checked{Service: web, At: at, Took: 1500 * time.Millisecond, Failed: true})
	s.Checked(model.Checked{Service: web, At: at, Took: 2 * time.Second, Failed: true, Told: true, Down: true})
	s.Checked(model.Checked{Service: odd, At: at})
	s.Checked(model.Checked{Service: &model.Service{Name: "box", Kind: model.KindSystem}, At: at})
	s.Sent(model.Route{Address: "mail"}, model.Event{Service: "web"})
	s.Failed(model.Route{Address: "hook"}, model.Event{Service: "web"})
	s.Sent(model.Route{Address: "mail"}, model.Event{})
	want := []string{
		"# TYPE minitor_check_total counter",
		`minitor_check_total{is_alert="false",monitor="web",status="success"} 1`,
		`minitor_check_total{is_alert="false",monitor="web",status="failure"} 1`,
		`minitor_check_total{is_alert="true",monitor="web",status="failure"} 1`,
		`minitor_check_total{is_alert="false",monitor="o\"d\\d\n",status="success"} 1`,
		`minitor_check_milliseconds{monitor="web",status="failure"} 2000`,
		`minitor_check_milliseconds{monitor="web",status="success"} 12`,
		`minitor_alert_total{alert="mail",monitor="web"} 1`,
		`minitor_monitor_up_count{monitor="web"} 0`,
		`minitor_monitor_up_count{monitor="o\"d\\d\n"} 1`,
		`orderly_alert_failures_total{alert="hook",monitor="web"} 1`,
		`orderly_check_seconds_bucket{monitor="web",le="0.05"} 1`,
		`orderly_check_seconds_bucket{monitor="web",le="+Inf"} 3`,
		`orderly_check_seconds_sum{monitor="web"} 3.512`,
		"orderly_alerts_waiting 7",
		`orderly_last_success_timestamp_seconds{monitor="web"} 1.8e+09`,
	}
	for _, path := range []string{"/metrics", "/"} {
		got := get(s, "GET", path)
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != contentType {
			t.Errorf("%s: %d %s", path, got.Code, got.Header())
		}
		lines := strings.Split(got.Body.String(), "\n")
		has := func(line string) bool {
			for _, l := range lines {
				if l == line {
					return true
				}
			}
			return false
		}
		for _, line := range want {
			if !has(line) {
				t.Errorf("%s has no line %s:\n%s", path, line, got.Body)
			}
		}
		if body := got.Body.String(); strings.Contains(body, `"box"`) || strings.Contains(body, `"new"`) {
			t.Errorf("%s tells of what is no monitor, or was never checked:\n%s", path, body)
		}
	}
}

// Pins M-100.
func TestHealth(t *testing.T) {
	w := &world{services: []model.Snapshot{{Spec: service("web"), Monitored: true, Checks: 1, Rules: []model.RuleSnapshot{{}}}}}
	s := newServer(w)
	for _, c := range []struct {
		what   string
		do     func()
		path   string
		status int
		body   string
	}{
		{"nothing yet", func() {}, "/healthz", 200, "alive\nnothing was checked yet\nalerts arrive\n"},
		{"well", func() { s.Checked(model.Checked{Service: service("web"), At: time.Unix(0, 0)}) }, "/healthz?monitors=1", 200, "alive\nlast check 1970-01-01T00:00:00Z\nalerts arrive\n"},
		{"an alert fails", func() { s.Failed(model.Route{Address: "hook"}, model.Event{Service: "web"}) }, "/healthz", 200, "alive\nlast check 1970-01-01T00:00:00Z\nalerts do not arrive: hook\n"},
		{"down", func() { w.services[0].Rules[0].Failed = true }, "/healthz?monitors=1", 503, "alive\nlast check 1970-01-01T00:00:00Z\nalerts do not arrive: hook\ndown: web\n"},
		{"down, but not asked for", func() {}, "/healthz", 200, "alive\nlast check 1970-01-01T00:00:00Z\nalerts do not arrive: hook\n"},
		{"it arrives", func() { s.Sent(model.Route{Address: "hook"}, model.Event{Service: "web"}) }, "/healthz", 200, "alive\nlast check 1970-01-01T00:00:00Z\nalerts arrive\n"},
		{"stuck", func() { w.err = errors.New("x") }, "/healthz", 503, "not alive: it is not known how the services are\n"},
	} {
		c.do()
		if got := get(s, "GET", c.path); got.Code != c.status || got.Body.String() != c.body {
			t.Errorf("%s: %d %q", c.what, got.Code, got.Body)
		}
	}
	if got := get(s, "GET", "/metrics"); got.Code != 503 {
		t.Errorf("metrics although it is not known: %d", got.Code)
	}
}

func TestOtherRequests(t *testing.T) {
	s := newServer(&world{})
	if got := get(s, "POST", "/metrics"); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got.Code)
	}
	if got := get(s, "GET", "/admin"); got.Code != http.StatusNotFound {
		t.Errorf("/admin: %d", got.Code)
	}
}

// It waits for a place that is taken, answers there, and leaves when it is told to.
func TestRun(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(&world{})
	s.Address = taken.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("with its place taken: %v", err)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	go func() { ended <- s.Run(ctx) }()
	var res *http.Response
	for res == nil {
		if res, err = http.Get("http://" + s.Address + "/metrics"); err != nil {
			res = nil
		}
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || !strings.Contains(string(body), "minitor_check_total") {
		t.Errorf("%s, %v", body, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("after the end: %v", err)
	}
}
