package control

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// onSocket serves HTTP at a Unix socket and returns its path.
func onSocket(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	s.Start()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return path
}

const infoOfWeb = `<struct>
<member><name>name</name><value><string>web</string></value></member>
<member><name>group</name><value><string>%s</string></value></member>
<member><name>start</name><value><int>1700000000</int></value></member>
<member><name>stop</name><value><int>1700000009</int></value></member>
<member><name>now</name><value><int>1700000100</int></value></member>
<member><name>state</name><value><int>%d</int></value></member>
<member><name>statename</name><value>WORD</value></member>
<member><name>spawnerr</name><value><string>%s</string></value></member>
<member><name>exitstatus</name><value><int>%d</int></value></member>
<member><name>pid</name><value><int>%d</int></value></member>
</struct>`

func success(value string) string {
	return `<?xml version='1.0'?><methodResponse><params><param><value>` + value + `</value></param></params></methodResponse>`
}

func faulted(code int, text string) string {
	return fmt.Sprintf(`<?xml version='1.0'?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>%d</int></value></member>
<member><name>faultString</name><value><string>%s</string></value></member></struct></value></fault></methodResponse>`, code, text)
}

// supervisordOf answers each method with a document, and tells which were called.
func supervisordOf(t *testing.T, answers map[string]string) (*Units, func() []string) {
	t.Helper()
	var calls []string
	socket := onSocket(t, func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			Method string   `xml:"methodName"`
			Args   []string `xml:"params>param>value>string"`
		}
		if err := xml.NewDecoder(r.Body).Decode(&call); err != nil {
			t.Error(err)
		}
		method := strings.TrimPrefix(call.Method, "supervisor.")
		calls = append(calls, strings.TrimSpace(method+" "+strings.Join(call.Args, " ")))
		_, _ = io.WriteString(w, answers[method])
	})
	u := NewUnits(UnitOptions{Order: []string{"supervisord"}, Supervisord: []string{"unix://" + socket}, Settle: time.Millisecond})
	t.Cleanup(u.Close)
	return u, func() []string { u.Close(); return calls }
}

func TestSupervisordStates(t *testing.T) { // S-27
	start, stop := time.Unix(1700000000, 0), time.Unix(1700000009, 0)
	tests := []struct {
		state    int
		spawnerr string
		exit     int
		pid      int
		want     Unit
		fail     bool
	}{
		{0, "", 0, 0, Unit{State: UnitStopped, Since: stop}, false},
		{10, "", 0, 5, Unit{State: UnitStarting, Since: start, PID: 5, Run: "1700000000@5"}, false},
		{20, "", 0, 5, Unit{State: UnitRunning, Since: start, PID: 5, Run: "1700000000@5"}, false},
		{30, "no command", 0, 0, Unit{State: UnitRestarting, Since: stop, Result: "no command"}, false},
		{40, "", 0, 5, Unit{State: UnitStopping, Since: stop, PID: 5}, false},
		{100, "", 0, 0, Unit{State: UnitStopped, Since: stop}, false},
		{100, "", 2, 0, Unit{State: UnitFailed, Since: stop, Result: "exit status 2"}, false},
		{100, "", -1, 0, Unit{State: UnitFailed, Since: stop, Result: "killed by a signal"}, false},
		{200, "", 0, 0, Unit{State: UnitFailed, Since: stop, Result: "it ended too often while it was started"}, false},
		{1000, "", 0, 0, Unit{}, true},
	}
	for _, tt := range tests {
		u, _ := supervisordOf(t, map[string]string{"getProcessInfo": success(fmt.Sprintf(infoOfWeb, "g", tt.state, tt.spawnerr, tt.exit, tt.pid))})
		got, err := u.Status(t.Context(), Ref{"supervisord", "g:web"})
		tt.want.Ref, tt.want.Detail, tt.want.Restarts = Ref{"supervisord", "g:web"}, "WORD", -1
		if (err != nil) != tt.fail || !tt.fail && got != tt.want {
			t.Errorf("%d: got %+v, %v", tt.state, got, err)
		}
	}
}

// A program that ended just now may be one that supervisord starts again when it has answered.
func TestSupervisordDecides(t *testing.T) { // S-27
	exited := success(fmt.Sprintf(infoOfWeb, "web", 100, "", 2, 0))
	just := strings.Replace(exited, "1700000100", "1700000010", 1)
	again := success(fmt.Sprintf(infoOfWeb, "web", 10, "", 2, 6))
	for _, tt := range []struct {
		answers []string
		want    UnitState
	}{
		{[]string{exited, again}, UnitFailed},
		{[]string{just, again}, UnitStarting},
		{[]string{just, just, again}, UnitFailed},
	} {
		answers := tt.answers
		socket := onSocket(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, answers[0])
			answers = answers[1:]
		})
		u := NewUnits(UnitOptions{Order: []string{"supervisord"}, Supervisord: []string{"unix://" + socket}})
		t.Cleanup(u.Close)
		if got, err := u.Status(t.Context(), Ref{"supervisord", "web"}); err != nil || got.State != tt.want {
			t.Errorf("of %d answers: %+v, %v", len(tt.answers), got, err)
		}
	}
}

func TestSupervisordFaults(t *testing.T) { // S-27
	running := success(fmt.Sprintf(infoOfWeb, "web", 20, "", 0, 5))
	for code, want := range map[int]string{
		faultName: "there is no program web", faultShutdown: "supervisord is shutting down", faultNoFile: "its program cannot be run",
		faultEnded: "it ended before it had run long enough to count as started", faultSpawn: "it cannot be started",
		faultSignal: "it cannot be sent that signal", 92: "WORD: web",
	} {
		u, _ := supervisordOf(t, map[string]string{"getProcessInfo": running, "signalProcess": faulted(code, "WORD: web")})
		if _, out := u.Do(t.Context(), Ref{"supervisord", "web"}, VerbReload); out.Error != "cannot reload web: "+want {
			t.Errorf("%d: got %+v", code, out)
		}
	}
	u, calls := supervisordOf(t, map[string]string{
		"getProcessInfo": running, "stopProcess": faulted(faultNotRunning, "NOT_RUNNING: web"), "startProcess": faulted(faultStarted, "ALREADY_STARTED: web"),
	})
	_, out := u.Do(t.Context(), Ref{"supervisord", "web"}, VerbRestart)
	if out.Error != "cannot restart web: it is the same as before, pid 5" || !slices.Contains(calls(), "stopProcess web") {
		t.Errorf("got %+v", out)
	}
}

func TestSupervisordFind(t *testing.T) {
	all := "<array><data><value>" + fmt.Sprintf(infoOfWeb, "site", 20, "", 0, 5) + "</value></data></array>"
	u, _ := supervisordOf(t, map[string]string{"getProcessInfo": faulted(faultName, "BAD_NAME: web"), "getAllProcessInfo": success(all)})
	if got, err := u.Find(t.Context(), "", "web"); err != nil || got.Name != "site:web" {
		t.Errorf("got %v, %v", got, err)
	}
	_, err := u.Find(t.Context(), "", "site:wbe")
	if !errors.Is(err, ErrNoUnit) || !strings.HasSuffix(err.Error(), "; did you mean site:web?") {
		t.Errorf("got %v", err)
	}
}

// hostile are answers that must neither hold up, crash nor bloat who asked.
var hostile = map[string]http.HandlerFunc{
	"hangs":       func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() },
	"hangs up":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"nonsense":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\x00\xff<<<{{{") },
	"nothing":     func(http.ResponseWriter, *http.Request) {},
	"no value":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<methodResponse/>") },
	"other fault": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
	"sends away": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
	},
	"deeply": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, success(strings.Repeat("<array><data><value>", 20000)))
	},
	"gigabytes":    func(w http.ResponseWriter, _ *http.Request) { endless(w, success("<string>")[:80]) },
	"json forever": func(w http.ResponseWriter, _ *http.Request) { endless(w, `{"Id":"`) },
}

func endless(w io.Writer, begin string) {
	_, err := io.WriteString(w, begin)
	for piece := strings.Repeat("x", 1<<16); err == nil; {
		_, err = io.WriteString(w, piece)
	}
}

func TestHostileServers(t *testing.T) {
	for name, answer := range hostile {
		t.Run(name, func(t *testing.T) {
			socket := onSocket(t, answer)
			u := NewUnits(UnitOptions{Order: []string{"supervisord", "docker"}, Supervisord: []string{"unix://" + socket}, Engines: []string{socket}})
			t.Cleanup(u.Close)
			for _, system := range []string{"supervisord", "docker"} {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				if name != "hangs" {
					ctx = t.Context()
				}
				if _, err := u.Status(ctx, Ref{system, "web"}); err == nil || errors.Is(err, ErrNoUnit) {
					t.Errorf("%s: got %v", system, err)
				}
				cancel()
			}
		})
	}
}

func TestSupervisordPassword(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, secret, _ := r.BasicAuth(); secret != "hunter2" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(s.Close)
	address := func(secret string) string { return strings.Replace(s.URL, "://", "://us:"+secret+"@", 1) }
	for secret, denied := range map[string]bool{"hunter2": false, "hunter3": true} {
		u := NewUnits(UnitOptions{Order: []string{"supervisord"}, Supervisord: []string{address(secret)}})
		_, err := u.Find(t.Context(), "", "web")
		if errors.Is(err, fs.ErrPermission) != denied {
			t.Errorf("got %v", err)
		}
	}
	s.Close()
	u := NewUnits(UnitOptions{Order: []string{"supervisord"}, Supervisord: []string{address("hunter2")}})
	if _, err := u.Find(t.Context(), "", "web"); err == nil || strings.Contains(err.Error(), "hunter") {
		t.Errorf("got %v", err)
	}
}

func TestUsualSupervisords(t *testing.T) {
	r := newRoot(t, map[string]string{"etc/supervisor/supervisord.conf": `
[unix_http_server]
file=/run/other.sock
username=wrong
[supervisorctl]
serverurl=unix:///run/mine.sock ; where it listens
username = me
password = p@ss
;password=old
`})
	want := []string{
		"unix://me:p%40ss@" + r.dir + "/run/mine.sock", "unix://" + r.dir + "/var/run/supervisor.sock",
		"unix://" + r.dir + "/run/supervisor.sock", "unix://" + r.dir + "/run/supervisor/supervisor.sock",
	}
	if got := usualSupervisords(r.dir); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
