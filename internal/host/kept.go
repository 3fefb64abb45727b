package host

import (
	"encoding/json"
	"slices"
	"time"
)

// keepEvery is how often the totals of a network interface are handed on to be kept. What is transferred meanwhile is
// in the counters of the kernel.
const keepEvery = time.Minute

// keptTraffic is a traffic as it is kept over restarts of the daemon: rows of numbers.
type keptTraffic [3][][]int64

// keep is the text of what totals need to go on after a restart. It is bounded: each counter of each bucket is a number.
func (t *traffic) keep() string {
	head := []int64{t.start.UnixNano(), t.at.UnixNano()}
	kept := keptTraffic{{append(head, signed(t.counts)...)}, rows(t.minutes[:]), rows(t.hours[:])}
	text, err := json.Marshal(kept)
	if err != nil {
		panic("host: a number cannot be encoded: " + err.Error()) // only numbers are encoded
	}
	return string(text)
}

func signed(counts [linkCounters]uint64) []int64 {
	out := make([]int64, linkCounters)
	for i, n := range counts {
		out[i] = int64(n)
	}
	return out
}

func rows(ring []bucket) [][]int64 {
	out := [][]int64{}
	for i := range ring {
		if ring[i] != (bucket{}) {
			out = append(out, append([]int64{ring[i].number}, signed(ring[i].sums)...))
		}
	}
	return out
}

// restoreTraffic is the opposite of keep; false if the text is not of keep.
func restoreTraffic(text string) (traffic, bool) {
	var kept keptTraffic
	var t traffic
	if json.Unmarshal([]byte(text), &kept) != nil || len(kept[0]) != 1 || len(kept[0][0]) != 2+linkCounters {
		return t, false
	}
	head := kept[0][0]
	t.start, t.at, t.known = time.Unix(0, head[0]), time.Unix(0, head[1]), true
	t.counts = unsigned(head[2:])
	if t.at.Before(t.start) || !fill(t.minutes[:], kept[1]) || !fill(t.hours[:], kept[2]) {
		return traffic{}, false
	}
	return t, true
}

func unsigned(row []int64) (out [linkCounters]uint64) {
	for i, n := range row {
		out[i] = uint64(n)
	}
	return out
}

func fill(ring []bucket, rows [][]int64) bool {
	for _, row := range rows {
		if len(row) != 1+linkCounters || row[0] < 0 || slices.Min(row[1:]) < 0 {
			return false
		}
		*slot(ring, row[0]) = bucket{number: row[0], sums: unsigned(row[1:])}
	}
	return true
}
