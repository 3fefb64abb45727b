package inspeqtor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"strings"
	"time"

	"orderly/internal/model"
)

//go:embed page/memory.html
var pageFiles embed.FS

//go:embed page/style.css
var style string

// policy lets a page use nothing but what it holds itself.
var policy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

var memoryTemplate = template.Must(template.New("memory.html").
	Funcs(template.FuncMap{"style": func() template.CSS { return template.CSS(style) }}).
	ParseFS(pageFiles, "page/memory.html"))

// A memory is what the page about the memory of a program shows.
type memory struct {
	Service, Host, Standing, Now string
	Refresh                      int // seconds
	Graphs                       []graph
	Rows                         []row
	Problem                      string // why there are no rows
}

// A graph is what a metric was like.
type graph struct {
	Metric, Now, Low, High, Span string
	Lines                        []string // points of the stretches without a gap
}

type row struct{ Name, Value string }

// memoryPage answers /memory/: a page for people.
func (s *Server) memoryPage(w http.ResponseWriter, r *http.Request) {
	b, ok := s.exposed(w, r)
	if !ok {
		return
	}
	settings := s.settings.Load()
	cycle := cmp.Or(settings.Interval, model.DefaultInterval)
	m := memory{
		Service: b.name, Host: settings.Host, Standing: b.standing(), Now: time.Now().Format(time.DateTime),
		Refresh: max(1, int(cycle.Seconds())),
	}
	for i := range b.measurements {
		if one := &b.measurements[i]; one.family == "memory" || one.family == "memstats" {
			m.Graphs = append(m.Graphs, graphOf(one, s.history.samples(placeOf(b, one)), cycle))
		}
	}
	m.Rows, m.Problem = memstats(r.Context(), b.expose)
	var page bytes.Buffer
	if err := memoryTemplate.Execute(&page, m); err != nil {
		http.Error(w, "cannot make the page", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes())
}

// graphOf draws samples at the right of a field of 239 by 100, the last one at its edge.
func graphOf(m *measurement, samples []float32, cycle time.Duration) graph {
	low, high, _ := boundsOf(samples)
	g := graph{Metric: m.String(), Now: unknown, Low: m.show(low), High: m.show(high), Span: (time.Duration(len(samples)) * cycle).String()}
	if m.known {
		g.Now = m.show(m.value)
	}
	var b strings.Builder
	finish := func() {
		if b.Len() > 0 {
			g.Lines = append(g.Lines, strings.TrimSpace(b.String()))
		}
		b.Reset()
	}
	for i, f := range samples {
		x, y := ringSize-len(samples)+i, float64(f)
		if math.IsNaN(y) {
			finish()
			continue
		}
		height := 0.0
		if high > low {
			height = (y - low) / (high - low) * 100
		}
		fmt.Fprintf(&b, "%d,%.1f ", x, 100-height)
	}
	finish()
	return g
}

// memstats are the most telling numbers that a program written in Go has of its memory.
func memstats(ctx context.Context, p *model.Probe) (rows []row, problem string) {
	body, err := ask(ctx, p)
	if err != nil {
		return nil, "It does not tell."
	}
	var told struct {
		Memstats *struct {
			Alloc, TotalAlloc, Sys, HeapAlloc, HeapSys, HeapIdle, HeapReleased, HeapObjects, StackInuse uint64
			NumGC                                                                                       uint32
			PauseTotalNs                                                                                uint64
		} `json:"memstats"`
	}
	if err := json.Unmarshal(body, &told); err != nil || told.Memstats == nil {
		return nil, "It tells nothing of its memory."
	}
	t := told.Memstats
	size := func(n uint64) string { return model.FormatBytes(float64(n)) }
	return []row{
		{"In use", size(t.Alloc)},
		{"On the heap", size(t.HeapAlloc)},
		{"Objects on the heap", fmt.Sprint(t.HeapObjects)},
		{"Heap, from the system", size(t.HeapSys)},
		{"of that, idle", size(t.HeapIdle)},
		{"of that, given back", size(t.HeapReleased)},
		{"Stacks", size(t.StackInuse)},
		{"All, from the system", size(t.Sys)},
		{"Allocated since the start", size(t.TotalAlloc)},
		{"Garbage collections", fmt.Sprint(t.NumGC)},
		{"Time they took", time.Duration(min(t.PauseTotalNs, 1<<62)).String()},
	}, ""
}
