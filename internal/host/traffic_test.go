package host

import (
	"testing"
	"time"
)

func TestTrafficTotals(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	var tr traffic
	count := uint64(1 << 40) // what was before the first reading does not count
	tr.next(start, [linkCounters]uint64{downloadBytes: count})
	if v := tr.total(start, downloadBytes, time.Minute); v.Present() {
		t.Errorf("a total at the first reading: %v", v)
	}
	now := start
	for range 30 * 60 { // thirty hours, ten bytes a minute
		now = now.Add(time.Minute)
		count += 10
		tr.next(now, [linkCounters]uint64{downloadBytes: count})
	}
	for over, want := range map[time.Duration]float64{
		0:                10,
		time.Minute:      10,
		90 * time.Second: 20,
		10 * time.Minute: 100,
		time.Hour:        600,
		2 * time.Hour:    610, // the hour that began with the last reading, and the one before
		24 * time.Hour:   23*600 + 10,
		48 * time.Hour:   23*600 + 10,
	} {
		if got := tr.total(now, downloadBytes, over).Number(); got != want {
			t.Errorf("over %v: %v, want %v", over, got, want)
		}
	}
	if got := tr.total(now.Add(2*time.Hour), downloadBytes, time.Hour).Number(); got != 0 {
		t.Errorf("after two silent hours: %v", got)
	}

	tr.next(now.Add(time.Minute), [linkCounters]uint64{downloadBytes: 7}) // the interface was made again
	if got := tr.total(now.Add(time.Minute), downloadBytes, time.Minute).Number(); got != 7 {
		t.Errorf("after the counters began anew: %v", got)
	}
	tr.next(now.Add(-time.Hour), [linkCounters]uint64{downloadBytes: 9})
	if tr.known {
		t.Error("totals survive a clock that went back")
	}
}

func TestParseNetDev(t *testing.T) {
	text := []byte("face |bytes packets\n eth0:1 2 3 0 0 0 0 0 4 5 6 0 0 0 0 0\n eth00: 9 9\n eth1: 1 2\n")
	got, ok := parseNetDev(text, "eth0")
	if want := [linkCounters]uint64{1, 2, 3, 4, 5, 6}; got != want || !ok {
		t.Errorf("got %v, %v", got, ok)
	}
	for _, name := range []string{"eth1", "eth2", ""} {
		if _, ok := parseNetDev(text, name); ok {
			t.Errorf("%q was found", name)
		}
	}
}
