package httpd

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"orderly/internal/model"
)

// rows are the labelled facts of a page.
func (r response) rows() (rows []string) {
	for _, m := range regexp.MustCompile(`<th scope="row">(.*?)</th><td[^>]*>((?s).*?)</td>`).FindAllStringSubmatch(r.body, -1) {
		value := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[2], "")
		rows = append(rows, html.UnescapeString(m[1]+": "+value))
	}
	return rows
}

// buttons are the actions that a page offers.
func (r response) buttons() (actions []string) {
	for _, m := range regexp.MustCompile(`<button name="action" value="(.*?)">`).FindAllStringSubmatch(r.body, -1) {
		actions = append(actions, m[1])
	}
	return actions
}

func TestServicePage(t *testing.T) { // H-02
	s := setStage(t, onSocket(t, everybody...))
	page := s.get("admin:monit", "/appd")
	rows := page.rows()
	for _, want := range []string{
		"Status: Resource limit matched",
		"Monitoring status: Monitored",
		"Monitoring mode: active",
		"On reboot: start",
		"Resource: cpu > 90%\nthen restart",
		"Resource: mem > 1 <GB>\nthen exec /bin/x",
		"Timeout: 5 restarts within 5 cycles\nthen unmonitor",
		"Name: appd",
		"CPU total: -",
		"Pid file: /run/appd.pid",
		"Group: app",
		"Depends on service: spool",
		`Start program: /srv/svc.sh start "a b" as user www, timeout 5m`,
		"Stop program: /srv/svc.sh stop",
		"Check service: every cycle of 5s",
		"Alert: ops@example.org: all events but action",
	} {
		if !slices.Contains(rows, want) {
			t.Errorf("the page misses %q: %q", want, rows)
		}
	}
	if !strings.Contains(page.body, `<a href="/spool">spool</a>`) {
		t.Error("there is no way to the service it depends on")
	}
	for _, tt := range []struct {
		login, path string
		want        []string
	}{
		{"admin:monit", "/appd", []string{"start", "stop", "restart", "unmonitor"}},
		{"admin:monit", "/spool", []string{"monitor"}},
		{"guest:guest", "/appd", nil},
		{"admin:monit", "/_runtime", []string{"validate", "stop"}},
		{"guest:guest", "/_runtime", nil},
	} {
		if got := s.get(tt.login, tt.path).buttons(); !slices.Equal(got, tt.want) {
			t.Errorf("%s for %s offers %v, want %v", tt.path, tt.login, got, tt.want)
		}
	}
}

func TestHomePage(t *testing.T) { // H-02
	s := setStage(t, onSocket(t, everybody...))
	page := s.get("admin:monit", "/")
	if !strings.Contains(page.body, `<meta http-equiv="refresh" content="5">`) {
		t.Error("it is not refreshed")
	}
	var at []int
	for _, want := range []string{
		"1 service failing", "1 service not checked yet", "1 service not monitored", "1 service fine",
		"<th>System</th>", `href="/web1.example.org"`, "<th>Process</th>", `href="/appd"`, "<th>File</th>", `href="/%3Cb%3E%22x%22&amp;"`, "<th>Directory</th>", `href="/spool"`,
	} {
		at = append(at, strings.Index(page.body, want))
	}
	if !slices.IsSorted(at) || at[0] < 0 {
		t.Errorf("places are %v in %s", at, page.body)
	}
	if strings.Contains(page.body, "<th>Fifo</th>") {
		t.Error("there is a table of nothing")
	}
}

func TestPageNeedsNothingElse(t *testing.T) {
	s := setStage(t, onSocket(t, everybody...))
	page := s.get("admin:monit", "/")
	if !strings.Contains(page.body, "<style>"+style+"</style>") {
		t.Error("the style is not the one that the policy allows")
	}
	for _, bad := range []string{"<script", "http://", "https://", "style=", "onclick"} {
		if strings.Contains(page.body, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
}

func TestRuntimePage(t *testing.T) {
	h := onSocket(t, everybody...)
	s := setStage(t, h)
	s.in.Settings.Source = "/etc/monit/monitrc"
	s.in.Settings.Collectors = []model.Collector{{Scheme: "http", Host: "hub", Port: 8080, Path: "/collector", Timeout: 5e9}}
	rows := s.get("admin:monit", "/_runtime").rows()
	for _, want := range []string{
		"Id: 3be72589d136538fa6cf746bef70b5df",
		"Control file: /etc/monit/monitrc",
		"Poll time: 5s",
		"M/Monit: http://hub:8080/collector with timeout 5s",
		"Web interface: " + h.Socket.Path,
		"Who may come in: who logs in",
		"Check program timeout: 5m",
	} {
		if !slices.Contains(rows, want) {
			t.Errorf("the page misses %q: %q", want, rows)
		}
	}
}

func TestLogPage(t *testing.T) { // H-18
	s := setStage(t, onSocket(t, everybody...))
	path := filepath.Join(t.TempDir(), "log")
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.Repeat("an old line that is far away\n", 2*logTail/30) + "the last line </textarea> & \xff\n"
	for _, tt := range []struct {
		name    string
		log     model.Log
		content string
		want    string
	}{
		{"none", model.Log{}, "", "There is no log file"},
		{"syslog", model.Log{Facility: "daemon"}, "", "The log goes to syslog, facility daemon."},
		{"missing", model.Log{File: "/nowhere/log"}, "", "cannot read the log: stat /nowhere/log"},
		{"fifo", model.Log{File: fifo}, "", "is not a regular file"},
		{"empty", model.Log{File: path}, "", "The log is empty."},
		{"short", model.Log{File: path}, "one line\n", "<textarea readonly aria-label=\"Log\">\none line\n</textarea>"},
		{"long", model.Log{File: path}, lines, "the last line &lt;/textarea&gt; &amp; \uFFFD\n</textarea>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.log.File == path {
				if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s.mu.Lock()
			s.in.Settings.Log = tt.log
			s.mu.Unlock()
			got := s.get("admin:monit", "/_viewlog")
			if got.StatusCode != 200 || !strings.Contains(got.body, tt.want) {
				t.Errorf("got %d %.2000s", got.StatusCode, got.body)
			}
			if len(got.body) > logTail+16<<10 {
				t.Errorf("%d bytes", len(got.body))
			}
			if _, text, ok := strings.Cut(got.body, "aria-label=\"Log\">\n"); ok && tt.name == "long" && !strings.HasPrefix(text, "an old line") {
				t.Errorf("it begins in the middle of a line: %.50q", text)
			}
		})
	}
	if got := s.get("guest:guest", "/_viewlog"); got.StatusCode != 403 || got.message() != errReadOnly.message {
		t.Errorf("got %d %s", got.StatusCode, got.body)
	}
}

func TestFavicon(t *testing.T) {
	s := setStage(t, onSocket(t, everybody...))
	got := s.get("admin:monit", "/favicon.ico")
	if got.Header.Get("Set-Cookie") != "" || got.Header.Get("Cache-Control") == "no-store" {
		t.Errorf("headers are %v", got.Header)
	}
	if got.body != string(favicon) {
		t.Errorf("%d bytes", len(got.body))
	}
}
