package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
	"orderly/internal/store"
)

func TestTooEarly(t *testing.T) { // C-pause-start
	start := &model.Program{Timeout: 10 * time.Second}
	plain := &model.Program{}
	reading := func(pairs ...any) model.Sample {
		var s model.Sample
		for i := 0; i < len(pairs); i += 2 {
			s.Readings.Add(pairs[i].(model.Metric), model.Num(pairs[i+1].(float64)))
		}
		return s
	}
	for _, c := range []struct {
		name   string
		kind   model.Kind
		start  *model.Program
		sample model.Sample
		want   bool
	}{
		{"not there", model.KindProcess, nil, reading(model.Exist, 0.0), true},
		{"started lately", model.KindProcess, start, reading(model.Exist, 1.0, model.Uptime, 9.0), true},
		{"started long ago", model.KindProcess, start, reading(model.Exist, 1.0, model.Uptime, 11.0), false},
		{"the default timeout counts", model.KindProcess, plain, reading(model.Exist, 1.0, model.Uptime, 29.0), true},
		{"nobody starts it", model.KindProcess, nil, reading(model.Exist, 1.0, model.Uptime, 1.0), false},
		{"a host is there always", model.KindHost, start, reading(), false},
		{"a unit is on its way", model.KindUnit, nil, reading(), true},
		{"a unit does not run", model.KindUnit, nil, reading(model.Exist, 0.0), true},
		{"a unit was started lately", model.KindUnit, nil, reading(model.Exist, 1.0, model.Uptime, 29.0), true},
		{"a unit was started lately, and longer ago than it may take", model.KindUnit, start, reading(model.Exist, 1.0, model.Uptime, 11.0), false},
		{"a unit was started long ago", model.KindUnit, nil, reading(model.Exist, 1.0, model.Uptime, 31.0), false},
		{"a unit has no process", model.KindUnit, nil, reading(model.Exist, 1.0), false},
	} {
		s := &model.Service{Kind: c.kind, Start: c.start, Limits: model.DefaultLimits()}
		if got := tooEarly(s, c.sample); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestAnUnreachableHostIsNotAskedForMore(t *testing.T) { // T-host-pingskip
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Timeout: 10 * time.Second}
	same := *port
	nowhere := &model.Probe{Kind: model.ProbePing, Host: "no-such-host.invalid", Timeout: time.Second, Count: 1}
	for _, c := range []struct {
		probes []*model.Probe
		asked  bool
	}{
		{[]*model.Probe{port, &same}, true},
		{[]*model.Probe{nowhere, port}, false},
	} {
		s := &model.Service{}
		for _, p := range c.probes {
			s.Rules = append(s.Rules, model.Rule{Probe: p})
		}
		results := make([]model.Result, len(c.probes))
		for i := range results {
			results[i].Skipped = true
		}
		(&instance{}).ask(context.Background(), s, results)
		if last := results[len(results)-1]; last.Skipped == c.asked || c.asked && !last.OK {
			t.Errorf("the port was asked: %v, want %v (%+v)", !last.Skipped, c.asked, last)
		}
	}
}

func TestNotifyReachesTheInitSystem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	notify(slog.New(slog.DiscardHandler), "READY=1")
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := conn.Read(b)
	if err != nil || string(b[:n]) != "READY=1" {
		t.Errorf("the init system got %q (%v)", b[:n], err)
	}
	t.Setenv("NOTIFY_SOCKET", path+".gone") // must neither fail nor block
	notify(slog.New(slog.DiscardHandler), "READY=1")
}

func TestJournalLogsWhatItKeeps(t *testing.T) {
	var b bytes.Buffer
	s, err := store.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	j := journal{s, newInstance(Options{Stderr: &b, LogFormat: "json"}).log, newDiagnoses(nil, nil)}
	for _, c := range []struct {
		kind  model.EventKind
		level string
	}{
		{model.EventFailed, "WARN"},
		{model.EventActionFailed, "ERROR"},
		{model.EventRecovered, "INFO"},
		{model.EventStillFailing, ""},
	} {
		b.Reset()
		if seq := j.Append(model.Event{Kind: c.kind, Service: "web", Text: "it happened", At: time.Now()}); seq == 0 {
			t.Errorf("%s was not kept", c.kind)
		}
		var line struct{ Level, Msg, Service string }
		if c.level == "" {
			if b.Len() > 0 {
				t.Errorf("%s was logged: every cycle would be", c.kind)
			}
			continue
		}
		if err := json.Unmarshal(b.Bytes(), &line); err != nil || line.Level != c.level || line.Msg != "it happened" || line.Service != "web" {
			t.Errorf("%s was logged as %s (%v)", c.kind, b.String(), err)
		}
	}
}

func TestTextLogLeavesTimeToTheJournal(t *testing.T) {
	for stream, want := range map[string]bool{"": true, "8:1234": false} {
		t.Setenv("JOURNAL_STREAM", stream)
		var b bytes.Buffer
		newInstance(Options{Stderr: &b}).log.Info("x")
		if got := strings.Contains(b.String(), "time="); got != want {
			t.Errorf("JOURNAL_STREAM=%q: %s", stream, b.String())
		}
	}
}
