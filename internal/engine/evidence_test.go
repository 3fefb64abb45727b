package engine

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestEvidenceOfAProgramIsItsOutput(t *testing.T) {
	s := &service{spec: &model.Service{}}
	s.sample.Readings.Add(model.Status, model.Num(3))
	s.sample.Readings.Add(model.Output, model.Str("disk is on fire"))
	if got := s.evidence(&model.Rule{Metric: model.Status}, nil); got != "disk is on fire" {
		t.Errorf("got %q", got)
	}
	if got := s.evidence(&model.Rule{Metric: model.Uptime}, nil); got != "" {
		t.Errorf("of another rule: %q", got)
	}
	if got := s.evidence(&model.Rule{Metric: model.OK}, &model.Result{Evidence: "500 Oops"}); got != "500 Oops" {
		t.Errorf("of a probe: %q", got)
	}
	s.sample.Readings = nil
	s.sample.Readings.Add(model.Output, model.Str(strings.Repeat("ä", maxEvidence)))
	if got := s.evidence(&model.Rule{Metric: model.Status}, nil); len(got) != maxEvidence || strings.Trim(got, "ä") != "" {
		t.Errorf("%d bytes are kept", len(got))
	}
}

func TestWhyANumberIsNotKnown(t *testing.T) {
	busy := &model.Service{Name: "cache", Kind: model.KindHost, Rules: []model.Rule{{
		Text: "redis.used_memory > 1 GB", Metric: "redis.used_memory", Op: model.Greater, Operand: model.Num(1 << 30),
		Probe: &model.Probe{Kind: model.ProbePort, Protocol: "redis-status"}, Then: []model.Action{{Kind: model.ActAlert}},
	}}}
	bubble(t, func(w *world) {
		w.results["cache"] = model.Result{Summary: "cannot connect to localhost:6379: connection refused"}
		defer w.run(config(busy), false)()
		expect(t, "summary", w.status("cache").Rules[0].Summary, "cannot connect to localhost:6379: connection refused")
		w.with(func() { w.results["cache"] = model.Result{OK: true, Evidence: "used_memory is not told"} })
		w.sleep(time.Minute)
		expect(t, "summary", w.status("cache").Rules[0].Summary, "used_memory is not told")
	})
}
