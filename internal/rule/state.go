package rule

import (
	"math/bits"
	"time"

	"orderly/internal/model"
)

// Phase is where a rule stands.
type Phase int8

// A rule is New until it was in trouble for the first time: until then, good measurements are nothing to tell.
const (
	New Phase = iota
	Failed
	Succeeded
	WasChanged // the last measurements differed
	Steady     // they no longer do
)

// State is what is remembered of a rule between measurements. It is a plain value and is stored as it is.
type State struct {
	Phase    Phase       `json:"p,omitempty"`
	Bits     uint64      `json:"b,omitempty"` // the last 64 outcomes, newest in bit 0; set: trouble
	Count    int         `json:"c,omitempty"` // cycles that failed in a row of this phase, 1 at its beginning
	Since    time.Time   `json:"s,omitzero"`  // beginning of this phase
	Seen     bool        `json:"k,omitempty"` // measured at least once
	Baseline model.Value `json:"v,omitzero"`  // what rules about change compare with

	Mild   bool      `json:"m,omitempty"` // all that was measured since it fails is mild, see model.Rule
	Bad    int       `json:"f,omitempty"` // measurements in a row that were bad, whether they counted yet or not
	LastOK time.Time `json:"g,omitzero"`  // when it was last good, before these

	Past     uint32 `json:"past,omitempty"` // the last results, as far as [Flaps] looks back; newest in bit 0, set: trouble
	Flapping bool   `json:"flap,omitempty"`

	Owed   Effect    `json:"o,omitempty"`  // BeginFail or Recover: the last change, which people were not told because of a silence
	Hushed time.Time `json:"hu,omitzero"`  // people may not be told since then that it goes on; zero: they may
	Step   int       `json:"n,omitempty"`  // how many of the rule's steps were passed since it fails
	Known  bool      `json:"kn,omitempty"` // people were told that it fails, and Owed is that it has become graver
	Waived bool      `json:"w,omitempty"`  // what is owed is not told, because that silence ended quietly
	Held   bool      `json:"h,omitempty"`  // what was to be done because of it was held back
}

// Effect is what follows from an observation.
type Effect int8

// The effects. All but None and Brewing are worth an event or an action.
const (
	None      Effect = iota
	Brewing          // trouble, but not often enough to count
	BeginFail        // the rule fails from now on
	StillFail        // it went on failing: Monit repeats start, stop and restart now
	Recover          // it no longer fails
	Change           // the value changed
	Settle           // it has stopped changing
)

// Observe adds an outcome and tells what follows. The policy's rates must satisfy 1 <= Count <= Window <= 64 or be zero.
func (s State) Observe(p model.Policy, o Outcome, now time.Time) (State, Effect) {
	if o == Unknown {
		return s, None
	}
	if !s.Seen {
		s.Seen, s.Since = true, now
	}
	rate := p.Pass
	if o.bad() {
		rate = p.Fail
	}
	s.Bits <<= 1
	if o.bad() {
		s.Bits |= 1
		s.Bad++
	} else {
		s.Bad = 0
	}
	s.Past = remember(s.Past, o.bad())
	if s.Phase == New && !o.bad() {
		return s, None
	}
	target := o.phase()
	if !s.reached(rate, o.bad()) || (target == s.Phase && o != Changed) {
		switch {
		case s.Phase == Failed && o == Fail:
			s.Count++
			return s, StillFail
		case o.bad():
			return s, Brewing
		}
		return s, None
	}
	s.Phase, s.Count, s.Since = target, 1, now
	s.restartHistory(o.bad())
	return s, target.entered()
}

// reached tells whether enough of the newest outcomes point the same way.
func (s State) reached(r model.Rate, bad bool) bool {
	if r.Window <= 1 {
		return true
	}
	if bad && r.Count == r.Window { // in a row, of which there may be more than the window has bits
		return s.Bad >= r.Count
	}
	window := s.Bits
	if !bad {
		window = ^window
	}
	if r.Window < 64 {
		window &= 1<<r.Window - 1
	}
	return bits.OnesCount64(window) >= r.Count
}

// restartHistory forgets the samples that led here, so that going back needs a whole new window.
func (s *State) restartHistory(bad bool) {
	s.Bits = 0
	if bad {
		s.Bits = ^uint64(0)
	}
}

func (o Outcome) phase() Phase {
	switch o {
	case Fail:
		return Failed
	case Changed:
		return WasChanged
	case Unchanged:
		return Steady
	default:
		return Succeeded
	}
}

func (p Phase) entered() Effect {
	switch p {
	case Failed:
		return BeginFail
	case WasChanged:
		return Change
	case Steady:
		return Settle
	default:
		return Recover
	}
}

// Single tells whether one outcome of this kind suffices to change the state: such a rule may be observed
// between cycles, because it does not count them.
func Single(p model.Policy, o Outcome) bool {
	rate := p.Pass
	if o.bad() {
		rate = p.Fail
	}
	return rate.Window <= 1
}
