package model

import (
	"testing"
	"time"
)

func TestRetentionWithin(t *testing.T) {
	const day = 24 * time.Hour
	usual := DefaultRetention()
	for _, c := range []struct {
		name    string
		keep    Retention
		series  int
		minutes time.Duration
	}{
		{"none", usual, 0, 2 * day},
		{"of a home", usual, 200, 2 * day},
		{"just enough", usual, 3300, 2 * day},
		{"twice as many", usual, 6600, 21*time.Hour + 2*time.Minute},
		{"far too many", usual, 50_000, time.Hour},
		{"any size", Retention{Minutes: 2 * day, Quarters: 30 * day}, 50_000, 2 * day},
		{"for ever", Retention{Size: 1 << 20, Quarters: day}, 50_000, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.keep.Within(c.series)
			if off := got.Minutes - c.minutes; off < -time.Minute || off > time.Minute {
				t.Errorf("minutes are kept for %s, want %s", got.Minutes, c.minutes)
			}
			if got.Days != c.keep.Days || got.Events != c.keep.Events {
				t.Errorf("it touches others: %+v", got)
			}
			rows := float64(got.Minutes)/float64(Minute) + float64(got.Quarters)/float64(Quarter) + float64(got.Days)/float64(Day)
			if size := int64(rows * rollupSize * float64(c.series)); c.keep.Size > 0 && c.series < 20_000 && size > c.keep.Size {
				t.Errorf("it takes %d bytes", size)
			}
		})
	}
}
