package history

import (
	"slices"
	"sort"
	"time"

	"orderly/internal/model"
)

// maxRuns bounds a ledger, 16 bytes each: half a year in which no hour is like the one before.
const maxRuns = 4096

// counts are seconds of an hour: up, degraded, partial, down, maintenance.
type counts [classes - 1]uint16

func countsOf(t model.Tally) (c counts) {
	for i, n := range []int{t.Up, t.Degraded, t.Partial, t.Down, t.Maintenance} {
		c[i] = uint16(min(max(n, 0), 3600))
	}
	return c
}

func (c counts) sum() (n int) {
	for _, seconds := range c {
		n += int(seconds)
	}
	return n
}

func (c counts) durations() (d [classes]time.Duration) {
	for i, n := range c {
		d[i+1] = time.Duration(n) * time.Second
	}
	return d
}

// share is the tally of some seconds in which the counts are those of so many others.
func (c counts) share(seconds, of int64) model.Tally {
	part := func(n uint16) int { return int(int64(n) * seconds / of) }
	if times := seconds / of; times*of == seconds { // nearly always, and much faster
		part = func(n uint16) int { return int(int64(n) * times) }
	}
	return model.Tally{Up: part(c[0]), Degraded: part(c[1]), Partial: part(c[2]), Down: part(c[3]), Maintenance: part(c[4])}
}

// A run is hours that follow each other and are alike.
type run struct {
	first int32 // since 1970
	hours uint16
	counts
}

func (r run) end() int64 { return int64(r.first) + int64(r.hours) }

// A ledger has hours of which something is known. Most of a service's hours are alike, so that a year takes little room.
type ledger []run // in order, without overlaps

// at is the first run that ends after an hour.
func (l ledger) at(hour int64) int {
	if n := len(l); n > 0 && l[n-1].end() <= hour {
		return n
	}
	return sort.Search(len(l), func(i int) bool { return l[i].end() > hour })
}

// get is what is known of an hour.
func (l ledger) get(hour int64) counts {
	if i := l.at(hour); i < len(l) && int64(l[i].first) <= hour {
		return l[i].counts
	}
	return counts{}
}

// set says what is known of an hour, in place of what was.
func (l *ledger) set(hour int64, c counts) {
	if hour < 0 || hour > 1<<31-2 {
		return // the clock is out of its mind
	}
	i := l.at(hour)
	fresh := make([]run, 0, 3)
	cut := 0
	if i < len(*l) && int64((*l)[i].first) <= hour {
		old := (*l)[i]
		cut = 1
		if n := hour - int64(old.first); n > 0 {
			fresh = append(fresh, run{old.first, uint16(n), old.counts})
		}
		if c != (counts{}) {
			fresh = append(fresh, run{int32(hour), 1, c})
		}
		if n := old.end() - hour - 1; n > 0 {
			fresh = append(fresh, run{int32(hour + 1), uint16(n), old.counts})
		}
	} else if c != (counts{}) {
		fresh = append(fresh, run{int32(hour), 1, c})
	}
	*l = slices.Replace(*l, i, i+cut, fresh...)
	l.join(max(i-1, 0), min(i+len(fresh)+1, len(*l)))
	if len(*l) > maxRuns {
		*l = slices.Delete(*l, 0, maxRuns/8)
	}
}

// join makes one of neighbours that are alike.
func (l *ledger) join(from, to int) {
	for i := to - 1; i > from; i-- {
		before, after := &(*l)[i-1], (*l)[i]
		if before.end() == int64(after.first) && before.counts == after.counts && int(before.hours)+int(after.hours) < 1<<16 {
			before.hours += after.hours
			*l = slices.Delete(*l, i, i+1)
		}
	}
}

// forget drops what ended before a time.
func (l *ledger) forget(before time.Time) {
	if i := l.at(hourOf(before)); i > 0 {
		*l = slices.Delete(*l, 0, i)
	}
}

// between sums up the hours from one moment to another, of hours that are cut the share. It begins to look at run i, and returns
// where to go on for later moments.
func (l ledger) between(i int, from, to int64) (t model.Tally, next int) {
	for ; i < len(l); i++ {
		begin, end := int64(l[i].first)*3600, l[i].end()*3600
		if begin >= to {
			break
		}
		if both := min(to, end) - max(from, begin); both > 0 {
			t.Add(l[i].share(both, 3600))
		}
		if end > to {
			break
		}
	}
	return t, i
}

// rows appends the rows of one day, as they are to be on disk: no hour keeps a row that is not there any more.
func (l ledger) rows(name string, day int64, out []model.ServiceTally) []model.ServiceTally {
	for hour := day * 24; hour < (day+1)*24; {
		n, c := int64(1), l.get(hour)
		for c != (counts{}) && hour+n < (day+1)*24 && l.get(hour+n) == c {
			n++
		}
		hours := int(n)
		if c == (counts{}) {
			hours = 0
		}
		out = append(out, row(name, hour, hours, c))
		for k := int64(1); k < n; k++ {
			out = append(out, row(name, hour+k, 0, counts{}))
		}
		hour += n
	}
	return out
}

func row(name string, hour int64, hours int, c counts) model.ServiceTally {
	t := c.share(1, 1)
	t.At = time.Unix(hour*3600, 0)
	return model.ServiceTally{Service: name, Hours: hours, Tally: t}
}
