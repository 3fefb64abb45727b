package httpd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
)

// A stage is a server and all that is around it.
type stage struct {
	t      testing.TB
	server *Server
	log    *logged
	client *http.Client
	base   string

	mu       sync.Mutex
	in       monit.Instance
	services []model.Snapshot
	revision uint64
	commands []model.Command
	awakened int
	verbose  []bool
	fails    error // what commands end in
	asked    int   // times that snapshots were asked for
}

func (s *stage) Instance() monit.Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.in
	in.Now = time.Now()
	return in
}

func (s *stage) Snapshots(context.Context) ([]model.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return s.services, nil
}

func (s *stage) Revision() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision
}

func (s *stage) Accept(_ context.Context, c model.Command) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails == nil {
		s.commands = append(s.commands, c)
	}
	return s.fails
}

func (s *stage) Awaken(context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awakened++
}

// taken returns the commands since it was asked last.
func (s *stage) taken() []model.Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.commands
	s.commands = nil
	return taken
}

// logged are the lines of a log.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(line))
	return len(line), nil
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "")
}

// Logins that most tests use.
var (
	admin     = model.Admission{Kind: model.AdmitUser, Name: "admin", Password: "monit"}
	watcher   = model.Admission{Kind: model.AdmitUser, Name: "guest", Password: "guest", ReadOnly: true}
	everybody = []model.Admission{admin, watcher}
)

// setStage starts a server that listens where the settings say.
func setStage(t testing.TB, h *model.HTTPD) *stage {
	t.Helper()
	s := newStage(t, h)
	if err := s.server.Configure(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	return s
}

// newStage makes a server that listens nowhere yet.
func newStage(t testing.TB, h *model.HTTPD) *stage {
	t.Helper()
	s := &stage{t: t, log: &logged{}, services: services()}
	s.in = monit.Instance{
		ID: "3be72589d136538fa6cf746bef70b5df", Started: time.Now(), Incarnation: time.Now(),
		Settings: &model.Settings{Host: "web1.example.org", Interval: 5 * time.Second, HTTPD: h, Limits: model.DefaultLimits()},
	}
	s.server = New(Options{View: s, Commander: s, Log: slog.New(slog.NewTextHandler(s.log, nil)), Verbose: func(on bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.verbose = append(s.verbose, on)
	}})
	t.Cleanup(func() { s.server.Close(context.Background()) })
	s.base = "http://localhost"
	s.client = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
		Transport:     &http.Transport{DisableCompression: true},
	}
	t.Cleanup(s.client.CloseIdleConnections)
	if h != nil && h.Socket != nil {
		s.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", h.Socket.Path)
		}
	}
	return s
}

// onSocket are settings for a unix socket of the test's own.
func onSocket(t testing.TB, allow ...model.Admission) *model.HTTPD {
	t.Helper()
	dir, err := os.MkdirTemp("", "httpd") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return &model.HTTPD{Allow: allow, Socket: &model.HTTPSocket{Path: filepath.Join(dir, "s")}}
}

// onPort starts a server on a free port of this host and returns it with its address.
func onPort(t *testing.T, h *model.HTTPD) (*stage, string) {
	t.Helper()
	h.Address = "127.0.0.1"
	s := newStage(t, h)
	for range 20 { // somebody may take the port in between
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		h.Port = l.Addr().(*net.TCPAddr).Port
		l.Close()
		err = s.server.Configure(t.Context(), h)
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "address already in use") {
			t.Fatal(err)
		}
	}
	address := fmt.Sprintf("127.0.0.1:%d", h.Port)
	s.base = "http://" + address
	if h.TLS != nil {
		s.base = "https://" + address
	}
	return s, address
}

// A response is one that was read to its end.
type response struct {
	*http.Response
	body string
}

// get asks with the login "user:password".
func (s *stage) get(login, path string, headers ...string) response {
	s.t.Helper()
	return s.do(login, http.MethodGet, path, nil, headers...)
}

// post sends a form with a token in it and in a cookie, as Monit's command line does.
func (s *stage) post(login, path string, form url.Values) response {
	s.t.Helper()
	form = url.Values(http.Header(form).Clone())
	if form == nil {
		form = url.Values{}
	}
	form.Set("securitytoken", "made-up")
	return s.do(login, http.MethodPost, path, form, "Cookie", "securitytoken=made-up")
}

func (s *stage) do(login, method, path string, form url.Values, headers ...string) response {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	if user, password, ok := strings.Cut(login, ":"); ok {
		r.SetBasicAuth(user, password)
	}
	got, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response{got, string(text)}
}

// raw sends bytes and returns what comes back until the other end closes.
func (s *stage) raw(network, address, text string) (string, error) {
	s.t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		return "", err // the other end may be so quick to reset it
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, text); err != nil {
		return "", err
	}
	out, err := io.ReadAll(bufio.NewReader(conn))
	return string(out), err
}

// expect compares status and body; "..." at the end of the body wanted stands for anything.
func (r response) expect(t *testing.T, status int, body string) {
	t.Helper()
	start, any := strings.CutSuffix(body, "...")
	if r.StatusCode != status || any && !strings.HasPrefix(r.body, start) || !any && r.body != body {
		t.Errorf("got %d %q, want %d %q", r.StatusCode, r.body, status, body)
	}
}

// message is what Monit's command line shows of an error.
func (r response) message() string {
	_, text, _ := strings.Cut(r.body, "</h2>")
	text, _, ok := strings.Cut(text, "<hr>")
	if !ok {
		return "no message in " + r.body
	}
	return text
}

// services are two of them that are well and one in trouble.
func services() []model.Snapshot {
	now := time.Now()
	system := &model.Service{Name: "web1.example.org", Kind: model.KindSystem}
	web := &model.Service{
		Name: "appd", Kind: model.KindProcess, Groups: []string{"app"}, Depends: []string{"spool"},
		Subject: model.Subject{Pidfile: "/run/appd.pid"},
		Start:   &model.Program{Args: []string{"/srv/svc.sh", "start", "a b"}, User: "www", Timeout: 5 * time.Minute},
		Stop:    &model.Program{Args: []string{"/srv/svc.sh", "stop"}},
		Rules: []model.Rule{
			{Text: "cpu > 90%", Topic: model.TopicResource, Then: []model.Action{{Kind: model.ActRestart}}},
			{Text: "mem > 1 <GB>", Topic: model.TopicResource, Then: []model.Action{{Kind: model.ActExec, Exec: &model.Program{Args: []string{"/bin/x"}}}}},
		},
		RestartLimits: []model.RestartLimit{{Restarts: 5, Cycles: 5, Then: []model.Action{{Kind: model.ActUnmonitor}}}},
		Routes:        []model.Route{{Address: "ops@example.org", Topics: model.AllTopics &^ model.TopicAction.Bit()}},
	}
	spool := &model.Service{Name: "spool", Kind: model.KindDirectory, Groups: []string{"app"}, Subject: model.Subject{Path: "/var/spool"}}
	hostile := &model.Service{Name: `<b>"x"&`, Kind: model.KindFile, Subject: model.Subject{Path: "/tmp/</textarea><script>"}}
	return []model.Snapshot{
		{Spec: system, State: model.StateOK, Monitored: true, Checked: now, Sampled: now},
		{Spec: web, State: model.StateFailing, Monitored: true, Checked: now, Sampled: now, Failing: model.TopicResource.Bit(), Rules: []model.RuleSnapshot{{}, {Failed: true}}},
		{Spec: spool, State: model.StateUnmonitored, Checked: now},
		{Spec: hostile, State: model.StateInitializing, Monitored: true, Initializing: true},
	}
}

func TestConfigureKeepsListening(t *testing.T) {
	h := onSocket(t, everybody...)
	s := setStage(t, h)
	before, err := os.Lstat(h.Socket.Path)
	if err != nil {
		t.Fatal(err)
	}
	s.get("admin:monit", "/_ping").expect(t, http.StatusOK, "pong")

	changed := *h
	changed.Allow = []model.Admission{{Kind: model.AdmitUser, Name: "other", Password: "word"}}
	if err := s.server.Configure(t.Context(), &changed); err != nil {
		t.Fatal(err)
	}
	after, err := os.Lstat(h.Socket.Path)
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("the socket is another one: %v", err)
	}
	s.get("admin:monit", "/_ping").expect(t, http.StatusUnauthorized, "<html>...")
	s.get("other:word", "/_ping").expect(t, http.StatusOK, "pong")

	if err := s.server.Configure(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(h.Socket.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestConfigureMovesPort(t *testing.T) {
	h := &model.HTTPD{Allow: everybody}
	s, first := onPort(t, h)
	s.get("admin:monit", "/_ping").expect(t, http.StatusOK, "pong")
	second := *h
	second.Address = "localhost"
	if err := s.server.Configure(t.Context(), &second); err != nil { // the same port under another name: it was given up first
		t.Fatal(err)
	}
	s.get("admin:monit", "/_ping").expect(t, http.StatusOK, "pong")
	if err := s.server.Configure(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", first); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

func TestConfigureFailsInPart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	h := onSocket(t, everybody...)
	h.Address, h.Port = "127.0.0.1", taken.Addr().(*net.TCPAddr).Port
	s := newStage(t, h)
	want := fmt.Sprintf("cannot listen on %s: address already in use", taken.Addr())
	if err := s.server.Configure(t.Context(), h); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	s.get("admin:monit", "/_ping").expect(t, http.StatusOK, "pong")

	broken := *h
	broken.TLS = &model.ServerTLS{Certificate: "/nowhere/cert.pem", Key: "/nowhere/cert.pem"}
	broken.Allow = nil
	broken.Allow = append(broken.Allow, watcher)
	if err := s.server.Configure(t.Context(), &broken); err == nil || !strings.Contains(err.Error(), "/nowhere/cert.pem") {
		t.Errorf("got %v", err)
	}
	s.get("admin:monit", "/_ping").expect(t, http.StatusOK, "pong") // as before
}

func TestNobodyAllowed(t *testing.T) { // H-17
	h := onSocket(t)
	s := setStage(t, h)
	if _, err := os.Lstat(h.Socket.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a socket: %v", err)
	}
	if got := s.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "no connections are allowed") {
		t.Errorf("the log says %q", got)
	}
}

func TestEnded(t *testing.T) {
	s := newStage(t, nil)
	s.server.Close(t.Context())
	if err := s.server.Configure(t.Context(), onSocket(t, admin)); err == nil {
		t.Error("it opened after its end")
	}
}
