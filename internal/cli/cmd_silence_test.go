package cli

import (
	"testing"
	"time"
)

func TestBeginning(t *testing.T) {
	now := time.Date(2026, 10, 24, 21, 30, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"":                     {},
		"22:00":                time.Date(2026, 10, 24, 22, 0, 0, 0, time.Local),
		"21:30":                time.Date(2026, 10, 25, 21, 30, 0, 0, time.Local),
		"2026-11-01 03:15":     time.Date(2026, 11, 1, 3, 15, 0, 0, time.Local),
		"2026-11-01 03:15:20":  time.Date(2026, 11, 1, 3, 15, 20, 0, time.Local),
		"2026-11-01T03:15:00Z": time.Date(2026, 11, 1, 3, 15, 0, 0, time.UTC),
	} {
		if got, err := beginning(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %v (%v), want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"tomorrow", "24:00", "1h"} {
		if at, err := beginning(text, now); err == nil {
			t.Errorf("%q is %v", text, at)
		}
	}
}
