package engine

import (
	"strings"
	"testing"

	"orderly/internal/model"
)

func TestEvidenceOfAProgramIsItsOutput(t *testing.T) {
	s := &service{}
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
