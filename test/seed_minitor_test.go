package test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// seedMinitor is the file of the story of Minitor, with shorter times, a site of the test and a recovery to tell of. Its
// alert goes to @SINK@, and says how often it has failed.
const seedMinitor = `check_interval: 1
monitors:
  - name: My Blog
    command: [ 'curl', '-s', '-f', '-o', '/dev/null', '@SITE@' ]
    alerts: [ log, mailgun ]
    alert_up: [ log, mailgun ]
    check_interval: 1
    alert_after: 3
    alert_every: -1 # Defaults to -1 for exponential backoff
  - name: every third
    command: [ 'curl', '-s', '-f', '-o', '/dev/null', '@SITE@' ]
    alerts: [ note ]
    alert_up: [ note ]
    check_interval: 1
    alert_after: 2
    alert_every: 3
  - name: once
    command: [ 'curl', '-s', '-f', '-o', '/dev/null', '@SITE@' ]
    alerts: [ note ]
    alert_up: [ note ]
    check_interval: 1
    alert_after: 5
    alert_every: 0
  - name: hangs
    command: sleep 1000
  - name: not there
    command: [ no-such-program ]
    alerts: [ not there ]
    check_interval: 1
    alert_after: 1

alerts:
  mailgun:
    command: >
      curl -s -X POST
      -F subject="Alert! {monitor_name} failed"
      -F from="Minitor <minitor@minitor.mon>"
      -F to=me@minitor.mon
      -F text="{alert_message} ({failure_count}, {alert_count})"
      @SINK@/v3/minitor.mon/messages
      -u "api:${MAILGUN_API_KEY}"
  note:
    command: [ sh, -c, 'echo "$2 $3 $4" >> "$1.txt"', note, "{monitor_name}", "{failure_count}", "{alert_count}", "{alert_message}" ]
  not there:
    command: [ no-such-alert, "{monitor_name}" ]
`

// A mailgun takes messages as the service of that name does.
type mailgun struct {
	heard func(count int) // is told how many there are by now
	mu    sync.Mutex
	texts []string
	wrong []string
}

func (m *mailgun) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	m.mu.Lock()
	defer m.mu.Unlock()
	if user != "api" || password != "key-'1 $(2)" || r.URL.Path != "/v3/minitor.mon/messages" ||
		r.FormValue("subject") != "Alert! My Blog failed" || r.FormValue("from") != "Minitor <minitor@minitor.mon>" {
		m.wrong = append(m.wrong, fmt.Sprintf("%s:%s %s %v", user, password, r.URL, r.Form))
	}
	m.texts = append(m.texts, r.FormValue("text"))
	m.heard(len(m.texts))
}

func (m *mailgun) said() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.texts)
}

// minitor runs the link of that name in a directory.
func minitor(t *testing.T, dir string, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	link := filepath.Join(dir, "minitor")
	if err := os.Symlink(binary, link); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	cmd := exec.Command(link, append(args, "-state-dir", filepath.Join(dir, "state"), "-socket", filepath.Join(dir, "sock"))...)
	log := &output{}
	cmd.Dir, cmd.Stderr = dir, log
	cmd.Env = append(os.Environ(), "MAILGUN_API_KEY=key-'1 $(2)")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd, log
}

// TestTheStoryOfMinitor follows the second of the documents that orderly was asked for: a site fails, alerts come with the
// failures that Minitor counts to, and then it is up again. Beside it one check hangs, and one alert cannot be run.
func TestTheStoryOfMinitor(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skipf("the story cannot be followed: %v", err)
	}
	var up atomic.Bool
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !up.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer site.Close()
	sink := &mailgun{heard: func(count int) { up.Store(count >= 4) }}
	mails := httptest.NewServer(sink)
	defer mails.Close()
	dir := t.TempDir()
	text := strings.NewReplacer("@SITE@", site.URL, "@SINK@", mails.URL).Replace(seedMinitor)
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "config.yml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(text)
	read := func(name string) string {
		text, _ := os.ReadFile(filepath.Join(dir, name+".txt"))
		return string(text)
	}
	port := freePort(t)
	cmd, log := minitor(t, dir, "-metrics", "-metrics-port", strconv.Itoa(port), "-vvv")
	wait := func(what string, is func() bool) {
		t.Helper()
		for end := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("never: %s\n%q\n%s", what, sink.said(), log)
			}
		}
	}

	// After 3 failures, then with gaps of 1, 2 and 4: the exact cadence. The fourth alert has somebody put it right.
	wait("four alerts and the recovery", func() bool { return len(sink.said()) >= 5 })
	want := []string{
		"My Blog check has failed 3 times (3, 1)", "My Blog check has failed 4 times (4, 2)",
		"My Blog check has failed 6 times (6, 3)", "My Blog check has failed 10 times (10, 4)",
	}
	if got := sink.said()[:4]; !slices.Equal(got, want) {
		t.Errorf("alerts: %q", got)
	}

	last := regexp.MustCompile(`^My Blog check is up again! \((\d+), 4\)$`).FindStringSubmatch(sink.said()[4])
	if last == nil || len(sink.said()) != 5 {
		t.Fatalf("the recovery: %q", sink.said())
	}
	if failures, _ := strconv.Atoi(last[1]); failures < 10 || failures > 17 {
		t.Errorf("there were %d failures", failures)
	}
	// Beside it, others with the same failures: at every third since the second, and once.
	for name, due := range map[string]func(i int) int{
		"every third": func(i int) int { return 2 + 3*i },
		"once":        func(int) int { return 5 },
	} {
		wait("the recovery of "+name, func() bool { return strings.HasSuffix(read(name), name+" check is up again!\n") })
		lines := strings.Split(strings.TrimSpace(read(name)), "\n")
		for i, line := range lines[:len(lines)-1] {
			if want := fmt.Sprintf("%d %d %s check has failed %d times", due(i), i+1, name, due(i)); line != want {
				t.Errorf("%s: alert %d is %q, want %q", name, i+1, line, want)
			}
		}
		var failures, alerts int
		if _, err := fmt.Sscan(lines[len(lines)-1], &failures, &alerts); err != nil || alerts != len(lines)-1 || failures < due(alerts-1) || name == "once" && alerts != 1 {
			t.Errorf("%s: %d alerts, and then %q", name, len(lines)-1, lines[len(lines)-1])
		}
	}
	for _, wrong := range sink.wrong {
		t.Errorf("a message is wrong: %s", wrong)
	}
	wait("the recovery in the log", func() bool { return strings.Contains(log.String(), "My Blog check is up again!") })
	logged := regexp.MustCompile(`My Blog check (?:has failed \d+ times|is up again!)`).FindAllString(log.String(), -1) // M-073
	if want := []string{
		"My Blog check has failed 3 times", "My Blog check has failed 4 times", "My Blog check has failed 6 times",
		"My Blog check has failed 10 times", "My Blog check is up again!",
	}; !slices.Equal(logged, want) {
		t.Errorf("the log alert says %q", logged)
	}

	page := func(path string) (int, string) {
		t.Helper()
		res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	for _, path := range []string{"/metrics", "/"} {
		for _, line := range []string{
			`minitor_check_total{is_alert="true",monitor="My Blog",status="success"} 1`,
			`minitor_check_total{is_alert="true",monitor="My Blog",status="failure"} 4`,
			`minitor_alert_total{alert="mailgun",monitor="My Blog"} 5`,
			`minitor_monitor_up_count{monitor="My Blog"} 1`,
			`minitor_monitor_up_count{monitor="not there"} 0`,
			`minitor_check_milliseconds{monitor="My Blog",status="success"}`,
		} {
			wait(path+" tells "+line, func() bool { // the last alert may not have ended yet
				_, body := page(path)
				return strings.Contains(body, line)
			})
		}
	}
	if status, body := page("/healthz?monitors=1"); status != http.StatusServiceUnavailable || !strings.Contains(body, "down: not there\n") {
		t.Errorf("health: %d %s", status, body)
	}

	// A file that is broken changes nothing.
	put("monitors: [{name: x}]\n")
	reload := func() {
		t.Helper()
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	reload()
	wait("the verdict", func() bool { return strings.Contains(log.String(), `the monitor "x" has no command`) })
	put(text)
	reload()

	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil { // M-072
		t.Errorf("it ended with %v\n%s", err, log)
	}
}

// Pins M-101: killed in the middle of an outage, it neither alerts anew nor begins to count anew.
func TestMinitorKilledWhileDown(t *testing.T) {
	dir := t.TempDir()
	text := "check_interval: 1\nmonitors: [{name: site, command: 'false', alerts: [told], alert_after: 2, check_interval: 1}]\n" +
		"alerts: {told: {command: 'echo \"{failure_count} {alert_count}\" >> told'}}\n"
	if err := os.WriteFile(filepath.Join(dir, "config.yml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	told := func() []string { // what leaves at the moment of a kill may come twice
		text, _ := os.ReadFile(filepath.Join(dir, "told"))
		return slices.Compact(strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' }))
	}
	for _, alerts := range []int{2, 3, 4} {
		cmd, log := minitor(t, dir)
		for end := time.Now().Add(patience); len(told()) < alerts; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("only %q\n%s", told(), log)
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if got, want := told(), []string{"2 1", "3 2", "5 3", "9 4"}; !slices.Equal(got, want) {
		t.Errorf("alerts %q, want %q", got, want)
	}
}
