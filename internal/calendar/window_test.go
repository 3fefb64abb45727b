package calendar

import (
	"strings"
	"testing"
	"time"
)

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse("2006-01-02 15:04 -0700", text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		window, at string
		in         bool
		end        string
	}{
		{"mon-fri 08:00-18:00 UTC", "2026-11-20 08:00 +0000", true, "2026-11-20 18:00 +0000"}, // a Friday
		{"mon-fri 08:00-18:00 UTC", "2026-11-20 17:59 +0000", true, "2026-11-20 18:00 +0000"},
		{"mon-fri 08:00-18:00 UTC", "2026-11-20 18:00 +0000", false, ""},
		{"mon-fri 08:00-18:00 UTC", "2026-11-21 10:00 +0000", false, ""},
		{"mon-fri 08:00-18:00 Europe/Berlin", "2026-11-20 07:30 +0000", true, "2026-11-20 17:00 +0000"},
		{"22:00-06:00 UTC", "2026-11-20 23:00 +0000", true, "2026-11-21 06:00 +0000"},
		{"22:00-06:00 UTC", "2026-11-20 05:59 +0000", true, "2026-11-20 06:00 +0000"},
		{"fri 22:00-06:00 UTC", "2026-11-21 05:00 +0000", true, "2026-11-21 06:00 +0000"},
		{"fri 22:00-06:00 UTC", "2026-11-20 05:00 +0000", false, ""},
		{"fri-mon,wed 00:00-24:00 UTC", "2026-11-20 12:00 +0000", true, "2026-11-24 00:00 +0000"},
		{"SAT,sun 00:00-24:00 UTC", "2026-11-22 12:00 +0000", true, "2026-11-23 00:00 +0000"},
		{"01:30-03:30 Europe/Berlin", "2026-03-29 00:45 +0000", true, "2026-03-29 01:30 +0000"}, // the clock leaps from 2 to 3
		{"02:00-03:00 Europe/Berlin", "2026-10-25 01:30 +0000", true, "2026-10-25 02:00 +0000"}, // 2 to 3 comes twice
	} {
		w, err := ParseWindow(c.window)
		if err != nil {
			t.Error(err)
			continue
		}
		when := moment(t, c.at)
		if in := w.Contains(when); in != c.in {
			t.Errorf("%s contains %s: %v, want %v", c.window, c.at, in, c.in)
		}
		want := when
		if c.end != "" {
			want = moment(t, c.end)
		}
		if end := w.End(when); !end.Equal(want) {
			t.Errorf("%s ends after %s at %v, want %v", c.window, c.at, end.UTC(), want.UTC())
		}
	}
	var none Window
	if none.Contains(time.Now()) {
		t.Error("the zero window contains something")
	}
	always, err := ParseWindow("00:00-24:00 UTC")
	if err != nil {
		t.Fatal(err)
	}
	if now := time.Now(); always.End(now).Sub(now) < 7*24*time.Hour {
		t.Error("what never ends, ends")
	}
}

func TestWindowRefused(t *testing.T) {
	for text, why := range map[string]string{
		"":                              "they are like",
		"mon-fri":                       "they are like",
		"mon-fry 08:00-18:00":           `"mon-fry" is no day`,
		"08:00":                         `"08:00" is no time of day to begin`,
		"08:60-09:00":                   `"08:60" is no time of day to begin`,
		"24:00-09:00":                   `"24:00" is no time of day to begin`,
		"08:00-24:01":                   `"24:01" is no time of day to end`,
		"08:00-x":                       `"x" is no time of day to end`,
		"08:00-09:00 Mars/Base":         `there is no time zone "Mars/Base"`,
		"mon 08:00-09:00 UTC and later": "they are like",
	} {
		if _, err := ParseWindow(text); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %s", text, err, why)
		}
	}
}

func FuzzParseWindow(f *testing.F) {
	f.Add("mon-fri 08:00-18:00 Europe/Berlin")
	f.Add("22:00-06:00")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := ParseWindow(text)
		if err != nil {
			return
		}
		now := time.Date(2026, 11, 20, 12, 0, 30, 0, time.UTC)
		if end := w.End(now); end.Before(now) {
			t.Errorf("%q ends at %v, before %v", text, end, now)
		}
	})
}

func TestOver(t *testing.T) {
	var windows []Window
	for _, text := range []string{"22:00-24:00 UTC", "00:00-07:00 UTC", "sat-sun 00:00-24:00 UTC"} {
		w, err := ParseWindow(text)
		if err != nil {
			t.Fatal(err)
		}
		windows = append(windows, w)
	}
	for at, want := range map[string]string{
		"2026-11-19 21:59 +0000": "2026-11-19 21:59 +0000", // a Thursday
		"2026-11-19 22:00 +0000": "2026-11-20 07:00 +0000",
		"2026-11-20 22:00 +0000": "2026-11-23 07:00 +0000",
	} {
		if got := Over(windows, moment(t, at)); !got.Equal(moment(t, want)) {
			t.Errorf("from %s on it is over at %v, want %s", at, got, want)
		}
	}
	if now := time.Now(); !Over(nil, now).Equal(now) {
		t.Error("there are no windows, and yet there is one")
	}
}

func TestNextOfAWindow(t *testing.T) {
	w, err := ParseWindow("sun 02:00-04:00 Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-03-28 12:00 +0000": "2026-03-29 01:00 +0000", // the clock leaps from 2 to 3
		"2026-03-29 01:30 +0000": "2026-03-29 01:30 +0000",
		"2026-03-29 02:00 +0000": "2026-04-05 00:00 +0000",
	} {
		if got, ok := w.Next(moment(t, at)); !ok || !got.Equal(moment(t, want)) {
			t.Errorf("after %s it is next at %v, want %s", at, got.UTC(), want)
		}
	}
	if at, ok := (Window{}).Next(time.Now()); ok {
		t.Errorf("the zero window is next at %v", at)
	}
}
