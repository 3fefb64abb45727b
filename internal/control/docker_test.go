package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDockerStates(t *testing.T) { // S-28
	started, finished := "2026-01-02T03:04:05.5Z", "2026-01-02T04:00:00Z"
	since, end := time.Date(2026, 1, 2, 3, 4, 5, 5e8, time.UTC), time.Date(2026, 1, 2, 4, 0, 0, 0, time.UTC)
	run := fmt.Sprintf("abc@%d", since.UnixNano())
	tests := []struct {
		state string // in JSON, without the times
		want  Unit
		fail  bool
	}{
		{`"Status":"running","Pid":7`, Unit{State: UnitRunning, Detail: "running", PID: 7, Run: run, Since: since}, false},
		{`"Status":"paused","Pid":7`, Unit{State: UnitRunning, Detail: "paused", PID: 7, Run: run, Since: since}, false},
		{`"Status":"running","Pid":7,"Health":{"Status":"healthy"}`, Unit{State: UnitRunning, Detail: "running (healthy)", PID: 7, Run: run, Since: since, vouched: true}, false},
		{`"Status":"running","Pid":7,"Health":{"Status":"unhealthy"}`, Unit{State: UnitRunning, Detail: "running (unhealthy)", PID: 7, Run: run, Since: since}, false},
		{`"Status":"running","Pid":7,"Health":{"Status":"none"}`, Unit{State: UnitRunning, Detail: "running", PID: 7, Run: run, Since: since}, false},
		{`"Status":"restarting","ExitCode":3,"Pid":0`, Unit{State: UnitRestarting, Detail: "restarting", Result: "exit status 3", Since: end}, false},
		{`"Status":"exited"`, Unit{State: UnitStopped, Detail: "exited", Since: end}, false},
		{`"Status":"exited","ExitCode":143`, Unit{State: UnitStopped, Detail: "exited", Result: "killed by signal 15", Since: end}, false},
		{`"Status":"exited","ExitCode":139`, Unit{State: UnitFailed, Detail: "exited", Result: "killed by signal 11", Since: end}, false},
		{`"Status":"exited","ExitCode":137,"OOMKilled":true`, Unit{State: UnitFailed, Detail: "exited", Result: "killed because memory ran out", Since: end}, false},
		{`"Status":"exited","ExitCode":127,"Error":"no such file"`, Unit{State: UnitFailed, Detail: "exited", Result: "no such file", Since: end}, false},
		{`"Status":"created"`, Unit{State: UnitStopped, Detail: "created"}, false},
		{`"Status":"removing"`, Unit{State: UnitStopping, Detail: "removing", Since: end}, false},
		{`"Status":"dead"`, Unit{State: UnitFailed, Detail: "dead", Since: end}, false},
		{`"Status":"dancing"`, Unit{}, true},
	}
	for _, tt := range tests {
		var c container
		text := `{"ID":"abc","Name":"/web","RestartCount":2,"Config":{"Image":"nginx:1"},"State":{` + tt.state +
			`,"StartedAt":"` + started + `","FinishedAt":"` + finished + `"}}`
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		tt.want.Description, tt.want.Restarts = "nginx:1", 2
		if got, err := c.unit(); (err != nil) != tt.fail || !tt.fail && got != tt.want {
			t.Errorf("%s: got %+v, %v", tt.state, got, err)
		}
	}
}

// A fakeEngine is a container web behind the API of an engine.
type fakeEngine struct {
	mu     sync.Mutex
	state  string
	calls  []string
	status int    // of acts
	text   string // of failing acts
	events chan string
}

func (f *fakeEngine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/events":
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		for line := range f.events {
			_, _ = io.WriteString(w, line+"\n")
			w.(http.Flusher).Flush()
		}
		return
	case "/containers/json":
		_, _ = io.WriteString(w, `[{"Names":["/web"]},{"Names":["/db","/web/db"]}]`)
		return
	case "/containers/web/logs":
		_, _ = io.WriteString(w, "\x02\x00\x00\x00\x00\x00\x00\x08no port\n\x01\x00\x00\x00\x00\x00\x00\x03bye")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !strings.HasPrefix(r.URL.Path, "/containers/web/"):
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"message":"No such container"}`)
	case r.Method == http.MethodGet:
		_, _ = fmt.Fprintf(w, `{"ID":"abc","Name":"/web","State":{"Status":%q,"Pid":7},"HostConfig":{"RestartPolicy":{"Name":"always"}}}`, f.state)
	default:
		f.calls = append(f.calls, strings.TrimPrefix(r.URL.RequestURI(), "/containers/web/"))
		w.WriteHeader(f.status)
		if f.text != "" {
			_, _ = io.WriteString(w, f.text)
		}
	}
}

func (f *fakeEngine) units(t *testing.T) *Units {
	t.Helper()
	u := NewUnits(UnitOptions{Order: []string{"docker"}, Engines: []string{onSocket(t, f.ServeHTTP)}, Settle: time.Millisecond})
	t.Cleanup(u.Close)
	return u
}

func TestDockerActs(t *testing.T) { // S-28
	tests := []struct {
		name, state string
		verb        Verb
		status      int
		text        string
		call        string
		done, fail  string
	}{
		{"reload", "running", VerbReload, 204, "", "kill?signal=HUP", "reloaded, pid 7 after .*", ""},
		{"stop", "running", VerbStop, 204, "", "stop", "", "cannot stop web: it is running still, pid 7"},
		{"refused", "running", VerbStop, 500, `{"message":"cannot stop\u001b it"}`, "stop", "", "cannot stop web: cannot stop\\? it"},
		{"refused without words", "running", VerbStop, 500, "", "stop", "", "cannot stop web: it answers with HTTP status 500"},
		{"starts already", "exited", VerbStart, 304, "", "start", "", "cannot start web: it is stopped"},
		{"gone meanwhile", "exited", VerbStart, 404, "", "start", "", "cannot start web: there is no such container"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeEngine{state: tt.state, status: tt.status, text: tt.text}
			_, out := f.units(t).Do(t.Context(), Ref{"docker", "web"}, tt.verb)
			want(t, out, tt.done, tt.fail)
			if len(f.calls) != 1 || f.calls[0] != tt.call {
				t.Errorf("called %q", f.calls)
			}
			if (out.Evidence == "no port\nbye") != (tt.fail != "") {
				t.Errorf("evidence %q", out.Evidence)
			}
		})
	}
}

func TestDockerFind(t *testing.T) {
	u := (&fakeEngine{state: "running"}).units(t)
	if got, err := u.Find(t.Context(), "", "web"); err != nil || got.Name != "web" {
		t.Errorf("got %v, %v", got, err)
	}
	for name, hint := range map[string]string{"wbe": "; did you mean web?", "a/b/c/d/e": "", "web?all=1": "", "json": ""} {
		_, err := u.Find(t.Context(), "", name)
		if !errors.Is(err, ErrNoUnit) || !strings.HasSuffix(err.Error(), "there is no container of that name"+hint) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestDockerWatch(t *testing.T) { // S-28
	f := &fakeEngine{state: "running", events: make(chan string)}
	u := f.units(t)
	var seen followed
	ctx, cancel := cancelled(t)
	var wg sync.WaitGroup
	wg.Go(func() { u.Watch(ctx, []Ref{{"docker", "web"}}, seen.add) })
	t.Cleanup(func() { cancel(); close(f.events); wg.Wait() })
	poll(t, func() bool { return seen.has(func(u Unit) bool { return u.State == UnitRunning }) })
	f.mu.Lock()
	f.state = "exited"
	f.mu.Unlock()
	for _, line := range []string{
		"nonsense", `{"Action":"exec_die: x","Actor":{"Attributes":{"name":"web"}}}`, `{"Action":"die","Actor":{"Attributes":{"name":"db"}}}`,
		`{"Action":"die","Actor":{"Attributes":{"name":"web","exitCode":"0"}}}`,
	} {
		f.events <- line
	}
	poll(t, func() bool { return seen.has(func(u Unit) bool { return u.State == UnitStopped }) })
	if seen.has(func(u Unit) bool { return u.Name != "web" }) || len(seen.seen) != 2 {
		t.Errorf("seen %+v", seen.seen)
	}
}

func TestUnframed(t *testing.T) {
	for log, want := range map[string]string{
		"":                                           "",
		"plain text\nof a terminal":                  "plain text\nof a terminal",
		"\x01\x00\x00\x00\x00\x00\x00\x02hi":         "hi",
		"\x01\x00\x00\x00\x00\x00\x00\x09cut":        "cut",
		"\x01\x00\x00\x00\xff\xff\xff\xffbig":        "big",
		"\x01\x00\x00\x00\x00\x00\x00\x02hi\x01\x00": "hi",
	} {
		if got := unframed([]byte(log)); got != want {
			t.Errorf("%q: got %q", log, got)
		}
	}
}

func TestASocketThatWasLeftBehindIsNoEngine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docker.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	u := NewUnits(UnitOptions{Order: []string{"docker"}, Engines: []string{path}})
	if got := u.Detect(t.Context()); len(got) != 1 {
		t.Errorf("while somebody listens: %q", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := u.Detect(t.Context()); len(got) != 0 {
		t.Errorf("when nobody does: %q", got)
	}
}
