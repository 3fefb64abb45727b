package inspeqtor

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// get asks the pages, under a name of loopback.
func get(t *testing.T, s *Server, target string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Host = "localhost:4677"
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, r)
	return w
}

// program is a program that answers requests for its variables, and how it is asked.
func program(t *testing.T, h http.HandlerFunc) *model.Probe {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(at.Port())
	if err != nil {
		t.Fatal(err)
	}
	return &model.Probe{Host: at.Hostname(), Port: port, Params: model.Params{{Name: "request", Value: "/debug/vars?x=1"}}}
}

const vars = `{"cmdline":["app"],"memstats":{"Alloc":1048576,"HeapAlloc":2097152,"NumGC":7,"PauseTotalNs":1500000}}`

// exposing is a world with a service that exposes what h answers.
func exposing(t *testing.T, h http.HandlerFunc) *Server {
	t.Helper()
	w := &world{services: box()}
	w.services[2].Spec.Expose = program(t, h)
	return serving(t, w)
}

func TestPages(t *testing.T) { // I-27
	s := exposing(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.String() != "/debug/vars?x=1" {
			t.Errorf("the program was asked for %s", r.URL)
		}
		_, _ = io.WriteString(w, vars)
	})
	for _, c := range []struct {
		target string
		status int
		kind   string
		want   string // all of a document, part of a page
	}{
		{"/metrics.json?service=web&family=memory", 200, "application/json", `{"memory":{"rss":11544821.76}}` + "\n"},
		{"/metrics.json?service=cache&family=redis", 200, "application/json", `{"redis":{"evicted_keys":30,"used_memory":3670016}}` + "\n"},
		{"/metrics.json?service=host&family=cpu", 200, "application/json", `{"cpu":{"":12.34,"system":1.25,"user":0.5}}` + "\n"},
		{"/metrics.json?service=web", 401, "text/plain", "family"},
		{"/metrics.json?family=memory", 401, "text/plain", "service"},
		{"/metrics.json?service=nobody&family=memory", 404, "text/plain", "no such service"},
		{"/metrics.json?service=web&family=mysql", 404, "text/plain", "family"},
		{"/memstats.json?service=web", 200, "application/json", vars},
		{"/memstats.json", 401, "text/plain", "service"},
		{"/memstats.json?service=nobody", 404, "text/plain", "no such service"},
		{"/memstats.json?service=cache", 404, "text/plain", "exposes nothing"},
		{"/memory/?service=web", 200, "text/html", "<tr><td>In use</td><td>1.0 MB</td></tr>"},
		{"/memory/?service=web", 200, "text/html", "Up/29719 on vm"},
		{"/memory/?service=cache", 404, "text/plain", "exposes nothing"},
		{"/memory/", 401, "text/plain", "service"},
		{"/", 404, "text/plain", ""},
		{"/memory/other?service=web", 404, "text/plain", ""},
	} {
		w := get(t, s, c.target)
		body := w.Body.String()
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) {
			t.Errorf("%s: status %d, %s", c.target, w.Code, w.Header().Get("Content-Type"))
		}
		if document := c.kind == "application/json"; document && body != c.want || !strings.Contains(body, c.want) {
			t.Errorf("%s: got %s, want %s", c.target, body, c.want)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q", c.target, name, got)
			}
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: the policy is %q", c.target, csp)
		}
	}
}

func TestPageVars(t *testing.T) { // I-27
	w := &world{}
	s := serving(t, w)
	for _, deploy := range []int{0, 1} {
		var got struct {
			Cmdline   []string
			Inspeqtor map[string]int
			Memstats  struct{ HeapAlloc int }
		}
		reply := get(t, s, "/debug/vars")
		if err := json.Unmarshal(reply.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v: %s", err, reply.Body)
		}
		if len(got.Inspeqtor) != 2 || got.Inspeqtor["deploy"] != deploy || got.Inspeqtor["events"] != 7 || len(got.Cmdline) == 0 || got.Memstats.HeapAlloc == 0 {
			t.Errorf("the variables are %+v, want deploy %d", got, deploy)
		}
		w.silences = []model.Silence{{ID: DeployID, All: true, Until: time.Now().Add(time.Hour)}}
	}
	w.broken = errBroken
	if reply := get(t, s, "/debug/vars"); reply.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", reply.Code)
	}
	if reply := get(t, s, "/metrics.json?service=web&family=cpu"); reply.Code != http.StatusServiceUnavailable || strings.Contains(reply.Body.String(), errBroken.Error()) {
		t.Errorf("status %d: %s", reply.Code, reply.Body)
	}
}

// A page of the web must not read here by having a name of its own point here, and nothing can be changed.
func TestPagesAreForThisHost(t *testing.T) {
	s := serving(t, &world{services: box()})
	for _, c := range []struct {
		method, host string
		want         int
	}{
		{"GET", "localhost:4677", 200},
		{"GET", "LOCALHOST", 200},
		{"GET", "127.0.0.1:4677", 200},
		{"GET", "[::1]:4677", 200},
		{"GET", "[::1]", 200},
		{"GET", "evil.example.org:4677", 421},
		{"GET", "localhost.evil.example.org", 421},
		{"GET", "127.0.0.1.nip.io", 421},
		{"GET", "", 421},
		{"POST", "localhost", 405},
		{"HEAD", "localhost", 405},
		{"OPTIONS", "localhost", 405},
		{"DELETE", "evil.example.org", 421},
	} {
		r := httptest.NewRequest(c.method, "/metrics.json?service=web&family=memory", nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s from %q: status %d, want %d", c.method, c.host, w.Code, c.want)
		}
	}
}

// Whatever the program does, it costs bounded time and memory, and its error is not passed on.
func TestPagesOfAProgramThatMisbehaves(t *testing.T) {
	for _, c := range []struct {
		name    string
		program http.HandlerFunc
	}{
		{"fails", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
		{"is no JSON", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<script>") }},
		{"is too large", func(w http.ResponseWriter, _ *http.Request) {
			for _, err := io.WriteString(w, `"`); err == nil; {
				_, err = w.Write(make([]byte, 64<<10))
			}
		}},
		{"leads elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/secret", http.StatusFound)
		}},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		s := exposing(t, c.program)
		if w := get(t, s, "/memstats.json?service=web"); w.Code != http.StatusServiceUnavailable || w.Body.String() != "the service does not tell\n" {
			t.Errorf("%s: status %d: %s", c.name, w.Code, w.Body)
		}
		if w := get(t, s, "/memory/?service=web"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "It does not tell.") {
			t.Errorf("%s: status %d: %s", c.name, w.Code, w.Body)
		}
	}
}

func TestMemoryPageOfAProgramWithoutMemstats(t *testing.T) {
	s := exposing(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"memstats":null}`) })
	if w := get(t, s, "/memory/?service=web"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "It tells nothing of its memory.") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestMemoryPageEscapes(t *testing.T) {
	w := &world{services: box()}
	w.services[2].Spec.Name = `<script>alert("1")</script>&x=`
	w.services[2].Spec.Expose = program(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, vars) })
	body := get(t, serving(t, w), "/memory/?service="+url.QueryEscape(w.services[2].Spec.Name)).Body.String()
	if strings.Contains(body, "<script>") || !strings.Contains(body, "Memory of &lt;script&gt;") || !strings.Contains(body, "service=%3cscript%3e") {
		t.Errorf("the page is %s", body)
	}
}

func TestAskThroughASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, vars) }))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	defer server.Close()
	body, err := ask(t.Context(), &model.Probe{Kind: model.ProbeSocket, Path: path})
	if err != nil || string(body) != vars {
		t.Errorf("got %s (%v)", body, err)
	}
}

func TestGraph(t *testing.T) {
	var h history
	for _, n := range []float64{1, 3} {
		h.record(with("web", model.Memory, n*(1<<20)))
	}
	h.record(with("web", model.CoresUser, 2))
	last := with("web", model.Memory, 2<<20)
	h.record(last)
	m := &last.services[0].measurements[0]
	g := graphOf(m, h.samples(place{"web", "memory:rss"}), 15*time.Second)
	if g.Metric != "memory:rss" || g.Now != "2.00m" || g.Low != "1.00m" || g.High != "3.00m" || g.Span != "1m0s" {
		t.Errorf("the graph is %+v", g)
	}
	if got := strings.Join(g.Lines, "; "); got != "236,100.0 237,0.0; 239,50.0" {
		t.Errorf("the lines are %s", got)
	}
}

// The pages really are on loopback, and closed with the configuration that asks for them.
func TestPagesListen(t *testing.T) {
	s := serving(t, &world{services: box()})
	var at string
	s.pages.open = func(ctx context.Context, port string) (net.Listener, error) {
		if port != "4677" {
			t.Errorf("the port is %s", port)
		}
		l, err := listenLoopback(ctx, "0")
		if err == nil {
			at = "http://" + l.Addr().String() + "/metrics.json?service=web&family=memory"
		}
		return l, err
	}
	s.Configure(t.Context(), &model.Config{Settings: model.Settings{Inspeqtor: &model.Inspeqtor{Expose: 4677}}})
	defer s.shut()
	if !strings.HasPrefix(at, "http://127.0.0.1:") {
		t.Fatalf("the pages are at %q", at)
	}
	client := http.Client{Timeout: time.Minute}
	reply, err := client.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusOK || !strings.Contains(string(body), "rss") || !reply.Close {
		t.Errorf("status %d: %s (%v)", reply.StatusCode, body, err)
	}
	s.Configure(t.Context(), &model.Config{Settings: model.Settings{Inspeqtor: &model.Inspeqtor{}}})
	if reply, err := client.Get(at); err == nil {
		reply.Body.Close()
		t.Error("the pages are still there")
	}
}
