package rule

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// marks are the effects in one letter each, as the cases below write them.
var marks = map[Effect]string{None: "-", Brewing: "w", BeginFail: "E", StillFail: "e", Recover: "R", Change: "C", Settle: "s"}

func TestWindows(t *testing.T) { // S-window, S-state-machine, S-warn-init, S-history-reset, S-recover-once
	for _, c := range []struct {
		name       string
		fail, pass model.Rate
		outcomes   string // F bad, S good, ? unknown
		want       string
	}{
		{"once", model.Rate{}, model.Rate{}, "SFFSSF", "-EeR-E"},
		{"for 3 cycles", model.Rate{Count: 3, Window: 3}, model.Rate{}, "FFFF", "wwEe"},
		{"for 3 cycles, interrupted", model.Rate{Count: 3, Window: 3}, model.Rate{}, "FFSFFF", "ww-wwE"},
		{"3 within 5", model.Rate{Count: 3, Window: 5}, model.Rate{}, "FSFSFS", "w-w-ER"},
		{"2 within 4, recovery 2 within 3", model.Rate{Count: 2, Window: 4}, model.Rate{Count: 2, Window: 3}, "FFFSFS", "wEe-eR"},
		{"2 within 4", model.Rate{Count: 2, Window: 4}, model.Rate{}, "FFSFSSSSFF", "wERw----wE"},
		{"3 within 5, again", model.Rate{Count: 3, Window: 5}, model.Rate{}, "FSFSFSFSFF", "w-w-ERw-wE"},
		{"for 2 cycles", model.Rate{Count: 2, Window: 2}, model.Rate{}, "FFSFSFFFS", "wERw-wEeR"},
		{"recovery 2 within 3 needs two real successes", model.Rate{}, model.Rate{Count: 2, Window: 3}, "FSFSSFS", "E-eR-E-"},
		{"for 2 cycles after a recovery", model.Rate{Count: 2, Window: 2}, model.Rate{}, "SFSSFF", "-w--wE"},
		{"unknown says nothing", model.Rate{Count: 2, Window: 2}, model.Rate{}, "F?F?S", "w-E-R"},
		{"64 cycles", model.Rate{Count: 64, Window: 64}, model.Rate{}, strings.Repeat("F", 64), strings.Repeat("w", 63) + "E"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s State
			var got string
			now := time.Unix(1000, 0)
			for i, o := range c.outcomes {
				var e Effect
				s, e = s.Observe(model.Policy{Fail: c.fail, Pass: c.pass}, map[rune]Outcome{'F': Fail, 'S': Pass, '?': Unknown}[o], now.Add(time.Duration(i)*time.Second))
				got += marks[e]
			}
			if got != c.want {
				t.Errorf("%s: got %s, want %s", c.outcomes, got, c.want)
			}
		})
	}
}

func TestChangesAreEachAnEvent(t *testing.T) { // S-changed-each
	var s State
	var got string
	for _, o := range []Outcome{Unchanged, Changed, Changed, Unchanged, Unchanged, Changed} {
		var e Effect
		s, e = s.Observe(model.Policy{}, o, time.Unix(1, 0))
		got += marks[e]
	}
	if got != "-CCs-C" {
		t.Errorf("got %s", got)
	}
}

func TestCountsFailingCycles(t *testing.T) { // S-reminder
	var s State
	for i := 1; i <= 5; i++ {
		s, _ = s.Observe(model.Policy{}, Fail, time.Unix(int64(i), 0))
		if s.Count != i {
			t.Fatalf("after %d failing cycles Count is %d", i, s.Count)
		}
	}
	if !s.Since.Equal(time.Unix(1, 0)) {
		t.Errorf("failing since %v, want the first failure", s.Since)
	}
	s, _ = s.Observe(model.Policy{}, Pass, time.Unix(9, 0))
	if s.Count != 1 || !s.Since.Equal(time.Unix(9, 0)) {
		t.Errorf("after recovery: %+v", s)
	}
}

func TestJudge(t *testing.T) {
	number := func(op model.Op, operand float64) *model.Rule {
		return &model.Rule{Metric: model.CPU, Op: op, Operand: model.Num(operand)}
	}
	words := func(op model.Op, operand string) *model.Rule {
		return &model.Rule{Metric: model.Security, Op: op, Operand: model.Str(operand)}
	}
	content := &model.Rule{Metric: model.OK, Op: model.Equal, Operand: model.Num(0), Probe: &model.Probe{Kind: model.ProbeContent}}
	for _, c := range []struct {
		name  string
		rule  *model.Rule
		value model.Value
		want  Outcome
	}{
		{"absent", number(model.Greater, 1), model.Value{}, Unknown},
		{"greater", number(model.Greater, 80), model.Num(80.5), Fail},
		{"not greater", number(model.Greater, 80), model.Num(80), Pass},
		{"at least", number(model.GreaterEqual, 80), model.Num(80), Fail},
		{"less", number(model.Less, 5), model.Num(4), Fail},
		{"at most", number(model.LessEqual, 5), model.Num(5), Fail},
		{"equal", number(model.Equal, 0), model.Num(0), Fail},
		{"not equal", number(model.NotEqual, 0), model.Num(0), Pass},
		{"text, letter case aside", words(model.NotEqual, "Unconfined"), model.Str("unconfined"), Pass},
		{"other text", words(model.NotEqual, "unconfined"), model.Str("docker"), Fail},
		{"text is what it must not be", words(model.Equal, "docker"), model.Str("docker"), Fail},
		{"match", words(model.Matches, "^unc"), model.Str("unconfined"), Fail},
		{"no match", words(model.NotMatches, "^unc"), model.Str("unconfined"), Pass},
		{"unusable pattern", words(model.Matches, "("), model.Str("x"), Pass},
		{"content matched", content, model.Num(0), Changed},
		{"nothing matched", content, model.Num(1), Unchanged},
	} {
		var s State
		if got := Judge(c.rule, c.value, &s); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestJudgeChange(t *testing.T) {
	for _, c := range []struct {
		op     model.Op
		values []float64
		want   []Outcome
	}{
		{model.Changed, []float64{1, 1, 2, 2, 3}, []Outcome{Unknown, Unchanged, Changed, Unchanged, Changed}},
		{model.NotChanged, []float64{1, 1, 2}, []Outcome{Unknown, Fail, Pass}},
		{model.Drifted, []float64{1, 2, 2, 1}, []Outcome{Pass, Fail, Fail, Pass}},
	} {
		var s State
		r := &model.Rule{Metric: model.PID, Op: c.op}
		for i, v := range c.values {
			if got := Judge(r, model.Num(v), &s); got != c.want[i] {
				t.Errorf("%s, value %d: got %d, want %d", c.op, i, got, c.want[i])
			}
		}
	}
}

func TestSingle(t *testing.T) {
	p := model.Policy{Fail: model.Rate{Count: 3, Window: 3}}
	if Single(p, Fail) || !Single(p, Pass) || !Single(model.Policy{Fail: model.Rate{Count: 1, Window: 1}}, Changed) {
		t.Error("only outcomes that change the state alone are single")
	}
}

func TestDescribe(t *testing.T) {
	port := &model.Probe{Kind: model.ProbePort, Host: "localhost", Port: 80, Protocol: "http"}
	stored := &model.Probe{Kind: model.ProbeCertificate}
	ending := func(days float64) *model.Result {
		r := &model.Result{OK: true, About: "certificate of example.org in /etc/ssl/x.pem"}
		r.Readings.Add(model.Certificate, model.Num(days))
		return r
	}
	for _, c := range []struct {
		kind          model.Kind
		rule          *model.Rule
		value, before model.Value
		res           *model.Result
		effect        Effect
		want          string
	}{
		{model.KindProcess, &model.Rule{Metric: model.Exist}, model.Num(0), model.Value{}, nil, BeginFail, "process is not running"},
		{model.KindProcess, &model.Rule{Metric: model.Exist}, model.Num(1), model.Value{}, nil, Recover, "process is running"},
		{model.KindFile, &model.Rule{Metric: model.Exist}, model.Num(0), model.Value{}, nil, BeginFail, "file does not exist"},
		{model.KindFile, &model.Rule{Metric: model.Exist}, model.Num(1), model.Value{}, nil, Recover, "file exists"},
		{model.KindFilesystem, &model.Rule{Metric: model.Exist}, model.Num(0), model.Value{}, nil, BeginFail, "filesystem is not mounted"},
		{model.KindFilesystem, &model.Rule{Metric: model.Exist}, model.Num(1), model.Value{}, nil, Recover, "filesystem is mounted"},
		{model.KindFile, &model.Rule{Metric: model.TypeValid}, model.Num(0), model.Value{}, nil, BeginFail, "is not a file"},
		{model.KindFile, &model.Rule{Metric: model.TypeValid}, model.Num(1), model.Value{}, nil, Recover, "is a file again"},
		{model.KindNetwork, &model.Rule{Metric: model.Link}, model.Num(0), model.Value{}, nil, BeginFail, "link is down"},
		{model.KindSystem, &model.Rule{Metric: model.Memory, Op: model.Greater, Operand: model.Num(1 << 30)}, model.Num(3 << 29), model.Value{}, nil, BeginFail, "memory is 1.5 GB (limit: > 1.0 GB)"},
		{model.KindSystem, &model.Rule{Metric: model.CPU, Op: model.Greater, Operand: model.Num(80)}, model.Num(20), model.Value{}, nil, Recover, "cpu is 20.0%, no longer > 80.0%"},
		{model.KindFile, &model.Rule{Metric: model.Permission, Op: model.NotEqual, Operand: model.Num(0o600)}, model.Num(0o644), model.Value{}, nil, BeginFail, "permission is 0644, not 0600"},
		{model.KindFile, &model.Rule{Metric: model.Permission, Op: model.NotEqual, Operand: model.Num(0o600)}, model.Num(0o600), model.Value{}, nil, Recover, "permission is 0600, as it should be"},
		{model.KindProgram, &model.Rule{Metric: model.Status, Op: model.Equal, Operand: model.Num(3)}, model.Num(3), model.Value{}, nil, BeginFail, "exit status is 3, which it should not be"},
		{model.KindProgram, &model.Rule{Metric: model.Status, Op: model.Equal, Operand: model.Num(3)}, model.Num(0), model.Value{}, nil, Recover, "exit status is 0, no longer 3"},
		{model.KindProcess, &model.Rule{Metric: model.PID, Op: model.Changed}, model.Num(5), model.Num(4), nil, Change, "pid changed from 4 to 5"},
		{model.KindProcess, &model.Rule{Metric: model.PID, Op: model.Changed}, model.Num(5), model.Num(5), nil, Settle, "pid stays at 5"},
		{model.KindProgram, &model.Rule{Metric: model.Output, Op: model.NotChanged}, model.Str("x"), model.Str("x"), nil, BeginFail, "output did not change"},
		{model.KindProgram, &model.Rule{Metric: model.Output, Op: model.NotChanged}, model.Str("x"), model.Str("y"), nil, Recover, "output changes again"},
		{model.KindFile, &model.Rule{Metric: model.Permission, Op: model.Drifted}, model.Num(0o640), model.Num(0o600), nil, BeginFail, "permission is 0640, was 0600 at first"},
		{model.KindFile, &model.Rule{Metric: model.Permission, Op: model.Drifted}, model.Num(0o600), model.Num(0o600), nil, Recover, "permission is 0600 again"},
		{model.KindNetwork, &model.Rule{Metric: model.DownloadBytesTotal, Over: time.Hour, Op: model.Greater, Operand: model.Num(1024)}, model.Num(2048), model.Value{}, nil, BeginFail, "download.bytes.total is 2.0 kB in 1 h (limit: > 1.0 kB)"},
		{model.KindHost, &model.Rule{Metric: model.OK, Probe: port}, model.Num(0), model.Value{}, &model.Result{Summary: "cannot connect"}, BeginFail, "cannot connect"},
		{model.KindHost, &model.Rule{Metric: model.OK, Probe: port}, model.Num(1), model.Value{}, &model.Result{OK: true}, Recover, "localhost:80 (http) answers"},
		{model.KindHost, &model.Rule{Metric: model.OK, Probe: port}, model.Num(0), model.Value{}, &model.Result{}, BeginFail, "localhost:80 (http) does not answer"},
		{model.KindHost, &model.Rule{Metric: model.OK, Probe: &model.Probe{Kind: model.ProbePing, Host: "gw"}}, model.Num(1), model.Value{}, &model.Result{OK: true}, Recover, "ping of gw answers"},
		{model.KindHost, &model.Rule{Metric: model.OK, Probe: &model.Probe{Kind: model.ProbeSocket, Path: "/run/x"}}, model.Num(0), model.Value{}, &model.Result{}, BeginFail, "/run/x does not answer"},
		{model.KindFile, &model.Rule{Metric: model.OK, Probe: stored}, model.Num(0), model.Value{}, &model.Result{Summary: "there is no certificate"}, BeginFail, "there is no certificate"},
		{model.KindFile, &model.Rule{Metric: model.Certificate, Probe: stored, Op: model.Less, Operand: model.Num(14)}, model.Num(6), model.Value{}, ending(6), BeginFail, "certificate of example.org in /etc/ssl/x.pem ends in 6 days (limit: < 14 days)"},
		{model.KindFile, &model.Rule{Metric: model.Certificate, Probe: stored, Op: model.Less, Operand: model.Num(14), Steps: []float64{7, 1}}, model.Num(-2), model.Value{}, ending(-2), BeginFail, "certificate of example.org in /etc/ssl/x.pem ended 2 days ago (limit: < 1 days)"},
		{model.KindFile, &model.Rule{Metric: model.Certificate, Probe: stored, Op: model.Less, Operand: model.Num(14)}, model.Num(90), model.Value{}, ending(90), Recover, "certificate of example.org in /etc/ssl/x.pem ends in 90 days, no longer < 14 days"},
		{model.KindFile, &model.Rule{Metric: model.CertificateLeft, Probe: stored, Op: model.Less, Operand: model.Num(30)}, model.Num(20), model.Value{}, ending(20), BeginFail, "certificate of example.org in /etc/ssl/x.pem ends in 20 days, at 20.0% of its lifetime (limit: < 30.0%)"},
		{model.KindHost, &model.Rule{Metric: model.Registration, Probe: &model.Probe{Kind: model.ProbeDomain}, Op: model.Less, Operand: model.Num(14)}, model.Num(6), model.Value{}, &model.Result{About: "domain example.org"}, BeginFail, "domain example.org ends in 6 days (limit: < 14 days)"},
	} {
		if got := Describe(c.kind, c.rule, c.value, c.before, c.res, c.effect); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
