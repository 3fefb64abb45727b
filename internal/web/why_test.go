package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
	"orderly/internal/story"
)

func TestChain(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := story.Story{Steps: []story.Step{
		{At: at, Kind: model.EventFailed, Word: "failed", Text: "a is broken", Rule: "a", Follows: "restart", Untold: "it is flapping"},
		{At: at, Until: at.Add(time.Minute), More: 14, Kind: model.EventAction, Word: "restart", Text: "14 more times"},
		{At: at, Kind: model.EventActionFailed, Word: "restart failed", Text: "not up", Evidence: "mysqld: disk is full\nübergelaufen"},
		{At: at, Word: "again", Text: "failed 3 more times, restart 3 more times", More: 6, Until: at.AddDate(0, 0, 1)},
		{At: at, Kind: model.EventRecovered, Word: "recovered", Text: "a works", Failure: &model.Failure{Since: at.Add(-time.Hour)}},
	}}
	var out []string
	for _, l := range chain(s, at.Add(time.Hour), time.FixedZone("X", 3600)) {
		out = append(out, string(l.Tone)+" "+l.Title+": "+strings.Join(slices.Concat([]string{l.Text}, l.Notes), ", "))
	}
	want := "failing Failed: a is broken, Rule: a, What follows: restart, Nobody was told: it is flapping\n" +
		"acting Restart: 14 more times, Until 13:01:00\n" +
		"failing Restart failed: not up, mysqld: disk is full, übergelaufen\n" + // as the program said it
		"neutral Again: failed 3 more times, restart 3 more times, Until 2 Mar 13:00\n" +
		"ok Recovered: a works, It had been failing for 1 h"
	if got := strings.Join(out, "\n"); got != want {
		t.Errorf("it tells\n%s\nwant\n%s", got, want)
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
