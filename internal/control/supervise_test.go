package control

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func recorded(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRunitStatus(t *testing.T) { // S-20
	at := time.Unix(0x6b00a2ce-10, 0x0240d9d4)
	const stamp = "40000000 6b00a2ce 0240d9d4 "
	tests := []struct {
		name, status string
		want         Unit
	}{
		{"recorded", stamp + "7d480000 00 75 00 01", Unit{State: UnitRunning, Detail: "run", PID: 0x487d, Run: "400000006b00a2ce0240d9d4"}},
		{"paused", stamp + "7d480000 01 75 00 01", Unit{State: UnitRunning, Detail: "run, paused", PID: 0x487d, Run: "400000006b00a2ce0240d9d4"}},
		{"once", stamp + "7d480000 00 64 00 01", Unit{State: UnitRunning, Detail: "run", PID: 0x487d, Run: "400000006b00a2ce0240d9d4"}},
		{"does not end", stamp + "7d480000 00 64 01 01", Unit{State: UnitStopping, Detail: "run, got TERM", PID: 0x487d, Run: "400000006b00a2ce0240d9d4"}},
		{"down", stamp + "00000000 00 64 00 00", Unit{State: UnitStopped, Detail: "down"}},
		{"wants up", stamp + "00000000 00 75 00 00", Unit{State: UnitRestarting, Detail: "down, want up"}},
		{"finish", stamp + "01000000 00 64 00 02", Unit{State: UnitStopping, Detail: "finish"}},
		{"finish, then up", stamp + "01000000 00 75 00 02", Unit{State: UnitRestarting, Detail: "down, want up"}},
		{"daemontools", stamp + "7d480000 00 75", Unit{State: UnitRunning, Detail: "run", PID: 0x487d, Run: "400000006b00a2ce0240d9d4"}},
		{"daemontools, down", stamp + "00000000 00 64", Unit{State: UnitStopped, Detail: "down"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Since, tt.want.Restarts = at, -1
			if got, err := decodeRunit(t.Context(), "", recorded(t, tt.status)); err != nil || got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	for _, size := range []int{0, 17, 19, 35, statusLimit} {
		if _, err := decodeRunit(t.Context(), "", make([]byte, size)); err == nil {
			t.Errorf("%d bytes are a status", size)
		}
	}
}

func TestS6Status(t *testing.T) { // S-22
	at := time.Unix(0x6b00a2ce-37, 1)
	const stamps, run = "40000000 6b00a2ce 00000001 40000000 6b00a2ce 00000001 ", "400000006b00a2ce00000001"
	notifies := t.TempDir()
	if err := os.WriteFile(filepath.Join(notifies, "notification-fd"), []byte("3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, dir, status string
		want              Unit
	}{
		{"up", "", stamps + "00000000 00004870 0000 04", Unit{State: UnitRunning, Detail: "up", PID: 0x4870, Run: run}},
		{"2.12", "", stamps + "00000000 00004870 00000000 00004870 0000 04", Unit{State: UnitRunning, Detail: "up", PID: 0x4870, Run: run}},
		{"not ready", notifies, stamps + "00000000 00004870 0000 04", Unit{State: UnitStarting, Detail: "up, not ready", PID: 0x4870, Run: run}},
		{"ready", notifies, stamps + "00000000 00004870 0000 0c", Unit{State: UnitRunning, Detail: "up, ready", PID: 0x4870, Run: run, vouched: true}},
		{"paused", "", stamps + "00000000 00004870 0000 05", Unit{State: UnitRunning, Detail: "up, paused", PID: 0x4870, Run: run}},
		{"once", "", stamps + "00000000 00004870 0000 00", Unit{State: UnitRunning, Detail: "up, want down", PID: 0x4870, Run: run}},
		{"down", "", stamps + "00000000 00000000 000f 08", Unit{State: UnitStopped, Detail: "down"}},
		{"ended badly", "", stamps + "00000000 00000000 0300 08", Unit{State: UnitStopped, Detail: "down", Result: "exit status 3"}},
		{"killed", "", stamps + "00000000 00000000 0009 0c", Unit{State: UnitRestarting, Detail: "down, want up", Result: "killed by signal 9"}},
		{"finishing", "", stamps + "00000000 00000011 0100 02", Unit{State: UnitStopping, Detail: "finishing", Result: "exit status 1"}},
		{"finishing, then up", "", stamps + "00000000 00000011 0100 06", Unit{State: UnitRestarting, Detail: "down, want up", Result: "exit status 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Since = at
			if got, err := decodeS6(t.Context(), tools{}, tt.dir, recorded(t, tt.status)); err != nil || got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	for _, size := range []int{0, 18, 20} {
		if _, err := decodeS6(t.Context(), tools{}, "", make([]byte, size)); err == nil || !strings.Contains(err.Error(), "not that of s6") {
			t.Errorf("%d bytes are a status: %v", size, err)
		}
	}
}

// A status of an s6 to come is what s6-svstat says.
func TestS6Svstat(t *testing.T) { // S-22
	const stamp, run = "@400000006b00a2ce00000001", "400000006b00a2ce00000001"
	tests := []struct {
		says string
		want Unit
		fail string
	}{
		{"true true false false 18544 -1 -1 " + stamp, Unit{State: UnitRunning, Detail: "up", PID: 18544, Run: run}, ""},
		{"true true false true 18544 -1 -1 " + stamp, Unit{State: UnitRunning, Detail: "up, paused", PID: 18544, Run: run}, ""},
		{"true false false false 18544 -1 -1 " + stamp, Unit{State: UnitRunning, Detail: "up, want down", PID: 18544, Run: run}, ""},
		{"false false true false -1 0 -1 " + stamp, Unit{State: UnitStopped, Detail: "down"}, ""},
		{"false false true false -1 -1 15 " + stamp, Unit{State: UnitStopped, Detail: "down"}, ""},
		{"false true false false -1 -1 9 " + stamp, Unit{State: UnitRestarting, Detail: "down, want up", Result: "killed by signal 9"}, ""},
		{"false true false false -1 3 -1 " + stamp, Unit{State: UnitRestarting, Detail: "down, want up", Result: "exit status 3"}, ""},
		{"true true", Unit{}, "cannot understand what s6-svstat says: true true"},
	}
	for _, tt := range tests {
		t.Run(tt.says, func(t *testing.T) {
			r := newRoot(t, map[string]string{"bin/s6-svstat": "#!/bin/sh\n[ $# = 3 ] || exit 100\necho '" + tt.says + "'\n"})
			got, err := decodeS6(t.Context(), tools{env: []string{"PATH=" + r.dir + "/bin"}}, "", make([]byte, 51))
			if tt.fail != "" {
				if err == nil || err.Error() != tt.fail {
					t.Errorf("got %v", err)
				}
				return
			}
			tt.want.Since = time.Unix(0x6b00a2ce-37, 1)
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	if _, err := decodeS6(t.Context(), tools{env: []string{"PATH=/no/such"}}, "", make([]byte, 51)); err == nil || !strings.Contains(err.Error(), "s6 cannot be asked") {
		t.Errorf("without s6-svstat: %v", err)
	}
}

func TestS6Restarts(t *testing.T) { // S-22
	const stamp = "40000000 6b00a2ce 00000001 "
	const killed, failed, stopped, well = stamp + "8909", stamp + "0300", stamp + "8f0f", stamp + "0000"
	for tally, want := range map[string]int{
		"":                                 0,
		killed:                             1,
		killed + failed + killed:           3,
		killed + stopped:                   0,
		killed + stopped + failed:          1,
		killed + well + failed + killed:    2,
		failed + killed + stamp[:8]:        2, // a record that is being written
		strings.Repeat(killed, 4096):       4096,
		strings.Repeat(killed, 10000):      4096,
		stopped + strings.Repeat(well, 10): 0,
	} {
		r := newRoot(t, map[string]string{"supervise/death_tally": string(recorded(t, tally))})
		if got := s6Restarts(r.dir); got != want {
			t.Errorf("%.80s: got %d", tally, got)
		}
	}
}

// A supervisor that is gone, and files that are not what they should be, are told and hold up nobody.
func TestSupervisedOddities(t *testing.T) {
	running := "40000000 6b00a2ce 0240d9d4 7d480000 00 75 00 01"
	tests := []struct {
		name  string
		make  func(t *testing.T, dir string)
		look  string // why the status cannot be told
		start string // why it cannot be started
	}{
		{"no supervisor", func(t *testing.T, dir string) { status(t, dir, recorded(t, running)); fifo(t, dir, "control") }, "has lost its supervisor", "has lost"},
		{"never supervised", func(*testing.T, string) {}, "is not supervised", "is not supervised"},
		{"status of another", func(t *testing.T, dir string) { status(t, dir, make([]byte, 35)) }, "which is not runit's", "35 bytes"},
		{"endless status", func(t *testing.T, dir string) {
			if err := os.Symlink("/dev/zero", filepath.Join(dir, "supervise/status")); err != nil {
				t.Fatal(err)
			}
		}, "is not a file", "is not a file"},
		{"status is a pipe", func(t *testing.T, dir string) { fifo(t, dir, "status") }, "is not a file", "is not a file"},
		{"control is a file", func(t *testing.T, dir string) {
			status(t, dir, recorded(t, "40000000 6b00a2ce 0240d9d4 00000000 00 64 00 00"))
			if err := os.WriteFile(filepath.Join(dir, "supervise/control"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "", "is not a pipe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "web")
			if err := os.MkdirAll(filepath.Join(dir, "supervise"), 0o755); err != nil {
				t.Fatal(err)
			}
			tt.make(t, dir)
			u := NewUnits(UnitOptions{Order: []string{"runit"}, Runit: []string{root}, Patience: time.Second})
			_, err := u.Status(t.Context(), Ref{"runit", dir})
			if (err != nil) != (tt.look != "") || err != nil && !strings.Contains(err.Error(), tt.look) {
				t.Errorf("status: %v", err)
			}
			if _, out := u.Do(t.Context(), Ref{"runit", dir}, VerbStart); !strings.Contains(out.Error, tt.start) {
				t.Errorf("start: %+v", out)
			}
		})
	}
	u := NewUnits(UnitOptions{Order: []string{"runit"}, Runit: []string{t.TempDir()}})
	if _, err := u.Status(t.Context(), Ref{"runit", "/no/such"}); !errors.Is(err, ErrNoUnit) {
		t.Errorf("gone: %v", err)
	}
}

func status(t *testing.T, dir string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "supervise/status"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func fifo(t *testing.T, dir, name string) {
	t.Helper()
	if err := syscall.Mkfifo(filepath.Join(dir, "supervise", name), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPollUnits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up, down := Unit{State: UnitRunning}, Unit{State: UnitStopped}
		f := &fakeInit{label: "fake", looks: []Unit{up, up, down, down, up}}
		var seen followed
		ctx, stop := cancelled(t)
		go pollUnits(ctx, f, []string{"web"}, seen.add)
		time.Sleep(10 * pollInterval)
		stop()
		synctest.Wait()
		if len(seen.seen) != 3 || seen.seen[0] != up || seen.seen[1] != down || seen.seen[2] != up {
			t.Errorf("seen %+v", seen.seen)
		}
	})
}
