package engine

import (
	"fmt"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// flap tells once that a rule fails and recovers all the time, and once that it does so no longer. In between people are
// told nothing of it.
func (d *decision) flap(r *model.Rule, st *ruleState) {
	begins := st.Flaps()
	if begins == st.Flapping || !d.e.config.Settings.Flapping || r.Op == model.Changed {
		return
	}
	st.Flapping, d.s.dirty = begins, true
	ev := model.Event{
		Kind: model.EventFlapping, Topic: r.Topic, Rule: r.Text, Action: string(model.ActAlert), Silenced: d.e.silencedBy(d.s, false, d.now),
		Text: fmt.Sprintf("is flapping: it changed %d times in the last 20 checks", st.Changes()),
	}
	if !begins {
		ev.Kind, ev.Text = model.EventSteady, "is steady again, and well"
		if st.summary != "" {
			ev.Text = "is steady again, and failing: " + st.summary
		}
		if ev.Silenced == "" {
			st.Owed = rule.None // that tells how it is
		}
	}
	d.e.journal(d.s, ev)
}
