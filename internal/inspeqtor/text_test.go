package inspeqtor

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins I-24: scripts cut the reply at its columns. Unlike in Inspeqtor, each rule has a line, and what is not known is no
// number.
func TestStatus(t *testing.T) {
	v := newView(box(), boxed)
	const body = `
Host: vm
  cpu                                 12.3%           90%
  cpu:system                          1.2%           
  cpu:user                            0.5%           
! disk:/                              28.0%           1%
  load:1                              0.02           
  load:15                             1.50           
  memory                              41.0%          
  swap                                n/a             20%

Service: web [Up/29719]
  cpu:user                            0.0%           
  memory:rss                          11.01m          64m
! memory:rss                          11.01m          8m
  memory:total_rss                    n/a             1g

Service: cache [Down/0]
  redis:connected_clients             n/a             5
  redis:evicted_keys                  30              10/sec
  redis:used_memory                   3.50m           1g
`
	const uptime = 5137737145 * time.Nanosecond
	if got, want := v.status(uptime, 29719, time.Time{}), "Inspeqtor 2.0.0, uptime: 5.137737145s, pid: 29719\n"+body; got != want {
		t.Errorf("status is\n%s\nwant\n%s", got, want)
	}
	silent := time.Date(2026, 11, 20, 20, 50, 29, 5, time.FixedZone("", 3600))
	want := "Inspeqtor 2.0.0, uptime: 5.137737145s, pid: 29719\nSilenced until: 2026-11-20T19:50:29Z\n" + body
	if got := v.status(uptime, 29719, silent); got != want {
		t.Errorf("status while silenced is\n%s\nwant\n%s", got, want)
	}
}

func TestStatusOfNothing(t *testing.T) {
	v := newView(nil, &model.Settings{Host: "vm"})
	if got := v.status(time.Second, 1, time.Time{}); got != "Inspeqtor 2.0.0, uptime: 1s, pid: 1\n\nHost: vm\n" {
		t.Errorf("status is %q", got)
	}
	if got := v.export(time.Unix(9, 0)); got != `{"exported_at":9,"host":{"metrics":{},"name":"vm"},"services":{}}`+"\n" {
		t.Errorf("export is %q", got)
	}
}

// Pins I-24: one line, raw units, families and names as keys.
func TestExport(t *testing.T) {
	const want = `{"exported_at":1795204229,"host":{"metrics":{"cpu":{"":12.34,"system":1.25,"user":0.5},"disk":{"/":28},` +
		`"load":{"1":0.02,"15":1.5},"memory":{"":41}},"name":"vm"},"services":{` +
		`"cache":{"metrics":{"redis":{"evicted_keys":30,"used_memory":3670016}},"name":"cache","pid":0},` +
		`"web":{"metrics":{"cpu":{"user":0},"memory":{"rss":11544821.76}},"name":"web","pid":29719}}}` + "\n"
	if got := newView(box(), boxed).export(time.Unix(1795204229, 0)); got != want {
		t.Errorf("export is\n%s\nwant\n%s", got, want)
	}
}

// A measurement that JSON cannot hold must not cost all others.
func TestExportSurvivesOddNumbers(t *testing.T) {
	services := []model.Snapshot{{
		Spec:     &model.Service{Name: "w\xffeb\n", Kind: model.KindProcess},
		Readings: readings(model.Memory, math.Inf(1), model.CoresUser, math.NaN(), model.CoresSystem, -1.0),
	}}
	got := newView(services, boxed).export(time.Unix(0, 0))
	if !json.Valid([]byte(got)) || strings.Count(got, "\n") != 1 || !strings.Contains(got, `"cpu":{"system":-1}`) {
		t.Errorf("export is %s", got)
	}
}

func TestCourse(t *testing.T) { // I-24
	nan := float32(math.NaN())
	rss, load := processMetrics[4], hostMetrics[5]
	for _, c := range []struct {
		name    string
		metric  metric
		samples []float32
		want    string
	}{
		{"rising", load, []float32{0, 1, 2, 3, 4, 5, 6, 7}, "load:1 min 0.00 max 7.00 avg 3.50\n▁▂▃▄▅▆▇█\n"},
		{"steady", rss, []float32{1 << 20, 1 << 20}, "memory:rss min 1.00m max 1.00m avg 1.00m\n▁▁\n"},
		{"a gap", rss, []float32{1 << 20, nan, 3 << 20}, "memory:rss min 1.00m max 3.00m avg 2.00m\n▁ █\n"},
		{"below zero", load, []float32{-2, 2}, "load:1 min -2.00 max 2.00 avg 0.00\n▁█\n"},
		{"nothing", load, nil, "load:1 min n/a max n/a avg n/a\n\n"},
	} {
		if got := c.metric.course(c.samples); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestStanding(t *testing.T) {
	for _, c := range []struct {
		name     string
		readings model.Readings
		doing    string
		want     string
	}{
		{"not looked at", nil, "", "Unknown/0"},
		{"process", readings(model.Exist, 1.0, model.PID, 12.0), "", "Up/12"},
		{"no process", readings(model.Exist, 0.0), "", "Down/0"},
		{"unit", readings(model.Exist, 1.0, model.UnitState, "running", model.PID, 12.0), "", "Up/12"},
		{"without process", readings(model.Exist, 1.0, model.UnitState, "running"), "", "Up/0"},
		{"on its way out", readings(model.Exist, 1.0, model.UnitState, "stopping", model.PID, 12.0), "", "Up/12"},
		{"on its way", readings(model.Exist, 0.0, model.UnitState, "starting", model.PID, 13.0), "", "Starting/13"},
		{"about to start again", readings(model.Exist, 0.0, model.UnitState, "restarting"), "", "Starting/0"},
		{"stopped", readings(model.Exist, 0.0, model.UnitState, "stopped"), "", "Down/0"},
		{"failed", readings(model.Exist, 0.0, model.UnitState, "failed"), "", "Down/0"},
		{"being restarted", readings(model.Exist, 0.0, model.UnitState, "stopped"), "restart", "Starting/0"},
		{"being stopped", readings(model.Exist, 1.0, model.PID, 12.0), "stop", "Up/12"},
	} {
		for _, kind := range []model.Kind{model.KindUnit, model.KindProcess} {
			s := model.Snapshot{Spec: &model.Service{Name: "web", Kind: kind}, Readings: c.readings, Doing: c.doing}
			v := newView([]model.Snapshot{s}, boxed)
			if got := v.services[0].standing(); got != c.want {
				t.Errorf("%s: got %s, want %s", c.name, got, c.want)
			}
		}
	}
}

// What rules of other dialects are compared with is shown as the measurement is.
func TestThresholdsOfOtherDialects(t *testing.T) {
	redis := &model.Probe{}
	services := []model.Snapshot{{Spec: &model.Service{Name: "web", Kind: model.KindProcess, Rules: []model.Rule{
		over("memory > 100 MB", model.Memory, 100<<20),
		over("cpu:user > 1.5 % for 5 cycles", model.CoresUser, 1.5),
		probed(redis, over("keys > 3", "redis.expired_keys", 3)),
		{Text: "total", Metric: model.Memory, Over: time.Hour, Operand: model.Num(1)},
		{Text: "ends", Metric: model.Deaths, Op: model.Changed},
	}}}}
	v := newView(services, boxed)
	var got []string
	for _, m := range v.services[0].measurements {
		for _, r := range m.rules {
			got = append(got, m.String()+" "+r.threshold)
		}
	}
	if text := strings.Join(got, ", "); text != "cpu:user 1.5, memory:rss 100.00m, redis:expired_keys 3/sec" {
		t.Errorf("thresholds are %s", text)
	}
}
