package control

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		script string
		status float64
		output string
	}{
		{"T-program-status", "exit 3", 3, ""},
		{"signal", "kill -15 $$", 15, ""},
		{"T-program-output standard error first", "echo out; echo err >&2", 0, "err\nout"},
		{"trimmed", `printf '\n  a  \n\n'`, 0, "a"},
		{"cut", "head -c 2000 /dev/zero | tr '\\0' x", 0, strings.Repeat("x", 512)},
		{"not text", `printf 'a\033b\377c\000d'`, 0, "a?b?c?d"},
		{"only the service is told", "env | grep MONIT", 0, "MONIT_SERVICE=it"},
	}
	x := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sample, err := x.Check(t.Context(), checked(tt.script))
			if err != nil {
				t.Fatal(err)
			}
			status, output := sample.Readings.Get(model.Status), sample.Readings.Get(model.Output)
			if status.Number() != tt.status || output.Text() != tt.output || !status.Present() || !output.IsText() {
				t.Errorf("got status %v, output %q", status.Number(), output.Text())
			}
			if sample.At.IsZero() {
				t.Error("the sample has no time")
			}
		})
	}
}

// Pins M-040, M-041, M-042, M-045 and M-046.
func TestCheckAsShell(t *testing.T) {
	x := newWorld(t)
	for _, tt := range []struct {
		name   string
		args   []string
		status float64
		output string
	}{
		{"in order", []string{"/bin/sh", "-c", "echo a; echo b >&2; echo c; exit 3"}, 3, "a\nb\nc"},
		{"the end", []string{"/bin/sh", "-c", "head -c 70000 /dev/zero | tr '\\0' x; echo; echo end"}, 0, strings.Repeat("x", 507) + "\nend"},
		{"blanks in front", []string{"/bin/sh", "-c", `printf ' a\n\n'`}, 0, " a"},
		{"signal", []string{"/bin/sh", "-c", "kill -15 $$"}, 15, ""},
		{"not there", []string{"no-such-program"}, 127, "cannot run no-such-program: file does not exist"},
		{"not executable", []string{"/dev/null"}, 126, "cannot run /dev/null: permission denied"},
		{"too slow", []string{"/bin/sh", "-c", "echo begun; exec sleep " + forever}, 9, "begun\ntimed out after 1s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := checked("")
			s.Subject.AsShell = true
			s.Subject.Program = &model.Program{Args: tt.args, Timeout: time.Minute}
			if tt.status == 9 {
				s.Subject.Program.Timeout = time.Second
			}
			sample, err := x.Check(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			status, output := sample.Readings.Get(model.Status).Number(), sample.Readings.Get(model.Output).Text()
			if status != tt.status || output != tt.output {
				t.Errorf("status %v, output %q, want %v, %q", status, output, tt.status, tt.output)
			}
		})
	}
}

// Pins M-110: what works when it is tried again has not failed; what does not is tried so often and no more.
func TestCheckAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		retries int
		works   int // the attempt that ends well
		status  float64
		output  string
	}{
		{"at once", 1, 1, 0, "1"},
		{"the second time", 1, 2, 0, "2"},
		{"too late", 1, 3, 5, "2"},
		{"not asked for", 0, 2, 5, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newWorld(t)
			s := checked(`echo >> "$PIDFILE.tries"; n=$(($(wc -l < "$PIDFILE.tries"))); echo $n; [ $n = ` + strconv.Itoa(c.works) + ` ] || exit 5`)
			s.Subject.Retries = c.retries
			sample, err := x.Check(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			status, output := sample.Readings.Get(model.Status).Number(), sample.Readings.Get(model.Output).Text()
			if status != c.status || output != c.output {
				t.Errorf("status %v, output %q, want %v, %q", status, output, c.status, c.output)
			}
		})
	}
}

func TestCheckTimeout(t *testing.T) { // T-program-timeout
	x := newWorld(t)
	s := checked("exec sleep " + forever)
	s.Subject.Program.Timeout = time.Second
	sample, err := x.Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if got := sample.Readings.Get(model.Status).Number(); got != 9 {
		t.Errorf("got status %v", got)
	}
}

// What a check leaves in the background holds its output open, and neither delays the check nor ends with it.
func TestCheckLeavesADaemon(t *testing.T) {
	x := newWorld(t)
	s := checked("sleep " + forever + " & echo $!; exit 3")
	s.Subject.Program.Timeout = time.Hour
	sample, err := x.Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(sample.Readings.Get(model.Output).Text())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	if !x.alive(pid) {
		t.Error("what the check started has gone")
	}
	if status := sample.Readings.Get(model.Status).Number(); status != 3 {
		t.Errorf("got status %v", status)
	}
}

func TestCheckCannot(t *testing.T) {
	x := newWorld(t)
	missing := checked("")
	missing.Subject.Program.Args = []string{"/no/such"}
	nobody := checked("")
	nobody.Subject.Program.User = "orderly-nobody"
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		s    *model.Service
		want string
	}{
		{"missing", t.Context(), missing, "cannot run /no/such: no such file or directory"},
		{"unknown user", t.Context(), nobody, "cannot run /bin/sh: cannot "},
		{"no program", t.Context(), &model.Service{Name: "it"}, "cannot run the program of it: there is none"},
		{"cancelled", ended, checked("exit 0"), "cannot run /bin/sh: context canceled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sample, err := x.Check(tt.ctx, tt.s)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
			if len(sample.Readings) != 0 {
				t.Errorf("got readings %v", sample.Readings)
			}
			if tt.ctx.Err() != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCheckContent(t *testing.T) {
	content := func(not bool, patterns ...string) *model.Probe {
		return &model.Probe{Kind: model.ProbeContent, Match: &model.Match{Patterns: patterns, Not: not}}
	}
	tests := []struct {
		name    string
		probe   *model.Probe
		ok      bool
		skipped bool
		summary string
	}{
		{"T-program-content", content(false, "load [0-9]+"), false, false, `the output matches "load [0-9]+"`},
		{"T-program-content found nothing", content(false, "^up"), true, false, ""},
		{"T-program-content-not", content(true, "all is well"), false, false, `the output does not match "all is well"`},
		{"T-program-content-not is there", content(true, "[[:digit:]]{2}"), true, false, ""},
		{"a dot spans lines", content(false, "load.*users"), false, false, `the output matches "load.*users"`},
		{"the text has one begin and one end", content(false, "^users"), true, false, ""},
		{"any of some", content(false, "nothing", "users"), false, false, `the output matches "users"`},
		{"none of some", content(true, "nothing", "nobody"), false, false, `the output does not match any of 2 patterns`},
		{"not a pattern", content(false, "("), false, true, `cannot use pattern "(": a "(" is never closed`},
		{"another probe", &model.Probe{Kind: model.ProbePing}, false, true, ""},
	}
	s := checked("echo load 12; echo users 3")
	for _, tt := range tests {
		s.Rules = append(s.Rules, model.Rule{Probe: tt.probe}, model.Rule{Probe: tt.probe}, model.Rule{})
	}
	sample, err := newWorld(t).Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(sample.Probes) != len(tests) {
		t.Fatalf("got %d results for %d probes", len(sample.Probes), len(tests))
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := sample.Probes[i]
			if got.OK != tt.ok || got.Skipped != tt.skipped || got.Summary != tt.summary {
				t.Errorf("got %+v", got)
			}
			if failed := !got.OK && !got.Skipped; failed != (got.Evidence == "load 12\nusers 3") {
				t.Errorf("got evidence %q", got.Evidence)
			}
		})
	}
}

// checked is a program service whose program is a shell script.
func checked(script string) *model.Service {
	return &model.Service{Name: "it", Kind: model.KindProgram, Subject: model.Subject{Program: sh(script)}, Limits: model.DefaultLimits()}
}
