// Package differential has the real Monit and orderly live through the same things and compares what they did: which
// programs they ran, whom they told of what, and what they think of each service at the end.
//
// The scenarios are the files of testdata. Each says what both must do, or, where orderly differs on purpose, what each of
// them does and why. Texts and moments are not compared. Start reading at testdata/window-for-cycles.txtar.
package differential

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// programsCompared are the names of the programs under test, binaries where they are. Without Monit, its half is skipped.
var (
	programsCompared = []string{"monit", "orderly"}
	binaries         = map[string]string{}
)

// together is how many runs go on at the same time, unless -parallel says so: nearly all of their time is waiting.
const together = "24"

func TestMain(m *testing.M) { os.Exit(prepare(m)) }

func prepare(m *testing.M) int {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		_ = flag.Set("test.parallel", together)
	}
	dir, err := os.MkdirTemp("", "differential")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binaries["orderly"] = filepath.Join(dir, "orderly")
	build := exec.Command("go", "build", "-o", binaries["orderly"], "../../cmd/orderly")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build orderly: %v\n%s", err, out)
		return 1
	}
	if path, err := exec.LookPath("monit"); err == nil {
		binaries["monit"] = path
	}
	return m.Run()
}

// A few scenarios that touch most of what there is; -short runs only these.
var handful = map[string]bool{"window-for-cycles": true, "process-restart": true, "dependency-restart": true, "state-unmonitored": true}

func TestDifferential(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		s, err := readScenario(file)
		if err == nil && !*recording {
			err = s.check()
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if testing.Short() && !handful[s.name] {
			continue
		}
		if *recording {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				record(t, s)
			})
			continue
		}
		for _, program := range programsCompared {
			t.Run(s.name+"/"+program, func(t *testing.T) {
				t.Parallel()
				play(t, s, program)
			})
		}
	}
}

// paces are the times between two cycles that a scenario is tried with, in seconds. It is played more slowly again when a
// step came too late for its cycle, or when its outcome was not the expected one: only what happens at both paces counts.
var paces = []int{1, 4}

func play(t *testing.T, s *scenario, program string) {
	if os.Geteuid() != 0 {
		t.Skip("the control files are those of root")
	}
	if binaries[program] == "" {
		t.Skip("there is no " + program + " on this machine")
	}
	want := s.want[program]
	var report []string
	for _, pace := range paces {
		got, err := attempt(t, s, program, pace, want)
		switch {
		case err == nil && got == want:
			return
		case err == nil:
			report = append(report, fmt.Sprintf("with %d s between two cycles, %s did\n%s\nexpected\n%s", pace, program, got, want))
		default:
			report = append(report, fmt.Sprintf("with %d s between two cycles: %v", pace, err))
		}
	}
	t.Error(strings.Join(report, "\n"))
}

// attempt plays a scenario once.
func attempt(t *testing.T, s *scenario, program string, pace int, want string) (string, error) {
	r, err := newRun(t, s, program, pace)
	if err != nil {
		return "", err
	}
	defer r.end()
	got, err := r.play(want)
	t.Logf("%s, with %d s between two cycles\n%s", program, pace, r.history())
	return got, err
}

// patience is how long anything is waited for. It is no measure of speed: nothing here takes that long.
const patience = 60 * time.Second

// until looks again and again until something holds, and tells whether it did within a time.
func until(limit time.Duration, holds func() bool) bool {
	for end := time.Now().Add(limit); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
