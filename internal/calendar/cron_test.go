package calendar

import (
	"strings"
	"testing"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestMatches(t *testing.T) {
	// 2026-01-02 is a Friday, day of week 5.
	for _, tt := range []struct {
		cron, now string
		want      bool
	}{
		{"* * * * *", "2026-01-02 15:04:05", true},
		{"4 15 * * *", "2026-01-02 15:04:59", true},
		{"4 15 * * *", "2026-01-02 15:05:00", false},
		{"0-5 15 2 1 5", "2026-01-02 15:04:05", true},
		{"* * 2 * 4", "2026-01-02 15:04:05", false}, // all fields are needed, unlike in cron(8)
		{"* * 3 * 5", "2026-01-02 15:04:05", false},
		{"*/5 * * * *", "2026-01-02 15:05:00", true},
		{"*/5 * * * *", "2026-01-02 15:04:00", false},
		{"* * */2 * *", "2026-01-02 15:04:00", true}, // by the value, not counted from the first day
		{"* * */2 * *", "2026-01-03 15:04:00", false},
		{"4-59/10 * * * *", "2026-01-02 15:14:00", true}, // counted from 4
		{"4-59/10 * * * *", "2026-01-02 15:10:00", false},
		{"1,4,7 * * * *", "2026-01-02 15:04:00", true},
		{"0-59,0-59 * * * *", "2026-01-02 15:04:00", true},
		{"61 * * * *", "2026-01-02 15:01:00", false},
		{"99999999999999999999 * * * *", "2026-01-02 15:01:00", false},
		{"0-99999999999999999999 * * * *", "2026-01-02 15:01:00", true},
		{"30-10 * * * *", "2026-01-02 15:20:00", false},
		{"* * * * 7", "2026-01-04 15:20:00", false},
		{"* * * * 0", "2026-01-04 15:20:00", true},
		{" *\t* *  * * ", "2026-01-02 15:04:05", true},
	} {
		c, err := ParseCron(tt.cron)
		if err != nil {
			t.Errorf("ParseCron(%q): %v", tt.cron, err)
			continue
		}
		if got := c.Matches(at(t, tt.now)); got != tt.want {
			t.Errorf("%q matches %s: %v, want %v", tt.cron, tt.now, got, tt.want)
		}
	}
	if (Cron{}).Matches(at(t, "2026-01-02 15:04:05")) {
		t.Error("the zero schedule matches")
	}
}

func TestParseCronErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":               "it has 0 fields",
		"1 2 3":          "it has 3 fields",
		"* * * * * *":    "it has 6 fields",
		"x * * * *":      `minute "x" is not made of numbers`,
		"* MON * * *":    `hour "MON" is not made of numbers`,
		"* * -1 * *":     `day of month "-1" is not made of numbers`,
		"* * 1- * *":     `is not made of numbers`,
		"* * 1,,2 * *":   `is not made of numbers`,
		"* * * */0 *":    `month "*/0" has a step of 0`,
		"* * * * 1/2":    `day of week "1/2" has a step without a range`,
		"* * * * */":     `is not made of numbers`,
		"* * * * 1-5/-1": `is not made of numbers`,
		"@daily":         "it has 1 fields",
	} {
		_, err := ParseCron(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseCron(%q) = %v, want an error with %q", text, err, want)
		}
	}
}

func TestNext(t *testing.T) {
	for _, tt := range []struct{ cron, after, want string }{
		{"* * * * *", "2026-01-02 15:04:05", "2026-01-02 15:05:00"},
		{"* * * * *", "2026-01-02 15:04:00", "2026-01-02 15:05:00"},
		{"0 3 * * *", "2026-01-02 15:04:05", "2026-01-03 03:00:00"},
		{"59 23 31 12 *", "2026-12-31 23:59:00", "2027-12-31 23:59:00"},
		{"0 0 29 2 0", "2072-03-01 00:00:00", "2088-02-29 00:00:00"},
		{"0 0 29 2 *", "2096-03-01 00:00:00", "2104-02-29 00:00:00"}, // 2100 has no leap day
		{"0 0 30 2 *", "2026-01-02 15:04:05", ""},
		{"61 * * * *", "2026-01-02 15:04:05", ""},
		{"* 25 * * *", "2026-01-02 15:04:05", ""},
	} {
		c, err := ParseCron(tt.cron)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := c.Next(at(t, tt.after))
		if ok != (tt.want != "") || ok && got.Format("2006-01-02 15:04:05") != tt.want {
			t.Errorf("%q after %s: %v %v, want %q", tt.cron, tt.after, got, ok, tt.want)
		}
	}
}

// A zone whose clocks jump: what Next returns must match, lie in the future, and be the first such minute.
func TestNextAgreesWithMatches(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Skipf("no time zones here: %v", err)
		}
		for _, text := range []string{"30 2 * * *", "*/7 0-3 * * *", "0 0 * * 0", "45 1,2 * * 0,6"} {
			c, err := ParseCron(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, day := range []time.Time{
				time.Date(2018, 11, 3, 22, 10, 30, 0, loc), // clocks go forward at midnight in São Paulo
				time.Date(2026, 3, 28, 23, 59, 59, 999, loc),
				time.Date(2026, 4, 5, 0, 50, 0, 0, loc),
				time.Date(2026, 10, 24, 12, 0, 0, 0, loc),
			} {
				want := day.Truncate(time.Minute).Add(time.Minute)
				for !c.Matches(want) {
					want = want.Add(time.Minute)
				}
				if got, ok := c.Next(day); !ok || !got.Equal(want) {
					t.Errorf("%s: %q after %v: %v %v, want %v", zone, text, day, got, ok, want)
				}
			}
		}
	}
}

func FuzzParseCron(f *testing.F) {
	for _, s := range []string{"* * * * *", "*/5 1-5/2 1,2 3 4", "1 2 3", "0-59,0-59 * * * *", "/ - , * 1"} {
		f.Add(s)
	}
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCron(text)
		if err != nil {
			return
		}
		if next, ok := c.Next(noon); ok && (!c.Matches(next) || !next.After(noon)) {
			t.Errorf("%q: next is %v, which is not due", text, next)
		}
	})
}
