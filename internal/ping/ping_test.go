package ping

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/model"
)

const (
	jobKey    = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
	otherKey  = "0c1e7a52-8ab9-4a1f-9d3a-1c5a0ab2f7aa"
	masterKey = "fqOOd6-F4MMNuCEnzTU01w"
	runID     = "ed9c5b8c-6c4f-4a8e-9a41-cf5c5a0e6b7f"
)

// ears remember what was heard, or refuse it.
type ears struct {
	mu      sync.Mutex
	heard   []string
	last    model.Signal
	refusal error
}

func (e *ears) Hear(_ context.Context, name string, sig model.Signal) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refusal != nil {
		return e.refusal
	}
	e.last = sig
	e.heard = append(e.heard, fmt.Sprintf("%s %s %d %s", name, sig.Kind, sig.Status, sig.Run))
	return nil
}

func (e *ears) take() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := strings.Join(e.heard, ", ")
	e.heard = nil
	return out
}

func jobs() *model.Config {
	beat := func(name, key string) *model.Service {
		return &model.Service{Name: name, Kind: model.KindHeartbeat, Heartbeat: &model.Heartbeat{Key: key}}
	}
	return &model.Config{
		Settings: model.Settings{Pings: &model.Pings{Key: masterKey}},
		Services: []*model.Service{
			beat("backup", jobKey), beat("other", otherKey), beat("Nightly Report", ""), beat("a b", ""), beat("a-b", ""),
			{Name: "web", Kind: model.KindProcess},
		},
	}
}

func newServer(t *testing.T) (*Server, *ears) {
	t.Helper()
	e := &ears{}
	s := New(e, slog.New(slog.NewTextHandler(failing{t}, nil)))
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, httptest.NewRequest("GET", Prefix+jobKey, nil)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("before there are keys: %d", w.Code)
	}
	s.Configure(jobs())
	return s, e
}

// failing is a log in which no key may stand.
type failing struct{ t *testing.T }

func (f failing) Write(p []byte) (int, error) {
	for _, key := range []string{jobKey, otherKey, masterKey} {
		if strings.Contains(string(p), key) {
			f.t.Errorf("a key is in the log: %s", p)
		}
	}
	return len(p), nil
}

func TestAddresses(t *testing.T) {
	s, e := newServer(t)
	for _, tt := range []struct {
		method, path string
		status       int
		heard        string
	}{
		{"GET", jobKey, 200, "backup end 0 "},
		{"HEAD", jobKey, 200, "backup end 0 "},
		{"POST", jobKey, 200, "backup end 0 "},
		{"GET", jobKey + "/", 200, "backup end 0 "},
		{"GET", jobKey + "/start", 200, "backup start 0 "},
		{"POST", jobKey + "/fail", 200, "backup fail 0 "},
		{"POST", jobKey + "/log", 200, "backup log 0 "},
		{"GET", jobKey + "/0", 200, "backup end 0 "},
		{"GET", jobKey + "/1", 200, "backup end 1 "},
		{"GET", jobKey + "/255", 200, "backup end 255 "},
		{"GET", otherKey + "/start?rid=" + strings.ToUpper(runID), 200, "other start 0 " + runID},
		{"GET", masterKey + "/backup", 200, "backup end 0 "},
		{"GET", masterKey + "/nightly-report/start", 200, "Nightly Report start 0 "},
		{"GET", masterKey + "/backup/7", 200, "backup end 7 "},

		{"GET", jobKey + "/256", 400, ""},
		{"GET", jobKey + "/-1", 400, ""},
		{"GET", jobKey + "/+1", 400, ""},
		{"GET", jobKey + "/stop", 400, ""},
		{"GET", jobKey + "?rid=1", 400, ""},
		{"GET", jobKey + "/start/now", 404, ""},
		{"GET", strings.ToUpper(jobKey), 404, ""},
		{"GET", jobKey[:35], 404, ""},
		{"GET", masterKey, 404, ""},
		{"GET", masterKey + "/web", 404, ""},
		{"GET", masterKey + "/a-b", 404, ""}, // two services could be meant
		{"GET", masterKey + "/backup/1/2", 404, ""},
		{"GET", "", 404, ""},
		{"GET", "/", 404, ""},
		{"GET", "//" + jobKey, 404, ""},
		{"GET", strings.Repeat("x", 10_000), 404, ""},
		{"PUT", jobKey, 405, ""},
		{"DELETE", jobKey, 405, ""},
		{"OPTIONS", jobKey, 405, ""},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(tt.method, Prefix+tt.path, nil))
		if got := e.take(); w.Code != tt.status || got != tt.heard {
			t.Errorf("%s %s: %d and %q, want %d and %q", tt.method, tt.path, w.Code, got, tt.status, tt.heard)
		}
		want := map[int]string{200: "OK", 404: "not found", 400: "invalid", 405: "method"}[tt.status]
		if body := w.Body.String(); !strings.HasPrefix(body, want) || tt.status == 200 && body != "OK" {
			t.Errorf("%s %s: the answer is %q", tt.method, tt.path, body)
		}
	}
}

func TestBody(t *testing.T) {
	s, e := newServer(t)
	for _, tt := range []struct{ name, sent, kept string }{
		{"text", "3 files\r\nok\n", "3 files\nok\n"},
		{"binary", "a\x1b[31m\xff\x00b", "a\uFFFD[31m\uFFFD\uFFFDb"},
		{"much", strings.Repeat("x", 50_000), strings.Repeat("x", model.MaxBody)},
		{"far too much", strings.Repeat("x", 5<<20), strings.Repeat("x", model.MaxBody)},
		{"cut within a character", "x" + strings.Repeat("ä", 10_000), "x" + strings.Repeat("ä", (model.MaxBody-1)/2)},
	} {
		r := httptest.NewRequest("POST", Prefix+jobKey, strings.NewReader(tt.sent))
		r.Header.Set("User-Agent", "curl/8\x07\t"+strings.Repeat("y", 500))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 || e.last.Body != tt.kept {
			t.Errorf("%s: %d and %.40q (%d bytes)", tt.name, w.Code, e.last.Body, len(e.last.Body))
		}
		if !strings.HasPrefix(e.last.By, "curl/8") || len([]rune(e.last.By)) > maxAgent {
			t.Errorf("%s: by %q", tt.name, e.last.By)
		}
	}
}

func TestRefusals(t *testing.T) {
	s, e := newServer(t)
	for err, want := range map[error]int{ErrUnknown: 404, ErrUseless: 409, errors.New("the disk is full"): 503} {
		e.refusal = err
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", Prefix+jobKey, nil))
		if w.Code != want || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
	}
}

func TestRates(t *testing.T) {
	s, _ := newServer(t)
	ask := func(key string) int {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", Prefix+key, nil))
		return w.Code
	}
	limited := func(key string, n int) (at int) {
		for i := range n {
			if ask(key) == http.StatusTooManyRequests {
				return i
			}
		}
		return -1
	}
	if at := limited("guess", 100_000); at < guessBurst {
		t.Errorf("guesses are refused after %d", at)
	}
	if got := ask(jobKey); got != 200 {
		t.Errorf("guesses of others take from a job: %d", got)
	}
	if at := limited(jobKey, 10_000); at < jobBurst-1 {
		t.Errorf("a job is refused after %d", at)
	}
	if got := ask(otherKey); got != 200 {
		t.Errorf("a job takes from another: %d", got)
	}
	b, now := bucket{left: 1, at: time.Unix(0, 0)}, time.Unix(0, 0)
	for i, tt := range []struct {
		after time.Duration
		ok    bool
	}{{0, true}, {0, false}, {time.Second, true}, {500 * time.Millisecond, false}, {500 * time.Millisecond, true}, {-time.Hour, false}, {time.Hour, true}} {
		if now = now.Add(tt.after); b.take(now, 1, 2) != tt.ok {
			t.Errorf("step %d: want %v", i, tt.ok)
		}
	}
	c := jobs()
	c.Services = c.Services[1:]
	s.Configure(c)
	if got := ask(jobKey); got == 200 {
		t.Error("the key of a removed job still opens")
	}
	if s.rates["backup"] != nil {
		t.Error("the rate of a removed job is still known")
	}
}

func TestDoor(t *testing.T) {
	s, e := newServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := l.Addr().String()
	if err := s.Open(t.Context(), &model.Pings{Listen: taken}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("a place that is taken: %v", err)
	}
	l.Close()
	if err := s.Open(t.Context(), &model.Pings{Listen: taken}); err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	get := func(path string) (int, string) {
		resp, err := http.Get("http://" + taken + path)
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	if status, text := get(Prefix + jobKey + "/3"); status != 200 || text != "OK" || e.take() != "backup end 3 " {
		t.Errorf("%d %q", status, text)
	}
	for _, path := range []string{"/", "/v1/status", "/ping"} {
		if status, _ := get(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if err := s.Open(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(Prefix + jobKey); status != 0 {
		t.Error("a door that is not wanted stays open")
	}
}

// What breaks off, or is no HTTP, harms nobody; a signal whose body breaks off is heard all the same.
func TestHostileClients(t *testing.T) {
	s, e := newServer(t)
	server := httptest.NewServer(s)
	defer server.Close()
	say := func(text string, reset bool) string {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(30 * time.Second))
		io.WriteString(conn, text)
		if reset {
			conn.(*net.TCPConn).CloseWrite()
		}
		line, _ := bufio.NewReader(conn).ReadString('\n')
		return strings.TrimSpace(line)
	}
	if got := say("POST "+Prefix+jobKey+"/fail HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nbroken", true); got != "HTTP/1.1 200 OK" || e.take() != "backup fail 0 " || e.last.Body != "broken" {
		t.Errorf("a body that breaks off: %q, %q", got, e.last.Body)
	}
	for _, text := range []string{"GET\r\n\r\n", "\x16\x03\x01\x02\x00\x01", "GET " + Prefix + "%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET " + Prefix + jobKey + "%00 HTTP/1.1\r\nHost: x\r\n\r\n"} {
		if got := say(text, true); strings.Contains(got, " 200 ") {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := e.take(); got != "" {
		t.Errorf("heard: %q", got)
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{jobKey, jobKey + "/start", jobKey + "/255", masterKey + "/backup/fail", masterKey + "/a b/1", "//", "%2f/" + jobKey} {
		f.Add(seed)
	}
	ring := newKeyring(jobs())
	f.Fuzz(func(t *testing.T, path string) {
		parts := split(Prefix + path)
		if len(parts) > 3 {
			t.Fatalf("%q has %d parts", path, len(parts))
		}
		name, word, known := ring.find(parts)
		if known && !strings.HasPrefix(path, jobKey) && !strings.HasPrefix(path, otherKey) && !strings.HasPrefix(path, masterKey+"/") {
			t.Errorf("%q opens %s", path, name)
		}
		sig, ok := signalOf(word)
		if ok && (sig.Status < 0 || sig.Status > 255 || sig.Kind == "") {
			t.Errorf("%q means %+v", word, sig)
		}
	})
}
