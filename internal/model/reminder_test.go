package model

import (
	"slices"
	"testing"
	"time"
)

func TestRemindersByCycles(t *testing.T) { // M-030, M-032, T-alert-reminder
	for _, c := range []struct {
		name string
		r    Reminder
		due  []int // in the first 40 cycles
	}{
		{"never", Reminder{}, nil},
		{"Monit's", Reminder{Cycles: 10}, []int{10, 20, 30, 40}},
		{"Minitor's every failure", Reminder{Cycles: 1, Lag: 1}, []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40}},
		{"Minitor's every third", Reminder{Cycles: 3, Lag: 1}, []int{4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40}},
		{"Minitor's exponential", Reminder{Cycles: 1, Lag: 1, Doubling: true}, []int{2, 4, 8, 16, 32}},
		{"with a cap", Reminder{Cycles: 1, Lag: 1, Doubling: true, MaxGap: 6}, []int{2, 4, 8, 14, 20, 26, 32, 38}},
	} {
		var due []int
		for n := 1; n <= 40; n++ {
			if c.r.Due(n, time.Time{}, time.Time{}, time.Time{}) {
				due = append(due, n)
			}
			if got := c.r.Times(n, time.Time{}, time.Time{}); got != len(due) {
				t.Errorf("%s: %d times in %d cycles, want %d", c.name, got, n, len(due))
			}
		}
		if !slices.Equal(due, c.due) {
			t.Errorf("%s: due in cycles %v, want %v", c.name, due, c.due)
		}
	}
	if n := (Reminder{Cycles: 1, Doubling: true}).Times(1<<62, time.Time{}, time.Time{}); n < 60 || n > 62 {
		t.Errorf("after very long: %d", n)
	}
}

func TestRemindersByTime(t *testing.T) {
	since := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		r    Reminder
		due  []time.Duration // in the first day, looking every 7 minutes
	}{
		{"hourly", Reminder{Every: 6 * time.Hour}, []time.Duration{364, 721, 1085}},
		{"growing", Reminder{Every: time.Hour, Doubling: true, MaxWait: 8 * time.Hour}, []time.Duration{63, 182, 420, 903, 1386}},
	} {
		var due []time.Duration
		for n := 1; n < 24*60/7; n++ {
			now := since.Add(time.Duration(n) * 7 * time.Minute)
			if c.r.Due(n, since, now.Add(-7*time.Minute), now) {
				due = append(due, time.Duration(n)*7)
			}
		}
		if !slices.Equal(due, c.due) {
			t.Errorf("%s: due after minutes %d, want %d", c.name, due, c.due)
		}
	}
}
