package engine

import (
	"encoding/json"
	"slices"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// saved is what is kept of a service over restarts of the daemon.
type saved struct {
	Monitored bool               `json:"m"`
	Bookmark  model.Bookmark     `json:"f,omitzero"`
	Starts    int                `json:"n,omitempty"`
	Cycles    int                `json:"c,omitempty"`
	Restarts  int                `json:"r,omitempty"`
	Rules     []savedRule        `json:"rules,omitempty"`
	Limits    []rule.State       `json:"limits,omitempty"`
	Access    rule.State         `json:"access,omitzero"`
	Exec      rule.State         `json:"exec,omitzero"`
	Repairs   *repairs           `json:"repairs,omitempty"`
	Acked     string             `json:"acked,omitempty"`
	AckedTill time.Time          `json:"acked_until,omitzero"`
	Why       string             `json:"why,omitempty"` // execError
	Stale     string             `json:"stale,omitempty"`
	State     model.ServiceState `json:"state,omitempty"`
	Since     time.Time          `json:"since,omitzero"`
	Checked   time.Time          `json:"checked,omitzero"`
}

// A savedRule is the state of one rule; it belongs to a rule, not to a place in the file.
type savedRule struct {
	ID      string     `json:"id"`
	State   rule.State `json:"st"`
	Summary string     `json:"why,omitempty"`
}

// Remembered is what a Keeper would have kept of a service, for one whose past another program knows: whether it is
// monitored, how often it was started for a restart limit and in how many cycles, and how far its content was read.
func Remembered(monitored bool, starts, cycles int, b model.Bookmark) []byte {
	data, err := json.Marshal(saved{Monitored: monitored, Starts: starts, Cycles: cycles, Bookmark: b})
	if err != nil {
		panic("engine: a number cannot be encoded: " + err.Error()) // only numbers are encoded
	}
	return data
}

// settle brings the service's state up to date after a check, and keeps it if it changed: a service that is well
// costs nothing here.
func (e *Engine) settle(s *service, now time.Time) {
	if s.present() != s.state || s.dirty {
		e.touch(s, now)
	}
}

// touch brings the service's state up to date after something about it changed, and keeps it.
func (e *Engine) touch(s *service, now time.Time) {
	s.dirty = false
	e.revision.Add(1)
	if state := s.present(); state != s.state {
		s.state, s.since = state, now
		if state == s.was && s.wasAt.Before(now) {
			s.since = s.wasAt
		}
		if state != model.StateInitializing {
			s.was = ""
		}
	}
	k := saved{
		Monitored: s.monitored, Bookmark: s.bookmark, Starts: s.starts, Cycles: s.cycles, Restarts: s.restarts,
		Access: s.access, Exec: s.exec, Why: s.execError, Stale: s.stale, State: s.state, Since: s.since, Checked: s.checked, Acked: s.acked, AckedTill: s.ackedUntil,
	}
	for i := range s.rules {
		if r := &s.rules[i]; r.Phase != rule.New || r.Bits != 0 || r.Baseline.Present() {
			k.Rules = append(k.Rules, savedRule{s.spec.Rules[i].ID, r.State, r.summary})
		}
	}
	if slices.ContainsFunc(s.limits, func(st rule.State) bool { return st.Seen }) {
		k.Limits = s.limits
	}
	if s.spec.Repair != nil && !s.repairs.Last.IsZero() {
		k.Repairs = &s.repairs
	}
	data, err := json.Marshal(k)
	if err != nil {
		e.Log.Error("cannot encode the state of a service", "service", s.spec.Name, "err", err)
		return
	}
	e.Keeper.Save(s.spec.Name, s.spec.Kind, data)
}

func (e *Engine) saveAll() {
	now := time.Now()
	for _, s := range e.order {
		e.touch(s, now)
	}
}

// restore applies what an earlier run kept. After a reboot only what the service's policy says still holds.
func (e *Engine) restore(s *service) {
	data, ok := e.Saved[key(s.spec.Name)]
	var k saved
	if !ok || json.Unmarshal(data, &k) != nil {
		return
	}
	delete(e.Saved, key(s.spec.Name))
	s.bookmark = k.Bookmark
	for i := range s.spec.Rules {
		at := slices.IndexFunc(k.Rules, func(r savedRule) bool { return r.ID == s.spec.Rules[i].ID })
		switch {
		case at < 0:
		case e.Rebooted && s.spec.Kind != model.KindHeartbeat: // what gives signs of life need not be of this host
			s.rules[i].Baseline = k.Rules[at].State.Baseline
		default:
			s.rules[i].State, s.rules[i].summary = k.Rules[at].State, k.Rules[at].Summary
		}
	}
	switch {
	case !e.Rebooted:
		s.monitored, s.starts, s.cycles, s.restarts = k.Monitored, k.Starts, k.Cycles, k.Restarts
		s.access, s.exec, s.execError, s.stale = k.Access, k.Exec, k.Why, k.Stale
		if len(k.Limits) == len(s.limits) {
			copy(s.limits, k.Limits)
		}
		if k.Repairs != nil {
			s.repairs = *k.Repairs
		}
		s.was, s.wasAt, s.checked, s.acked, s.ackedUntil = k.State, k.Since, k.Checked, k.Acked, k.AckedTill
	case s.spec.OnReboot == model.RebootUnlessNew:
		s.monitored = false
	case s.spec.OnReboot == model.RebootLastState:
		s.monitored = k.Monitored
	}
}
