package cli

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDaemonReportsHowItStarted(t *testing.T) { // C-05
	for _, tt := range []struct {
		name   string
		daemon func(r *startReport)
		words  string
		ready  bool
	}{
		{"ready", func(r *startReport) {
			say(t, r, "warning: odd\n")
			r.ready()
			say(t, r, "nobody hears this")
			r.ready()
		}, "warning: odd\n", true},
		{"fails", func(r *startReport) {
			say(t, r, "cannot do it\x00\n")
			_ = r.pipe.Close()
		}, "cannot do it", false},
		{"says too much", func(r *startReport) {
			say(t, r, strings.Repeat("x", 2*maxStartWords))
			_ = r.pipe.Close()
		}, strings.Repeat("x", maxStartWords), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			near, far, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				tt.daemon(&startReport{pipe: far})
			}()
			words, ready := awaitReady(t.Context(), near)
			_ = near.Close()
			<-done
			if words != tt.words || ready != tt.ready {
				t.Errorf("got %.100q, %v", words, ready)
			}
		})
	}
}

func say(t *testing.T, r *startReport, text string) {
	if n, err := r.Write([]byte(text)); n != len(text) || err != nil {
		t.Errorf("wrote %d of %d: %v", n, len(text), err)
	}
}

func TestReadinessIsTakenOnce(t *testing.T) {
	if r := readiness(func(string) string { return "" }); r != nil {
		t.Error("a command line reports to nobody")
	}
	if r := readiness(func(string) string { return "7" }); r != nil {
		t.Error("another descriptor is taken for the pipe")
	}
}

func TestForegroundArgs(t *testing.T) {
	t.Chdir("/")
	m := &monitRun{monitOptions: monitOptions{file: "/etc/monitrc"}}
	if got := m.foregroundArgs(); !slices.Equal(got, []string{"-c", "/etc/monitrc", "-I"}) {
		t.Errorf("got %q", got)
	}
	m.monitOptions = monitOptions{
		file: "/etc/monitrc", interval: 5 * time.Second, logfile: "syslog", pidfile: "run/p", statefile: "/s", verbose: true, group: "g",
	}
	want := []string{"-c", "/etc/monitrc", "-I", "-d", "5", "-l", "syslog", "-p", "/run/p", "-s", "/s", "-v"}
	got := m.foregroundArgs()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if o, _, err := parseMonit(got); err != nil || !o.foreground || o.interval != 5*time.Second || o.pidfile != "/run/p" {
		t.Errorf("the daemon understands %+v, %v", o, err)
	}
}
