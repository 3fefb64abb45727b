package control

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// leaveVariable says what an ordinary user may do.
const leaveVariable = "ORDERLY_TEST_LEAVE"

// asNobody runs TestNotRoot as an ordinary user.
func asNobody(t *testing.T, leave string) {
	t.Helper()
	cmd := exec.Command("/tmp/control.test", "-test.v", "-test.run", "^TestNotRoot$")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "TMPDIR=/tmp", leaveVariable+"="+leave)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v: %s", err, out)
	}
}

func (x *systemdWorld) notRoot(t *testing.T) { asNobody(t, "") } // S-29

// polkit has an ordinary user do what the recipe for it allows, and nothing else.
func (x *systemdWorld) polkit(t *testing.T) { // S-29
	if _, err := os.Stat("/usr/lib/systemd/system/polkit.service"); err != nil {
		t.Skip("polkit is not installed")
	}
	_, rule, found := strings.Cut(os.Getenv(insideVariable), "```text\npolkit.addRule(")
	rule, _, ended := strings.Cut(rule, "```")
	if !found || !ended {
		t.Fatal("there is no recipe for polkit")
	}
	rule = "polkit.addRule(" + strings.NewReplacer(`"orderly"`, `"nobody"`, `"db.service"`, `"limited.service"`).Replace(rule)
	if err := os.WriteFile("/etc/polkit-1/rules.d/50-orderly.rules", []byte(rule), 0o644); err != nil {
		t.Fatal(err)
	}
	manage(t, "start", "polkit")
	for range 4 {
		_ = exec.Command("systemctl", "restart", "limited").Run() // until systemd has had enough of it
	}
	asNobody(t, "web limited")
}

// TestNotRoot is run by TestInsideSystemd as an ordinary user.
func TestNotRoot(t *testing.T) {
	if os.Getenv(insideVariable) == "" || os.Geteuid() == 0 {
		t.Skip("runs inside TestRealSystemd")
	}
	u := onlyOn(t, "systemd", UnitOptions{})
	for _, name := range []string{"web", "limited", "once"} {
		found, err := u.Find(t.Context(), "", name)
		if err != nil {
			t.Fatal(err)
		}
		may := slices.Contains(strings.Fields(os.Getenv(leaveVariable)), name)
		for _, verb := range []Verb{VerbStart, VerbStop, VerbRestart} {
			switch _, out := u.Do(t.Context(), found, verb); {
			case out.Idle:
			case may:
				want(t, out, verb.done()+".*", "")
			default:
				want(t, out, "", "cannot "+string(verb)+" "+found.Name+": permission denied; .*polkit rule.*")
			}
		}
		if now, err := u.Status(t.Context(), found); err != nil || now.State != UnitRunning && may {
			t.Errorf("%s: %+v, %v", name, now, err)
		}
	}
}
