package host

import (
	"bytes"
	"time"

	"orderly/internal/model"
)

// The counters of a network interface that are kept.
const (
	downloadBytes = iota
	downloadPackets
	downloadErrors
	uploadBytes
	uploadPackets
	uploadErrors
	linkCounters
)

// parseNetDev finds the counters of an interface in /proc/net/dev.
func parseNetDev(text []byte, name string) (counts [linkCounters]uint64, ok bool) {
	for line := range bytes.Lines(text) {
		before, after, found := bytes.Cut(line, []byte(":"))
		if !found || string(bytes.TrimSpace(before)) != name {
			continue
		}
		var n [16]uint64
		if counters(after, n[:]) < 11 {
			return counts, false
		}
		return [linkCounters]uint64{n[0], n[1], n[2], n[8], n[9], n[10]}, true
	}
	return counts, false
}

// A traffic sums up what an interface transfers: per second, and over the last minutes and hours.
type traffic struct {
	at      time.Time // of the last reading; zero: there is none
	counts  [linkCounters]uint64
	meters  [linkCounters]meter
	rates   [linkCounters]model.Value
	known   bool // there were two readings
	start   time.Time
	minutes [60]bucket
	hours   [24]bucket
}

// A bucket is what was transferred in one minute or hour since the first reading.
type bucket struct {
	number int64
	sums   [linkCounters]uint64
}

// next takes the counters of now. They begin anew when an interface is made again; what they show then is new too.
func (t *traffic) next(now time.Time, counts [linkCounters]uint64) {
	if t.at.IsZero() || now.Before(t.at) {
		*t = traffic{start: now}
	} else {
		t.known = true
		for i, count := range counts {
			grown := count - t.counts[i]
			if count < t.counts[i] {
				grown = count
			}
			spread(t.minutes[:], t.number(t.at, time.Minute), t.number(now, time.Minute), i, grown)
			spread(t.hours[:], t.number(t.at, time.Hour), t.number(now, time.Hour), i, grown)
		}
	}
	t.at, t.counts = now, counts
	for i, count := range counts {
		t.rates[i] = t.meters[i].perSecond(now, float64(count))
	}
}

func (t *traffic) number(now time.Time, unit time.Duration) int64 {
	return int64(now.Sub(t.start) / unit)
}

// spread adds the growth of a counter since the reading in bucket from. What grew while nobody read, as when the daemon
// was not running, is taken to have grown evenly.
func spread(ring []bucket, from, to int64, counter int, grown uint64) {
	first := min(from+1, to)
	n := uint64(to - first + 1)
	for number := max(first, to-int64(len(ring))+1); number <= to; number++ {
		part := grown / n
		if uint64(number-first) < grown%n {
			part++
		}
		slot(ring, number).sums[counter] += part
	}
}

// slot returns the bucket of a number, emptied if it was of an older one.
func slot(ring []bucket, number int64) *bucket {
	b := &ring[number%int64(len(ring))]
	if b.number != number {
		*b = bucket{number: number}
	}
	return b
}

// total is what one counter grew by in the time before now, in whole minutes up to one hour and in whole hours up to one
// day. The running minute or hour counts as one of them. It is absent before there were two readings.
func (t *traffic) total(now time.Time, counter int, over time.Duration) model.Value {
	if !t.known {
		return model.Value{}
	}
	ring, unit := t.minutes[:], time.Minute
	if over > time.Hour {
		ring, unit = t.hours[:], time.Hour
	}
	n := min(max(int64((over+unit-1)/unit), 1), int64(len(ring)))
	last := t.number(now, unit)
	sum := uint64(0)
	for _, b := range ring {
		if b.number > last-n && b.number <= last {
			sum += b.sums[counter]
		}
	}
	return num(sum)
}
