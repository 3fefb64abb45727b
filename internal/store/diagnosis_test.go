package store

import (
	"strings"
	"testing"

	"orderly/internal/model"
)

func TestDiagnosisOfAnEvent(t *testing.T) {
	for _, test := range []struct {
		name    string
		between func(s *Store) *Store // the event and its diagnosis
		after   func(s *Store) *Store
	}{
		{"before the event is on disk", nil, nil},
		{"before the event is on disk, then on disk", nil, func(s *Store) *Store { return reopen(t, s) }},
		{"after the event is on disk", func(s *Store) *Store { flush(t, s); return s }, nil},
		{"after a restart", func(s *Store) *Store { flush(t, s); return s }, func(s *Store) *Store { return reopen(t, s) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			s.Append(event("a", 1))
			ev := event("a", 2)
			ev.Severity = model.Critical
			seq := s.Append(ev)
			s.Append(event("a", 3))
			if test.between != nil {
				s = test.between(s)
			}
			s.Diagnose(seq, "load 4.00")
			if test.after != nil {
				s = test.after(s)
			}
			events, err := s.Events(t.Context(), Query{})
			if err != nil || len(events) != 3 {
				t.Fatalf("%d events, %v", len(events), err)
			}
			for _, ev := range events {
				want := map[bool]string{true: "load 4.00"}[ev.Seq == seq]
				if ev.Diagnosis != want {
					t.Errorf("event %d has the diagnosis %q, want %q", ev.Seq, ev.Diagnosis, want)
				}
			}
			if events[1].Severity != model.Critical {
				t.Errorf("its severity is %q", events[1].Severity)
			}
		})
	}
}

func TestDiagnosisIsBounded(t *testing.T) {
	s := open(t, t.TempDir())
	seq := s.Append(event("a", 1))
	s.Diagnose(seq, strings.Repeat("é", model.MaxDiagnosis))
	s.Diagnose(seq+7, "of an event that there is not")
	s.Diagnose(0, "likewise")
	flush(t, s)
	events, err := s.Events(t.Context(), Query{})
	if err != nil || len(events) != 1 || len(events[0].Diagnosis) != model.MaxDiagnosis {
		t.Errorf("%v, %d events", err, len(events))
	}
}
