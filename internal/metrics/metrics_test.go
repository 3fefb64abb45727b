package metrics

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"orderly/internal/model"
)

// A world is what there is to tell.
type world struct {
	services []model.ServiceStatus
	measured []model.Snapshot
	err      error
}

func (w *world) Status(context.Context, []string, bool) (model.HostStatus, error) {
	return model.HostStatus{
		Generation: 3, Services: w.services, Destinations: []model.Destination{{Channel: "mail", Address: "ann@example.org"}, {Channel: "slack"}},
		Ailing: []model.Ailment{{Channel: "slack", Address: "https://hooks.example.org/secret"}},
	}, w.err
}

func (w *world) Snapshots(context.Context, []string) ([]model.Snapshot, uint64, error) {
	return w.measured, 3, nil
}

func (w *world) Silences(context.Context) ([]model.Silence, error) {
	return []model.Silence{{ID: "1", All: true}}, nil
}

func (w *world) metrics() *Metrics {
	one := func() int { return 1 }
	return New(Options{View: w, Open: one, Waiting: one, Last: func() uint64 { return 42 }, Version: "1.2.3", Log: slog.New(slog.DiscardHandler)})
}

// town is a host with a service that fails, and one whose name and rule are not well meant.
func town() *world {
	at := time.Unix(1_700_000_000, 0)
	web := &model.Service{Name: "web", Kind: model.KindHost, Subject: model.Subject{Address: "web.example.org"}}
	web.Rules = []model.Rule{{Text: "failed port 80", Probe: &model.Probe{Kind: model.ProbePort, Port: 80}, Metric: model.OK}}
	return &world{
		services: []model.ServiceStatus{
			{
				Name: "web", Kind: model.KindHost, State: model.StateFailing, Monitored: true, Since: at, Checked: at, Restarts: 2, Silenced: "deploy",
				Rules: []model.RuleStatus{{Text: "failed port 80", State: model.RuleFailing}, {Text: "failed port 80", State: model.RuleOK}},
			},
			{Name: "a\"b\n\\c\xff", Kind: model.KindProcess, State: model.StateUnknown, Rules: []model.RuleStatus{{Text: "x", State: model.RuleUnknown}}},
		},
		measured: []model.Snapshot{
			{
				Spec: web, Readings: model.Readings{{Metric: model.Latency, Value: model.Num(0.25)}, {Metric: model.Output, Value: model.Str("secret")}},
				Probes: []model.Result{{OK: true, Readings: model.Readings{{Metric: model.Latency, Value: model.Num(0.5)}}}},
			},
			{Spec: &model.Service{Name: "a\"b\n\\c\xff"}, Readings: model.Readings{{Metric: model.CPU, Value: model.Num(12.5)}, {Metric: model.CPU, Value: model.Num(1)}}},
		},
	}
}

func scrape(t testing.TB, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestScrape(t *testing.T) {
	m := town().metrics()
	m.Checked(model.Checked{Service: &model.Service{Kind: model.KindHost}, Sample: &model.Sample{}, Failed: true, Took: 30 * time.Millisecond})
	m.Checked(model.Checked{Service: &model.Service{Kind: model.KindHost}})
	m.Happened(model.Event{Kind: model.EventFailed})
	m.Tried("mail", nil)
	m.Tried("slack", errors.New("no"))
	text := scrape(t, m)
	for _, want := range []string{
		`orderly_build_info{goversion="go`, `,version="1.2.3"} 1`,
		`orderly_service_up{kind="host",service="web"} 0`,
		`orderly_service_state{service="web",state="failing"} 1`,
		`orderly_service_state{service="web",state="ok"} 0`,
		`orderly_service_monitored{service="web"} 1`,
		`orderly_service_silenced{service="web"} 1`,
		`orderly_service_state_since_timestamp_seconds{service="web"} 1.7e+09`,
		`orderly_service_restarts_total{service="web"} 2`,
		`orderly_rule_failing{rule="failed port 80",service="web"} 1`,
		`orderly_value{metric="latency",part="",service="web",unit="s"} 0.25`,
		`orderly_value{metric="latency",part="port 80",service="web",unit="s"} 0.5`,
		`orderly_value{metric="cpu",part="",service="a\"b\n\\c�",unit="%"} 12.5`,
		`orderly_check_duration_seconds_bucket{kind="host",le="0.1"} 2`,
		`orderly_checks_total{kind="host",result="bad"} 1`,
		`orderly_checks_total{kind="host",result="unknown"} 1`,
		`orderly_events_total{kind="failed"} 1`,
		`orderly_alerts_total{channel="mail",result="sent"} 1`,
		`orderly_alerts_total{channel="slack",result="failed"} 1`,
		`orderly_channel_ailing{channel="mail"} 0`,
		`orderly_channel_ailing{channel="slack"} 1`,
		"orderly_configuration_generation 3\n", "orderly_services 2\n", "orderly_silences 1\n", "orderly_incidents_open 1\n",
		"orderly_journal_last_event 42\n", "orderly_alerts_waiting 1\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %s", want)
		}
	}
	for _, never := range []string{"secret", "example.org", `orderly_service_up{kind="process"`, `rule="x"`} {
		if strings.Contains(text, never) {
			t.Errorf("it tells %s", never)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// Whatever Prometheus accepts, it gets text, and all of it in the same form.
func TestScrapeIsText(t *testing.T) {
	m := town().metrics()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.9,*/*;q=0.1")
	r.Header.Set("Accept-Encoding", "zstd, gzip")
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Errorf("it is %s", kind)
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"go_goroutines ", "orderly_build_info{", "orderly_service_up{", "orderly_value{"} {
		if !strings.Contains(string(text), "\n"+want) {
			t.Errorf("it lacks %s", want)
		}
	}
}

func TestScrapeIsClean(t *testing.T) {
	m := town().metrics()
	m.Tried("mail", nil)
	m.Happened(model.Event{Kind: model.EventFailed})
	problems, err := promlint.New(strings.NewReader(scrape(t, m))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// The program that Prometheus comes with finds nothing to say either.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	m := town().metrics()
	m.Checked(model.Checked{Service: &model.Service{Kind: model.KindHost}, Sample: &model.Sample{}, Failed: true, Took: 30 * time.Millisecond})
	m.Tried("mail", nil)
	m.Happened(model.Event{Kind: model.EventFailed})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	check := exec.CommandContext(ctx, promtool, "check", "metrics")
	check.Stdin = strings.NewReader(scrape(t, m))
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// Without the services, what is counted is told all the same.
func TestScrapeOfTheStunned(t *testing.T) {
	w := town()
	w.err = errors.New("it is stopping")
	if text := scrape(t, w.metrics()); !strings.Contains(text, "orderly_journal_last_event 42\n") || strings.Contains(text, "orderly_services ") {
		t.Error(text)
	}
}

// The page about metrics has each of ours, and no others; so has the dashboard of Grafana.
func TestDocs(t *testing.T) {
	m := town().metrics()
	m.Checked(model.Checked{Service: &model.Service{Kind: model.KindHost}})
	m.Tried("mail", nil)
	m.Happened(model.Event{Kind: model.EventFailed})
	told := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^# TYPE (orderly_\S+)`).FindAllStringSubmatch(scrape(t, m), -1) {
		told[match[1]] = true
	}
	name := regexp.MustCompile(`\borderly_[a-z_]+`)
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, match := range regexp.MustCompile("(?m)^\\| `(orderly_[a-z_]+)").FindAllStringSubmatch(string(page), -1) {
		documented[match[1]] = true
		if !told[match[1]] {
			t.Errorf("the page has %s, which there is not", match[1])
		}
	}
	for name := range told {
		if !documented[name] {
			t.Errorf("the page lacks %s", name)
		}
	}
	board, err := os.ReadFile("../../packaging/grafana/orderly.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, used := range name.FindAllString(string(board), -1) {
		if !told[strings.TrimSuffix(used, "_bucket")] {
			t.Errorf("Grafana's dashboard shows %s, which there is not", used)
		}
	}
}

func BenchmarkScrape(b *testing.B) {
	w := town()
	for i := range 1000 {
		s, m := w.services[0], w.measured[0]
		spec := *m.Spec
		spec.Name = fmt.Sprint("service ", i)
		s.Name, m.Spec = spec.Name, &spec
		w.services, w.measured = append(w.services, s), append(w.measured, m)
	}
	m := w.metrics()
	for b.Loop() {
		_, _ = io.WriteString(io.Discard, scrape(b, m))
	}
}
