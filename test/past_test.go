package test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
	"orderly/internal/store"
)

// manyServices is how many services the pages must be quick with.
const manyServices = 1000

// many is a configuration of so many services, each a file that is there. What comes first is put before them.
func many(n int, first string) string {
	var b strings.Builder
	b.WriteString(first)
	b.WriteString("services:\n")
	for i := range n {
		fmt.Fprintf(&b, "  service%d:\n    file: @DIR@/flag\n    groups: [group%d]\n", i, i%20)
	}
	return b.String()
}

// A past is what orderly would have kept of so many services, with some measurements each, as by the default retention.
type past struct {
	services int
	metrics  []model.Metric
	days     int // of uptime, and of measurements by the day
	quarters int // days of which quarters of an hour are kept
	minutes  int // days of which minutes are kept
}

// write puts it into a state directory that no daemon uses.
func (p past) write(tb testing.TB, dir string, now time.Time) {
	tb.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	s, err := store.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	defer s.Close()
	s.Retain(model.Retention{}) // what is written is not summed up meanwhile
	today := now.Truncate(24 * time.Hour)
	for d := p.days; d >= 0; d-- {
		day := today.AddDate(0, 0, -d)
		p.writeUptime(s, day, now)
		p.writeRollups(tb, s, model.Day, day, day.Add(24*time.Hour))
	}
	p.writeRollups(tb, s, model.Quarter, today.AddDate(0, 0, -p.quarters), now)
	p.writeRollups(tb, s, model.Minute, today.AddDate(0, 0, -p.minutes), now)
	flush(tb, s)
}

// writeUptime writes the hours of a day. Each service has a bad hour every two weeks, and none of them is bad on the same day as all others.
func (p past) writeUptime(s *store.Store, day, now time.Time) {
	var rows []model.ServiceTally
	for i := range p.services {
		name, hours := fmt.Sprint("service", i), min(24, int(now.Sub(day)/time.Hour))
		good := func(from, to int) {
			if to > from {
				rows = append(rows, model.ServiceTally{Service: name, Hours: to - from, Tally: model.Tally{At: day.Add(time.Duration(from) * time.Hour), Up: 3600}})
			}
		}
		if bad := i % 24; (int(day.Unix()/86400)+i)%14 == 0 && bad < hours {
			good(0, bad)
			rows = append(rows, model.ServiceTally{Service: name, Hours: 1, Tally: model.Tally{At: day.Add(time.Duration(bad) * time.Hour), Up: 3300 - i%60, Down: 300 + i%60}})
			good(bad+1, hours)
			continue
		}
		good(0, hours)
	}
	s.SaveTallies(rows)
}

func (p past) writeRollups(tb testing.TB, s *store.Store, span model.Span, from, to time.Time) {
	tb.Helper()
	var rows []model.SeriesRollup
	for at := from; at.Before(to); at = at.Add(time.Duration(span)) {
		for i := range p.services {
			for _, m := range p.metrics {
				v := float64(i) + float64(at.Unix()%86400)/86400
				rows = append(rows, model.SeriesRollup{
					Series: model.Series{Service: fmt.Sprint("service", i), Metric: m},
					Rollup: model.Rollup{At: at, Count: int(time.Duration(span) / (30 * time.Second)), Low: v, High: v + 1, Sum: v * 2},
				})
			}
		}
		if len(rows) > 20_000 {
			s.SaveRollups(span, rows)
			rows = nil
			flush(tb, s)
		}
	}
	s.SaveRollups(span, rows)
	flush(tb, s)
}

func flush(tb testing.TB, s *store.Store) {
	tb.Helper()
	if err := s.Flush(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// quickPages are those that have to be quick with 1000 services: what people look at, and what programs ask for.
var quickPages = []struct{ name, path string }{
	{"status-page", "/page/"},
	{"summary", "/page/summary.json"},
	{"feed", "/page/atom"},
	{"component", "/page/component/500"},
	{"badge", "/page/badge/500/uptime.svg"},
	{"overview", "/"},
	{"service", "/services/service500"},
	{"service/7d", "/services/service500?range=7d"},
	{"service/90d", "/services/service500?range=90d"},
	{"components", "/api/v1/components"},
	{"components/1000", "/api/v1/components?per_page=1000"},
	{"metrics", "/metrics"},
	{"status", "/v1/status"},
}

// BenchmarkPages asks the real binary for its pages: 1000 services in 20 groups with 90 days of history, all that the default
// retention keeps of them (Show 5, X-27). It writes half a gigabyte first, which takes a minute.
func BenchmarkPages(b *testing.B) {
	port := freePort(b)
	d := newDaemon(b, "")
	d.write("orderly.yaml", strings.ReplaceAll(many(manyServices, "every: 30s\n"), "@DIR@", d.dir))
	d.write("flag", "up\n")
	d.config, d.listen = d.path("orderly.yaml"), "127.0.0.1:"+strconv.Itoa(port)
	past{services: manyServices, metrics: []model.Metric{model.Size, model.Took}, days: 90, quarters: 30, minutes: 2}.write(b, d.path("state"), time.Now())
	root := "http://" + d.listen
	begin := time.Now()
	d.start()
	ready := time.Since(begin)
	d.eventually("everything was checked", func() bool { return strings.Contains(d.must("status"), "service999") })
	d.eventually("the past was read", func() bool {
		return strings.Contains(get(b, root+"/v1/uptime?service=service500&days=90"), `"up":86400`)
	})
	read := time.Since(begin)
	b.Run("start", func(b *testing.B) {
		b.ReportMetric(milliseconds(ready), "ms-to-ready")
		b.ReportMetric(milliseconds(read), "ms-to-history")
	})
	for _, page := range quickPages {
		b.Run(page.name, func(b *testing.B) { benchmarkPage(b, root+page.path) })
	}
	b.Run("memory", func(b *testing.B) {
		b.ReportMetric(d.resident()/1024, "MiB")
		b.ReportMetric(sizeOf(d.path("state"))/(1<<20), "MiB-on-disk")
	})
}

// benchmarkPage tells how long a page takes at first, mostly, and at worst: pages that nothing changed are not made anew.
func benchmarkPage(b *testing.B, url string) {
	var took []time.Duration
	size := 0
	for b.Loop() {
		begin := time.Now()
		size = len(get(b, url))
		took = append(took, time.Since(begin))
	}
	first := took[0]
	slices.Sort(took)
	b.ReportMetric(milliseconds(first), "ms-first")
	b.ReportMetric(milliseconds(took[len(took)/2]), "ms-p50")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), "ms-p99")
	b.ReportMetric(float64(size)/1024, "kB/page")
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// get returns what there is at an address.
func get(tb testing.TB, url string) string {
	tb.Helper()
	resp, err := http.Get(url)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		tb.Fatalf("GET %s: %s, %v\n%.500s", url, resp.Status, err, body)
	}
	return string(body)
}

// resident is the memory that the daemon has, in KiB.
func (d *daemon) resident() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.cmd.Process.Pid))
	if err != nil {
		d.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "VmRSS:")
	n, _ := strconv.ParseFloat(strings.Fields(after)[0], 64)
	return n
}

// sizeOf is how many bytes the files of a directory have.
func sizeOf(dir string) (n float64) {
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			n += float64(info.Size())
		}
	}
	return n
}
