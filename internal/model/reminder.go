package model

import (
	"cmp"
	"time"
)

// A Reminder says when people are told again of what goes on failing: by cycles or by time. Its zero value says never.
type Reminder struct {
	Cycles   int           `json:",omitempty"` // every so many failing cycles
	Lag      int           `json:",omitempty"` // of these, how many pass before counting begins; 1: it counts from the first message
	Every    time.Duration `json:",omitempty"` // or every so often
	Once     bool          `json:",omitempty"` // with Every: only the first time
	Doubling bool          `json:",omitempty"` // each gap is twice the one before
	MaxGap   int           `json:",omitempty"` // with Cycles and Doubling: no gap is longer, in cycles; 0: any may be
	MaxWait  time.Duration `json:",omitempty"` // with Every and Doubling: likewise, in time
}

// Due tells whether a reminder is due now. Count is the number of failing cycles, 1 for the first; since is when that
// was, before is when the last cycle was.
func (r Reminder) Due(count int, since, before, now time.Time) bool {
	switch {
	case r.Cycles > 0:
		n := int64(count - r.Lag)
		return r.fit(n, int64(r.Cycles), int64(r.MaxGap)) > r.fit(n-1, int64(r.Cycles), int64(r.MaxGap))
	case r.Once:
		return r.Every > 0 && before.Sub(since) < r.Every && now.Sub(since) >= r.Every
	case r.Every > 0:
		return r.fit(int64(now.Sub(since)), int64(r.Every), int64(r.MaxWait)) > r.fit(int64(before.Sub(since)), int64(r.Every), int64(r.MaxWait))
	}
	return false
}

// Times is how many reminders were due in so many failing cycles since, up to now.
func (r Reminder) Times(count int, since, now time.Time) int {
	switch {
	case r.Cycles > 0:
		return int(r.fit(int64(count-r.Lag), int64(r.Cycles), int64(r.MaxGap)))
	case r.Once:
		return min(1, int(int64(now.Sub(since))/max(1, int64(r.Every))))
	case r.Every > 0:
		return int(r.fit(int64(now.Sub(since)), int64(r.Every), int64(r.MaxWait)))
	}
	return 0
}

// compare gives reminders an order, of no meaning.
func (r Reminder) compare(o Reminder) int {
	flag := func(on bool) int {
		if on {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(r.Cycles, o.Cycles), cmp.Compare(r.Every, o.Every), cmp.Compare(r.Lag, o.Lag), cmp.Compare(flag(r.Doubling), flag(o.Doubling)),
		cmp.Compare(flag(r.Once), flag(o.Once)),
		cmp.Compare(r.MaxGap, o.MaxGap), cmp.Compare(r.MaxWait, o.MaxWait),
	)
}

// fit is how many gaps fit into a length, of which the first is a step.
func (r Reminder) fit(length, step, most int64) (n int64) {
	if length < step {
		return 0
	}
	if !r.Doubling {
		return length / step
	}
	const tooLong = 1 << 61 // no gap can double beyond that
	for gap := step; gap < tooLong; gap *= 2 {
		if most > 0 && gap >= most {
			return n + length/most
		}
		if length < gap {
			return n
		}
		n, length = n+1, length-gap
	}
	return n
}
