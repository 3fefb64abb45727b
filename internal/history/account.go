package history

import (
	"time"

	"orderly/internal/model"
)

// A class is how time counts.
type class int8

const (
	unmeasured class = iota
	up
	degraded
	partial // only of components that several services share, which are summed up elsewhere
	down
	maintenance
	classes
)

// classOf is how the time after a check counts, as long as it says anything.
func classOf(c model.Checked) class {
	bad := c.State == model.StateFailing
	switch c.State {
	case model.StateOK:
	case model.StateFailing:
	case model.StateActing: // what is started or stopped is as it was
		bad = c.Down
	default:
		return unmeasured
	}
	switch {
	case c.Held:
		return maintenance
	case !bad:
		return up
	case c.Severity == model.Degraded || c.Severity == model.Info:
		return degraded
	}
	return down
}

// An account is how a service spent its time.
//
// From one check to the next it was as the first one found it, unless the second is later than it may be: then nobody knows.
// Clocks jump, forth over time that was never there and back over time that was counted; an hour never has more than 3600
// seconds.
type account struct {
	last  time.Time // a check; zero: none
	class class     // that it found
	holds time.Duration

	hour   int64 // that is being counted, since 1970; 0: none. It is not in the ledger
	spent  [classes]time.Duration
	ledger ledger
	unsaid bool    // the hour has changed since it was written
	moved  []int64 // days, since 1970, whose ledger has
}

// checked takes a check in, which took so long.
func (a *account) checked(at time.Time, c class, holds, took time.Duration) {
	gap := at.Sub(a.last)
	if a.class != unmeasured && !a.last.IsZero() && gap > 0 && gap <= a.holds+took {
		a.spend(a.last, at, a.class)
	}
	a.last, a.class, a.holds = at, c, holds
}

// spend counts the time between two moments.
func (a *account) spend(from, to time.Time, c class) {
	for from.Before(to) {
		hour := hourOf(from)
		end := time.Unix((hour+1)*3600, 0)
		if to.Before(end) {
			end = to
		}
		a.open(hour)
		room := time.Hour
		for _, d := range a.spent {
			room -= d
		}
		a.spent[c] += min(end.Sub(from), room)
		a.unsaid = true
		from = end
	}
}

// open makes an hour the one that is being counted.
func (a *account) open(hour int64) {
	if a.hour == hour {
		return
	}
	if a.hour != 0 {
		a.ledger.set(a.hour, a.seconds())
		a.changed(a.hour)
	}
	a.hour, a.spent = hour, [classes]time.Duration{}
	if known := a.ledger.get(hour); known != (counts{}) {
		a.spent = known.durations()
		a.ledger.set(hour, counts{})
		a.changed(hour)
	}
}

func (a *account) changed(hour int64) {
	day := hour / 24
	for _, d := range a.moved {
		if d == day {
			return
		}
	}
	a.moved = append(a.moved, day)
}

// seconds are the whole seconds of the hour that is being counted.
func (a *account) seconds() counts {
	var c counts
	for i := up; i < classes; i++ {
		c[i-1] = uint16(a.spent[i] / time.Second)
	}
	return c
}

// restore takes in what was known before a restart.
func (a *account) restore(row model.ServiceTally) {
	c := countsOf(row.Tally)
	if c == (counts{}) || c.sum() > 3600 {
		return
	}
	first := hourOf(row.At)
	for hour := first; hour < first+int64(min(row.Hours, 24)); hour++ {
		switch {
		case hour == a.hour:
			room := time.Hour
			for _, d := range a.spent {
				room -= d
			}
			for i, d := range c.durations() {
				a.spent[i] += min(d, room)
				room -= min(d, room)
			}
			a.unsaid = true
		case a.ledger.get(hour) == counts{}:
			a.ledger.set(hour, c)
		}
	}
}

// rows appends what is to be written: the days that have changed, and the hour that is being counted.
func (a *account) rows(name string, out []model.ServiceTally) []model.ServiceTally {
	for _, day := range a.moved {
		out = a.ledger.rows(name, day, out)
	}
	a.moved = nil
	if a.unsaid {
		a.unsaid = false
		out = append(out, row(name, a.hour, 1, a.seconds()))
	}
	return out
}

// blank tells whether nothing is known.
func (a *account) blank() bool { return a.hour == 0 && len(a.ledger) == 0 }

// between sums up what is known from one moment to another. What is known of an hour is spread over all of it, but nothing is
// known of the time after now.
func (a *account) between(from, to, now int64) model.Tally {
	t, _ := a.after(a.ledger.at(from/3600), from, to, now)
	return t
}

// after is between, from a run of the ledger on. It returns the run to go on with for later moments.
func (a *account) after(i int, from, to, now int64) (t model.Tally, next int) {
	if to >= now {
		to = max(to, now-now%3600+3600)
	}
	t, next = a.ledger.between(i, from, to)
	t.Add(a.running(from, to, now))
	if a.hour == 0 {
		return t, next
	}
	begin, end := a.hour*3600, (a.hour+1)*3600
	if last := a.last.Unix(); last > begin && last < end {
		end = last
	}
	if both := min(to, end) - max(from, begin); both > 0 {
		t.Add(a.seconds().share(both, end-begin))
	}
	return t, next
}

// running is the time since the last check, as long as that says how it is: a failure is not to be seen only when it is looked at
// again.
func (a *account) running(from, to, now int64) model.Tally {
	since := a.last.Unix()
	seconds := min(to, now, since+int64(a.holds/time.Second)) - max(from, since)
	if a.class == unmeasured || a.last.IsZero() || seconds <= 0 {
		return model.Tally{}
	}
	var c counts
	c[a.class-1] = 1
	return c.share(seconds, 1)
}

func hourOf(t time.Time) int64   { return t.Unix() / 3600 }
func minuteOf(t time.Time) int64 { return t.Unix() / 60 }
