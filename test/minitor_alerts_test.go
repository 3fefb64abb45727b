package test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// harmful is a file whose alerts do whatever an alert should not. @MARK@ is in the arguments of all that they start.
const harmful = `check_interval: 1
monitors:
  - {name: hang, command: 'false', alerts: [hang, told], alert_after: 1, alert_every: 0}
  - {name: flood, command: 'yes "$(printf "\033]0;\007%2000s")" | head -c 100000000; exit 1', alerts: [flood, told], alert_after: 1, alert_every: 0}
  - {name: bomb, command: 'false', alerts: [bomb, told], alert_after: 1, alert_every: 0}
  - {name: fails, command: 'false', alerts: [fails, told], alert_after: 1, alert_every: 0}
  - {name: nowhere, command: 'false', alerts: [nowhere, told], alert_after: 1, alert_every: 0}
  - {name: calm, command: 'echo >> calm', check_interval: 1}
alerts:
  hang:
    timeout: 3
    command: "trap '' TERM INT HUP; echo > hangs; while :; do sleep 1000@MARK@; done"
  flood: {timeout: 1, command: 'exec yes "{last_output}"'}
  bomb: {timeout: 2, command: 'for i in $(seq 100); do sleep 1000@MARK@ & done; echo > bombed; wait'}
  fails: {command: 'exit 1'}
  nowhere: {command: [/no/such/program, '{last_output}']}
  told: {command: [sh, -c, 'echo "$1" >> told', told, '{monitor_name}']}
`

// running counts the processes with a word in their arguments.
func running(t *testing.T, word string) (n int) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(files) == 0 {
		t.Skip("this needs /proc")
	}
	for _, file := range files {
		text, _ := os.ReadFile(file) // it may have ended
		if bytes.Contains(text, []byte(word)) {
			n++
		}
	}
	return n
}

// peak is the most memory that a process ever had, in bytes.
func peak(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, behind, _ := strings.Cut(string(text), "VmHWM:")
	kB, err := strconv.Atoi(strings.Fields(behind)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kB << 10
}

// Pins M-042, M-043 and M-051: alerts that hang, write without end, start a hundred programs, fail or are not there harm
// neither other alerts nor checks nor the daemon, which ends with nothing of theirs left behind.
func TestMinitorAlertsThatDoHarm(t *testing.T) {
	dir := t.TempDir()
	mark := fmt.Sprintf(".%09d", os.Getpid())
	if err := os.WriteFile(filepath.Join(dir, "config.yml"), []byte(strings.ReplaceAll(harmful, "@MARK@", mark)), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	cmd, log := minitor(t, dir, "-metrics", "-metrics-port", strconv.Itoa(port))
	read := func(name string) string {
		text, _ := os.ReadFile(filepath.Join(dir, name))
		return string(text)
	}
	wait := func(what string, is func() bool) {
		t.Helper()
		for end := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("never: %s\n%s", what, log)
			}
		}
	}
	page := func(path string) string {
		res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
		if err != nil {
			return ""
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, name := range []string{"hang", "flood", "bomb", "fails", "nowhere"} {
		wait("the alert after that of "+name, func() bool { return strings.Contains(read("told"), name+"\n") })
		wait(name+" is counted", func() bool {
			return strings.Contains(page("/metrics"), fmt.Sprintf(`orderly_alert_failures_total{alert="%s",monitor="%s"} `, name, name))
		})
	}
	if !strings.Contains(read("hangs"), "\n") || !strings.Contains(read("bombed"), "\n") {
		t.Error("the alerts have not done what they should")
	}
	before := len(read("calm"))
	wait("checks go on", func() bool { return len(read("calm")) >= before+2 })
	if body := page("/healthz"); !strings.HasPrefix(body, "alive\n") || !strings.Contains(body, "alerts do not arrive: bomb, fails, flood, hang, nowhere\n") {
		t.Errorf("health: %q", body)
	}
	const plenty = 256 << 20
	if most := peak(t, cmd.Process.Pid); most > plenty {
		t.Errorf("the daemon has needed %d MB", most>>20)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, log)
	}
	wait("all that alerts started has ended", func() bool { return running(t, mark) == 0 })
	if strings.ContainsAny(log.String(), "\a\x1b") {
		t.Error("what a check wrote reaches the terminal")
	}
}
