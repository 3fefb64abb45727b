package httpd

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
)

func TestGet(t *testing.T) { // H-02, H-03
	s := setStage(t, onSocket(t, everybody...))
	for _, tt := range []struct {
		path   string
		status int
		kind   string
		body   string
	}{
		{"/", 200, "text/html", "<!DOCTYPE html>..."},
		{"/_runtime", 200, "text/html", "<!DOCTYPE html>..."},
		{"/_viewlog", 200, "text/html", "<!DOCTYPE html>..."},
		{"/_about", 200, "text/html", "<!DOCTYPE html>..."},
		{"/appd", 200, "text/html", "<!DOCTYPE html>..."},
		{"/APPD", 200, "text/html", "<!DOCTYPE html>..."},
		{"/_ping", 200, "text/html", "pong"},
		{"/_PING", 200, "text/html", "pong"},
		{"/_getid", 200, "text/html", "3be72589d136538fa6cf746bef70b5df"},
		{"/_monit", 200, "text/html", ""},
		{"/favicon.ico", 200, "image/x-icon", "\x00\x00\x01..."},
		{"/_status", 200, "text/plain", "Monit 6.1.0 uptime: 0m\n\n\x1b[1;36mSystem 'web1.example.org'..."},
		{"/_status?service=spool", 200, "text/plain", "Monit 6.1.0 uptime: 0m\n\n\x1b[1;36mDirectory 'spool'..."},
		{"/_status?format=text&service=SPO.*", 200, "text/plain", "Monit 6.1.0 uptime: 0m\n\n\x1b[1;36mDirectory 'spool'..."},
		{"/_status?group=app", 200, "text/plain", "Monit 6.1.0 uptime: 0m\n\n\x1b[1;36mProcess 'appd'..."},
		{"/_status?service=nosuch", 400, "text/html", "..."},
		{"/_status?format=xml", 200, "text/xml", `<?xml version="1.0" encoding="UTF-8"?><monit><server>...`},
		{"/_status?FORMAT=xml&level=full", 200, "text/xml", `<?xml version="1.0" encoding="UTF-8"?><monit><server>...`},
		{"/_status2?format=xml", 200, "text/xml", `<?xml version="1.0" encoding="UTF-8"?><monit id="3be7...`},
		{"/_status2", 200, "text/plain", "Monit 6.1.0 uptime: 0m\n\n..."},
		{"/_summary", 200, "text/plain", "Monit 6.1.0 uptime: 0m\n\x1b[0;90m┌..."},
		{"/_report", 200, "text/plain", "up:             1 (25.0%)\ndown:           1 (25.0%)\n..."},
		{"/_report?type=up", 200, "text/plain", "1\n"},
		{"/_report?type=total&group=nosuch", 200, "text/plain", "0\n"},
		{"/_report?type=bogus", 400, "text/html", "..."},
		{"/_doaction?action=monitor&service=spool", 404, "text/html", "..."},
		{"/nosuch", 404, "text/html", "..."},
		{"/_ping/", 404, "text/html", "..."},
	} {
		got := s.get("admin:monit", tt.path)
		got.expect(t, tt.status, tt.body)
		if kind := got.Header.Get("Content-Type"); kind != tt.kind {
			t.Errorf("%s: type %s, want %s", tt.path, kind, tt.kind)
		}
	}
	if got := s.taken(); got != nil {
		t.Errorf("a GET did %v", got)
	}
}

func TestErrors(t *testing.T) { // H-15: Monit's command line shows what is between </h2> and <hr>
	s := setStage(t, onSocket(t, everybody...))
	for _, tt := range []struct{ path, title, message string }{
		{"/nosuch", "404 Not Found", `There is no service named "nosuch"`},
		{"/_ping/", "404 Not Found", `There is no service named "_ping/"`},
		{"/%3Cb%3E%26", "404 Not Found", `There is no service named "&lt;b&gt;&amp;"`},
		{"/_status?service=nosuch", "400 Bad Request", "Service 'nosuch' not found"},
		{"/_summary?group=nosuch", "400 Bad Request", "Service group 'nosuch' not found"},
		{"/_report?type=bogus", "400 Bad Request", "Invalid report type: 'bogus'"},
		{"/" + strings.Repeat("x", 600), "400 Bad Request", "[error] URL too long"}, // H-16
	} {
		got := s.get("admin:monit", tt.path)
		if got.message() != tt.message || !strings.Contains(got.body, "<title>"+tt.title+"</title>") || !strings.HasSuffix(got.body, "</html>\r\n") {
			t.Errorf("%s: got %s", tt.path, got.body)
		}
		if got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: an error sets a cookie", tt.path)
		}
	}
	if want := `HttpRequest: error -- client [unix socket]: HTTP/1.0 404 There is no service named \"nosuch\"`; !strings.Contains(s.log.String(), want) {
		t.Errorf("the log says %s", s.log)
	}
}

func TestMethods(t *testing.T) { // H-01
	s := setStage(t, onSocket(t, everybody...))
	for _, method := range []string{"PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FROB"} {
		got := s.do("admin:monit", method, "/", nil)
		if got.StatusCode != 501 || got.message() != "Method not implemented" {
			t.Errorf("%s: got %d %s", method, got.StatusCode, got.body)
		}
	}
	s.do("admin:monit", "HEAD", "/", nil).expect(t, 501, "")
	s.do("", "HEAD", "/", nil).expect(t, 401, "")
}

func TestHeaders(t *testing.T) { // H-01, H-14
	h := onSocket(t, everybody...)
	s := setStage(t, h)
	got := s.get("admin:monit", "/_ping")
	for name, want := range map[string]string{
		"Server":                 "monit " + monit.Version,
		"Content-Length":         "4",
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "SAMEORIGIN",
		"Referrer-Policy":        "same-origin",
		"Permissions-Policy":     "geolocation=(),camera=(),microphone=()",
		"Content-Type":           "text/html",
	} {
		if got := got.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := got.Header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'self'") {
		t.Errorf("Content-Security-Policy is %q", got)
	}
	cookie := regexp.MustCompile(`^securitytoken=[0-9a-f]{32}; Max-Age=600; HttpOnly; SameSite=strict$`)
	if got := got.Header.Get("Set-Cookie"); !cookie.MatchString(got) {
		t.Errorf("Set-Cookie is %q", got)
	}
	if _, err := http.ParseTime(got.Header.Get("Date")); err != nil {
		t.Error(err)
	}

	h.Anonymous = true
	if err := s.server.Configure(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if got := s.get("admin:monit", "/_ping").Header.Get("Server"); strings.TrimSpace(got) != "monit" {
		t.Errorf("Server is %q", got)
	}
	for _, path := range []string{"/nosuch", "/_about", "/"} {
		if got := s.get("admin:monit", path); strings.Contains(got.body, monit.Version) {
			t.Errorf("%s tells the version", path)
		}
	}
}

func TestConnectionStaysOnRequest(t *testing.T) { // H-01
	h := onSocket(t, admin)
	s := setStage(t, h)
	const login = "Authorization: Basic YWRtaW46bW9uaXQ=\r\n"
	for _, tt := range []struct {
		request string
		answers int
	}{
		{"GET /_ping HTTP/1.0\r\n" + login + "\r\n", 1},
		{"GET /_ping HTTP/1.1\r\nHost: x\r\n" + login + "\r\n", 1},
		{"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n" + login + "\r\n", 2},
		{"GET /_ping HTTP/1.0\r\nConnection: keep-alive\r\n" + login + "\r\n", 2},
	} {
		last := "GET /_ping HTTP/1.0\r\n" + login + "\r\n"
		got, err := s.raw("unix", h.Socket.Path, tt.request+last)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(got, "pong"); n != tt.answers {
			t.Errorf("%d answers to %q, want %d: %q", n, tt.request, tt.answers, got)
		}
		if !strings.Contains(got, "Connection: close\r\n") {
			t.Errorf("the end is not told: %q", got)
		}
	}
}

func TestGzip(t *testing.T) { // H-01
	s := setStage(t, onSocket(t, everybody...))
	for accepted, want := range map[string]bool{
		"gzip": true, "deflate, gzip;q=0.5": true, "x, GZIP": true, "*": false, "": false, "gzip;q=0": false, "gzip; q=0.0": false, "gzipped": false,
	} {
		for _, path := range []string{"/_status?format=xml", "/_ping", "/nosuch"} {
			got := s.get("admin:monit", path, "Accept-Encoding", accepted)
			if packed := got.Header.Get("Content-Encoding") == "gzip"; packed != want {
				t.Errorf("%s with %q: packed %v", path, accepted, packed)
			}
			if !want {
				continue
			}
			r, err := gzip.NewReader(strings.NewReader(got.body))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(r); err != nil || len(text) == 0 {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if got := s.get("admin:monit", "/_monit", "Accept-Encoding", "gzip"); got.Header.Get("Content-Encoding") != "" {
		t.Error("nothing was packed")
	}
}

func TestPostAnswersWithBody(t *testing.T) { // H-04
	s := setStage(t, onSocket(t, everybody...))
	for _, tt := range []struct{ path, body string }{
		{"/_status", "Monit 6.1.0 uptime: 0m\n\n..."},
		{"/_summary", "Monit 6.1.0 uptime: 0m\n..."},
		{"/_report", "up: ..."},
		{"/_runtime", "<!DOCTYPE html>..."},
		{"/_viewlog", "<!DOCTYPE html>..."},
		{"/", "<!DOCTYPE html>..."},
		{"/spool", ""},
	} {
		got := s.post("admin:monit", tt.path, url.Values{"format": {"text"}})
		got.expect(t, http.StatusFound, tt.body)
		if to := got.Header.Get("Location"); to != tt.path {
			t.Errorf("%s leads to %q", tt.path, to)
		}
	}
	if to := location(&url.URL{Path: "//evil.example\r\nX: y"}); to != "/evil.example%0D%0AX:%20y" {
		t.Errorf("leads to %q", to)
	}
}

func TestActions(t *testing.T) { // H-05, H-06, H-11
	s := setStage(t, onSocket(t, everybody...))
	command := func(kind model.CommandKind, names ...string) []model.Command {
		return []model.Command{{Kind: kind, Names: names}}
	}
	for _, tt := range []struct {
		name, login, path string
		form              url.Values
		status            int
		message           string // of an error
		did               []model.Command
	}{
		{"one", "admin:monit", "/_doaction", url.Values{"action": {"monitor"}, "service": {"spool"}}, 302, "", command("monitor", "spool")},
		{"several", "admin:monit", "/_doaction", url.Values{"action": {"RESTART"}, "service": {"spool", "appd", "spool"}}, 302, "", command("restart", "appd", "spool")},
		{"expression", "admin:monit", "/_doaction", url.Values{"action": {"stop"}, "service": {"^[sa]p"}}, 302, "", command("stop", "appd", "spool")},
		{"unknown", "admin:monit", "/_doaction", url.Values{"action": {"start"}, "service": {"zz"}}, 400, `There is no service named "zz"`, nil},
		{"unknown last", "admin:monit", "/_doaction", url.Values{"action": {"start"}, "service": {"spool", "zz"}}, 400, `There is no service named "zz"`, nil},
		{"unknown first", "admin:monit", "/_doaction", url.Values{"action": {"start"}, "service": {"zz", "spool"}}, 302, "", command("start", "spool")},
		{"no service", "admin:monit", "/_doaction", url.Values{"action": {"start"}}, 302, "", nil},
		{"no action", "admin:monit", "/_doaction", url.Values{"service": {"spool"}}, 302, "", nil},
		{"bad action", "admin:monit", "/_doaction", url.Values{"action": {"frob"}, "service": {"spool"}}, 400, `Invalid action "frob"`, nil},
		{"last action", "admin:monit", "/_doaction", url.Values{"action": {"frob", "start"}, "service": {"spool"}}, 302, "", command("start", "spool")},
		{"no check", "admin:monit", "/_doaction", url.Values{"action": {"check"}, "service": {"spool"}}, 400, `Invalid action "check"`, nil},
		{"read-only", "guest:guest", "/_doaction", url.Values{"action": {"start"}, "service": {"spool"}}, 403, errReadOnly.message, nil},

		{"page", "admin:monit", "/spool", url.Values{"action": {"unmonitor"}}, 302, "", command("unmonitor", "spool")},
		{"page, letter case", "admin:monit", "/SPOOL", url.Values{"action": {"unmonitor"}}, 302, "", command("unmonitor", "spool")},
		{"page, no expression", "admin:monit", "/spoo.", url.Values{"action": {"unmonitor"}}, 404, `There is no service named "spoo."`, nil},
		{"page, bad action", "admin:monit", "/spool", url.Values{"action": {"exec"}}, 400, `Invalid action "exec"`, nil},
		{"page, no action", "admin:monit", "/spool", nil, 302, "", nil},
		{"page, unknown", "admin:monit", "/zz", url.Values{"action": {"monitor"}}, 404, `There is no service named "zz"`, nil},
		{"page, read-only", "guest:guest", "/spool", url.Values{"action": {"monitor"}}, 403, errReadOnly.message, nil},

		{"runtime, read-only", "guest:guest", "/_runtime", url.Values{"action": {"validate"}}, 403, errReadOnly.message, nil},
		{"runtime, read-only debug", "guest:guest", "/_runtime", url.Values{"debug": {"1"}}, 403, errReadOnly.message, nil},
		{"runtime, bad action", "admin:monit", "/_runtime", url.Values{"action": {"frob"}}, 400, `Invalid action "frob"`, nil},
		{"runtime, bad debug", "admin:monit", "/_runtime", url.Values{"debug": {"2"}}, 400, "Invalid action", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := s.post(tt.login, tt.path, tt.form)
			if got.StatusCode != tt.status {
				t.Errorf("got %d %s", got.StatusCode, got.body)
			}
			if tt.message != "" && got.message() != tt.message {
				t.Errorf("got %q", got.message())
			}
			if did := s.taken(); !reflect.DeepEqual(did, tt.did) {
				t.Errorf("did %v, want %v", did, tt.did)
			}
		})
	}
	if s.awakened != 0 || s.verbose != nil {
		t.Errorf("somebody who may not did: %d, %v", s.awakened, s.verbose)
	}
}

func TestRefusedCommand(t *testing.T) {
	s := setStage(t, onSocket(t, everybody...))
	s.fails = errors.New("256 are under way")
	got := s.post("admin:monit", "/_doaction", url.Values{"action": {"start"}, "service": {"spool"}})
	if want := "cannot start spool: 256 are under way"; got.StatusCode != 503 || got.message() != want {
		t.Errorf("got %d %s", got.StatusCode, got.message())
	}
}

func TestRuntimeCommands(t *testing.T) { // H-06
	h := onSocket(t, everybody...)
	s := setStage(t, h)
	s.post("admin:monit", "/_runtime", url.Values{"action": {"validate"}}).expect(t, 302, "<!DOCTYPE...")
	s.post("admin:monit", "/_runtime", url.Values{"debug": {"1"}}).expect(t, 302, "<!DOCTYPE...")
	s.post("admin:monit", "/_runtime", url.Values{"debug": {"0"}}).expect(t, 302, "<!DOCTYPE...")
	if s.awakened != 1 || !reflect.DeepEqual(s.verbose, []bool{true, false}) {
		t.Errorf("awakened %d times, verbose %v", s.awakened, s.verbose)
	}
	if got := s.post("admin:monit", "/_runtime", url.Values{"action": {"stop"}}); got.StatusCode != 503 {
		t.Errorf("got %d %s", got.StatusCode, got.body)
	}
	s.server.errand.Wait()
	if _, err := s.client.Get(s.base + "/_ping"); err == nil {
		t.Error("it still listens")
	}
	if err := s.server.Configure(t.Context(), h); err != nil { // as a reload does
		t.Fatal(err)
	}
	s.get("admin:monit", "/_ping").expect(t, 200, "pong")
}

func TestDocumentTellsNoLoginToReaders(t *testing.T) {
	s := setStage(t, onSocket(t, everybody...))
	s.in.Settings.HTTPD.Port = 2812 // as the document tells it
	s.in.Settings.Collectors = []model.Collector{{Host: "hub"}}
	if got := s.get("admin:monit", "/_status?format=xml"); !strings.Contains(got.body, "<password>monit</password>") {
		t.Error("a collector's login is missing")
	}
	if got := s.get("guest:guest", "/_status?format=xml"); strings.Contains(got.body, "<password>") {
		t.Error("who may only read is told how to write")
	}
}

func TestDocumentIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, &model.HTTPD{})
		q := &request{Request: &http.Request{Header: http.Header{"Accept-Encoding": {"gzip"}}}}
		asks := func(times, made int) answer {
			t.Helper()
			var a answer
			for range times {
				var err error
				if a, err = s.server.document(t.Context(), q, 1); err != nil {
					t.Fatal(err)
				}
			}
			if s.asked != made {
				t.Errorf("it was made %d times, want %d", s.asked, made)
			}
			return a
		}
		first := asks(3, 1)
		r, err := gzip.NewReader(bytes.NewReader(first.packed))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(r); err != nil || !bytes.Equal(text, first.body) {
			t.Errorf("what is packed is another text: %v", err)
		}
		s.revision++
		s.services = s.services[:1]
		if again := asks(2, 2); bytes.Contains(again.body, []byte("spool")) {
			t.Error("it is out of date")
		}
		time.Sleep(time.Second) // uptimes are others
		asks(2, 3)
		s.in.Incarnation = time.Now().Add(-time.Minute)
		asks(2, 4)
	})
}
