package cli

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// portOf makes the settings of a server that listens already.
func portOf(t *testing.T, address net.Addr) *model.HTTPD {
	t.Helper()
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return &model.HTTPD{Port: n, Address: host, Allow: []model.Admission{{Kind: model.AdmitUser, Name: "admin", Password: "sesame"}}}
}

func TestHTTPRemoteAsks(t *testing.T) { // C-25
	type request struct {
		path string
		form url.Values
	}
	var got request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "+") || strings.Contains(string(body), "/") {
			t.Errorf("a body that Monit would misread: %s", body)
		}
		got.path = r.URL.Path
		got.form, _ = url.ParseQuery(string(body))
		cookie, err := r.Cookie("securitytoken")
		if err != nil || cookie.Value == "" || got.form.Get("securitytoken") != cookie.Value || r.Method != http.MethodPost {
			t.Errorf("%s with cookie %v, form %v", r.Method, cookie, got.form)
		}
		if user, password, _ := r.BasicAuth(); user != "admin" || password != "sesame" {
			t.Errorf("logs in as %s:%s", user, password)
		}
		got.form.Del("securitytoken")
		w.Header().Set("Location", r.URL.Path)
		w.WriteHeader(http.StatusFound) // H-04: that is what success looks like
		_, _ = io.WriteString(w, "the text\n")
	}))
	defer s.Close()
	r, err := newHTTPRemote(portOf(t, s.Listener.Addr()), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ask  func() (string, error)
		want request
	}{
		{
			func() (string, error) {
				return r.text(t.Context(), client.MonitQuery{What: "status", Services: []string{"a b/c"}, Group: "g"})
			},
			request{"/_status", url.Values{"format": {"text"}, "service": {"a b/c"}, "group": {"g"}}},
		},
		{
			func() (string, error) {
				return r.text(t.Context(), client.MonitQuery{What: "report", Type: "up"})
			},
			request{"/_report", url.Values{"format": {"text"}, "type": {"up"}}},
		},
		{
			func() (string, error) {
				return "the text\n", r.act(t.Context(), model.Command{Kind: model.CommandStop, Names: []string{"a.*"}}, false)
			},
			request{"/_doaction", url.Values{"format": {"text"}, "action": {"stop"}, "service": {"a.*"}}},
		},
		{
			func() (string, error) {
				return "the text\n", r.act(t.Context(), model.Command{Kind: model.CommandMonitor, Names: []string{"c++", "a.example", "x^y", "a\\b.c"}}, true)
			},
			request{"/_doaction", url.Values{
				"format": {"text"}, "action": {"monitor"}, "service": {`c\+\+`, "a.example", `^x\^y$`, `a\\b\.c`},
			}},
		},
	} {
		text, err := tt.ask()
		if err != nil || text != "the text\n" || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("got %+v, %q, %v, want %+v", got, text, err, tt.want)
		}
	}
}

func TestHTTPRemoteFails(t *testing.T) { // C-25, H-15
	page := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	reset := func(w http.ResponseWriter, _ *http.Request) {
		panic(http.ErrAbortHandler)
	}
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{
			"an error page", page(400, `<html><head><title>400 Bad Request</title></head><body bgcolor=#FFFFFF><h2>Bad Request</h2>There is no service named "&lt;x&gt;"<hr><a href='x'>m</a></body></html>`),
			`There is no service named "<x>"`,
		},
		{"before a request is understood", page(400, "<h2>Bad Request</h2>[error] URL too long<p><hr>"), "[error] URL too long"},
		{"no page", page(401, "go away"), "401 Unauthorized"},
		{"an empty message", page(403, "<h2>x</h2><hr>"), "403 Forbidden"},
		{"a redirection elsewhere", page(301, ""), "301 Moved Permanently"},
		{"garbage", page(500, "<h2>x</h2>"+strings.Repeat("y", 1<<20)), "500 Internal Server Error"},
		{"a reset", reset, "Cannot read the answer of the daemon at [127.0.0.1]:"},
	} {
		s := httptest.NewServer(tt.answer)
		r, err := newHTTPRemote(portOf(t, s.Listener.Addr()), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.text(t.Context(), client.MonitQuery{What: "status"})
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || len(err.Error()) > 200 {
			t.Errorf("%s: got %v", tt.name, err)
		}
		s.Close()
	}
}

func TestHTTPRemoteRefused(t *testing.T) { // C-25
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings := portOf(t, l.Addr())
	_ = l.Close()
	r, err := newHTTPRemote(settings, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("Cannot connect to [127.0.0.1]:%d -- Connection refused", settings.Port)
	if _, err := r.text(t.Context(), client.MonitQuery{What: "status"}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	for _, none := range []*model.HTTPD{nil, {}} {
		if _, err := newHTTPRemote(none, time.Minute); err != errNoHTTPD {
			t.Errorf("got %v", err)
		}
	}
}

func TestHTTPRemoteChoosesDoor(t *testing.T) { // C-25
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "by the socket")
	})}}
	s.Start()
	defer s.Close()
	for _, tt := range []struct {
		settings model.HTTPD
		want     string
	}{
		{model.HTTPD{Socket: &model.HTTPSocket{Path: socket}}, socket},
		{model.HTTPD{Port: 1, Socket: &model.HTTPSocket{Path: socket}}, "[localhost]:1"},
		{model.HTTPD{Port: 1, Address: "::1", ReadOnly: true}, "[::1]:1"},
		{model.HTTPD{Port: 1, ReadOnly: true, Socket: &model.HTTPSocket{Path: socket, ReadOnly: true}}, "[localhost]:1"},
		{model.HTTPD{Port: 1, ReadOnly: true, Socket: &model.HTTPSocket{Path: socket}}, socket},
	} {
		r, err := newHTTPRemote(&tt.settings, time.Minute)
		if err != nil || r.at != tt.want {
			t.Errorf("%+v: got %v, %v", tt.settings, r, err)
			continue
		}
		if tt.want != socket {
			continue
		}
		if text, err := r.text(t.Context(), client.MonitQuery{What: "status"}); err != nil || text != "by the socket" {
			t.Errorf("got %q, %v", text, err)
		}
	}
}

func TestHTTPRemoteTLS(t *testing.T) { // C-25
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // one of the clients hangs up
	s.StartTLS()
	defer s.Close()
	dir := t.TempDir()
	own, other := filepath.Join(dir, "own.pem"), filepath.Join(dir, "other.pem")
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("not read")})
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(own, slices.Concat(key, certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("another")}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ file, want string }{
		{own, ""},
		{other, "its certificate is not the one of the control file"},
		{filepath.Join(dir, "none.pem"), "Cannot read the certificate of the daemon"},
	} {
		settings := portOf(t, s.Listener.Addr())
		settings.TLS = &model.ServerTLS{Certificate: tt.file, Key: tt.file}
		r, err := newHTTPRemote(settings, time.Minute)
		if err == nil {
			_, err = r.text(t.Context(), client.MonitQuery{What: "status"})
		}
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.file, err)
		}
	}
	config, err := ownServerTLS(&model.ServerTLS{Certificate: own}, "h")
	if err != nil || config.MinVersion != tls.VersionTLS12 || config.VerifyConnection == nil {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestCredentials(t *testing.T) { // C-25
	dir := t.TempDir()
	clear, digests := filepath.Join(dir, "clear"), filepath.Join(dir, "digests")
	for file, text := range map[string]string{clear: "# users\nann:a:b\nbob:c\n", digests: "eve:$1$x$y\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	user := func(name string, readOnly bool) model.Admission {
		return model.Admission{Kind: model.AdmitUser, Name: name, Password: "p", ReadOnly: readOnly}
	}
	host := model.Admission{Kind: model.AdmitHost, Name: "localhost"}
	for _, tt := range []struct {
		name  string
		allow []model.Admission
		want  string
	}{
		{"none", nil, ":"},
		{"hosts only", []model.Admission{host}, ":"},
		{"the first who may act", []model.Admission{user("r", true), host, user("w", false), user("x", false)}, "w:p"},
		{"the last who may look", []model.Admission{user("r", true), user("s", true)}, "s:p"},
		{"a file", []model.Admission{{Kind: model.AdmitFile, Name: clear, Hash: "cleartext"}}, "ann:a:b"},
		{"some of a file", []model.Admission{{Kind: model.AdmitFile, Name: clear, Hash: "cleartext", Users: []string{"bob"}}}, "bob:c"},
		{"digests", []model.Admission{{Kind: model.AdmitFile, Name: digests, Hash: "md5"}, user("r", true)}, "r:p"},
		{"no file", []model.Admission{{Kind: model.AdmitFile, Name: filepath.Join(dir, "none"), Hash: "cleartext"}}, ":"},
	} {
		if name, password := credentials(tt.allow); name+":"+password != tt.want {
			t.Errorf("%s: got %s:%s, want %s", tt.name, name, password, tt.want)
		}
	}
}

func TestTextsOfOthersAreTamed(t *testing.T) {
	for text, want := range map[string]string{
		"\x1b[1;36mSystem\x1b[0m\n": "\x1b[1;36mSystem\x1b[0m\n",
		"\x1b[2J\x1b]0;title\x07x":  "?[2J?]0;title?x",
		"\x1b":                      "?",
		"a\r\tb\u009b31m":           "a?\tb?31m",
	} {
		if got := tame(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
