package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestChain(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	failed := model.Event{Kind: model.EventFailed, Rule: "a", Text: "a is broken", Action: "restart", Failure: &model.Failure{Bad: 3}}
	recovered := model.Event{Kind: model.EventRecovered, Rule: "a", Text: "a works", Failure: &model.Failure{Since: at}}
	titles := func(events ...model.Event) string {
		for i := range events {
			events[i].At = at.Add(time.Duration(i) * time.Minute)
		}
		var out []string
		for _, l := range chain(events, at.Add(time.Hour), time.UTC) {
			out = append(out, l.Title+": "+strings.Join(slices.Concat([]string{l.Text}, l.Notes), ", "))
		}
		return strings.Join(out, "\n")
	}
	if got := titles(model.Event{Kind: model.EventStarted}, recovered); got != "" {
		t.Errorf("of what never failed it tells %q", got)
	}
	got := titles(
		failed, recovered, // an older story
		failed, model.Event{Kind: model.EventStillFailing, Rule: "a"},
		model.Event{Kind: model.EventFailed, Rule: "b", Text: "b is broken", Silenced: "until 14:00: deploy"},
		model.Event{Kind: model.EventAction, Action: "restart", Text: "restarted, pid 7"}, recovered,
	)
	want := "Failed: a is broken, Rule: a, 3 bad measurements in a row, What follows: restart, Those who are to know were told\n" +
		"Failed: b is broken, Rule: b, Nobody was told: until 14:00: deploy\n" +
		"Restart: restarted, pid 7\n" +
		"Recovered: a works, It had been failing for 6 min, Those who are to know were told"
	if got != want {
		t.Errorf("it tells\n%s\nwant\n%s", got, want)
	}
	long := []model.Event{failed}
	for range 50 {
		long = append(long, model.Event{Kind: model.EventActionFailed, Action: "restart", Text: "no"})
	}
	if got := strings.Split(titles(long...), "\n"); len(got) != 15 || got[4] != "37 more of the same kind: " {
		t.Errorf("a long story has %d steps, the fifth is %q", len(got), got[4])
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		op    model.Op
		n     float64
		value model.Value
		text  string
		share int
	}{
		{model.Greater, 80, model.Num(20), "≤ 80.0%", 25},
		{model.Greater, 80, model.Num(200), "≤ 80.0%", 100},
		{model.Less, 20, model.Num(40), "≥ 20.0%", 50},
		{model.Less, 20, model.Num(10), "≥ 20.0%", 100},
		{model.NotEqual, 3, model.Num(3), "= 3.0%", -1},
		{model.Greater, 0, model.Num(3), "≤ 0.0%", -1},
		{model.Greater, 80, model.Value{}, "≤ 80.0%", -1},
		{model.Changed, 0, model.Num(3), "", -1},
	} {
		text, share := limit(&model.Rule{Metric: model.CPU, Op: c.op, Operand: model.Num(c.n)}, c.value)
		if text != c.text || share != c.share {
			t.Errorf("%v %s %v: %q, %d", c.value.Number(), c.op, c.n, text, share)
		}
	}
}

// The journal is shown page by page: each event once, also those of one instant.
func TestEventsPaging(t *testing.T) {
	w := newWorld(time.Now())
	w.add(model.ServiceStatus{Name: "a", State: model.StateOK}, nil)
	for i := range 450 {
		kind := model.EventFailed
		if i%3 == 0 {
			kind = model.EventAction
		}
		w.tell(time.Duration(500-i/40)*time.Minute, model.Event{Service: "a", Kind: kind, Text: "event-" + string(rune('A'+i%26)) + "."})
	}
	b := open(t, w.options())
	for query, want := range map[string]int{"": 450, "?sort=actions": 150, "?sort=trouble": 300, "?sort=people": 0, "?q=event-a.": 18, "?service=A": 450, "?service=b": 0} {
		seen, pages := 0, 0
		for path := "/events" + query; path != "" && pages < 20; pages++ {
			body := b.page(path)
			seen += strings.Count(body, `class="moment"`)
			_, rest, more := strings.Cut(body, `rel="next" href="`)
			path, _, _ = strings.Cut(rest, `"`)
			path = strings.ReplaceAll(path, "&amp;", "&")
			if !more {
				path = ""
			}
		}
		if seen != want {
			t.Errorf("%q: %d events on %d pages, want %d", query, seen, pages, want)
		}
	}
}
