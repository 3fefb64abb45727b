package control

import "testing"

// When the main process is killed and the unit's own program to stop it then fails, systemd tells the failure of the latter.
func TestResultOfMainProcess(t *testing.T) {
	for code, want := range map[int32]string{1: "exit status 9", 2: "killed by signal 9"} {
		p := variants(map[string]any{"Result": "exit-code", "ExecMainCode": code, "ExecMainStatus": int32(9)})
		if got := serviceResult(p); got != want {
			t.Errorf("the result for code %d is %q, want %q", code, got, want)
		}
	}
}
