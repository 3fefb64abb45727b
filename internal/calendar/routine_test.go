package calendar

import (
	"testing"
	"time"
)

func TestRoutineNext(t *testing.T) {
	for _, tt := range []struct{ name, schedule, zone, after, want string }{
		{"in the zone", "0 3 * * *", "Europe/Berlin", "2026-01-10T12:00:00Z", "2026-01-11T03:00:00+01:00"},
		{"not twice in a minute", "0 3 * * *", "Europe/Berlin", "2026-01-10T02:00:00.4Z", "2026-01-11T03:00:00+01:00"},
		{"summer", "0 3 * * *", "Europe/Berlin", "2026-07-10T12:00:00Z", "2026-07-11T03:00:00+02:00"},

		{"left out", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T03:00:00+02:00"},
		{"left out, the day after", "30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T02:30:00+02:00"},
		{"several left out run once", "*/10 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T02:00:00+02:00"},
		{"right behind the leap", "0 3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T03:00:00+02:00"},

		{"shown twice", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T02:30:00+02:00"},
		{"not run twice", "30 2 * * *", "Europe/Berlin", "2026-10-25T00:31:00Z", "2026-10-26T02:30:00+01:00"},
		{"not run twice, asked in the second hour", "30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-26T02:30:00+01:00"},
		{"behind the second hour", "0 3 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00+01:00"},

		{"each hour, forward", "15 * * * *", "Europe/Berlin", "2026-03-29T00:20:00Z", "2026-03-29T03:15:00+02:00"},
		{"each hour, back", "15 * * * *", "Europe/Berlin", "2026-10-25T00:20:00Z", "2026-10-25T02:15:00+01:00"},

		{"midnight left out", "0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-24T01:00:00+03:00"},
		{"half an hour", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-05T01:45:00+11:00"},
		{"without leaps", "0 3 * * 0", "Asia/Tokyo", "2026-10-25T00:00:00Z", "2026-11-01T03:00:00+09:00"},
		{"UTC", "0 3 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T03:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ParseRoutine(tt.schedule, tt.zone)
			if err != nil {
				t.Skip(err) // no time zones on this host
			}
			after, err := time.Parse(time.RFC3339Nano, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := r.Next(after)
			if s := got.Format(time.RFC3339); !ok || s != tt.want {
				t.Errorf("%s, want %s", s, tt.want)
			}
		})
	}
	if r, err := ParseRoutine("0 3 30 2 *", ""); err != nil {
		t.Error(err)
	} else if at, ok := r.Next(time.Now()); ok {
		t.Errorf("30 February is %v", at)
	}
}

func TestParseRoutineRefuses(t *testing.T) {
	for _, zone := range []string{"Mars/Olympus", "../../etc/passwd", "/etc/localtime"} {
		if _, err := ParseRoutine("0 3 * * *", zone); err == nil {
			t.Errorf("%q is a time zone", zone)
		}
	}
	if _, err := ParseRoutine("0 3 * *", "UTC"); err == nil {
		t.Error("four fields are a schedule")
	}
}
