package history

import (
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Skip("this machine does not know " + name)
	}
	return z
}

// known returns a history of which hours are known as a function says, 0 to 3600 seconds of up, and the rest down. Negative: not
// measured.
func known(from, to time.Time, up func(time.Time) int) *History {
	h := New(newMemory(), model.DefaultRetention(), slog.New(slog.DiscardHandler))
	s := h.service("web")
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		if n := up(at); n >= 0 {
			s.account.ledger.set(hourOf(at), countsOf(model.Tally{Up: n, Down: 3600 - n}))
		}
	}
	return h
}

func days(h *History, z *time.Location, n int, now time.Time) string {
	text := ""
	for _, d := range h.Days("web", z, n, now) {
		text += fmt.Sprintf("%s: %s; ", d.Date.Format("2 Jan 15:04"), words(d.Tally))
	}
	return text
}

// One day per day of the calendar of a zone: a change of the zone needs nothing but to ask for another one.
func TestDays(t *testing.T) {
	utc := func(y int, m time.Month, d, hour int) time.Time { return time.Date(y, m, d, hour, 0, 0, 0, time.UTC) }
	always := func(time.Time) int { return 3600 }
	for _, c := range []struct {
		zone     string
		from, to time.Time
		up       func(time.Time) int
		now      time.Time
		want     string
	}{
		{"UTC", utc(2026, 3, 1, 6), utc(2026, 3, 3, 2), always, utc(2026, 3, 3, 1).Add(time.Minute), "28 Feb 00:00: ; 1 Mar 00:00: up 64800; 2 Mar 00:00: up 86400; 3 Mar 00:00: up 7200; "},
		{"Asia/Tokyo", utc(2026, 3, 1, 0), utc(2026, 3, 2, 0), always, utc(2026, 3, 2, 0), "28 Feb 00:00: ; 1 Mar 00:00: up 54000; 2 Mar 00:00: up 32400; "},
		// Midnight of India is half past six in the evening: both days get half of that hour.
		{"Asia/Kolkata", utc(2026, 3, 1, 18), utc(2026, 3, 1, 19), always, utc(2026, 3, 2, 3), "1 Mar 00:00: up 1800; 2 Mar 00:00: up 1800; "},
		{"Asia/Kathmandu", utc(2026, 3, 1, 18), utc(2026, 3, 1, 19), func(time.Time) int { return 1800 }, utc(2026, 3, 2, 3), "1 Mar 00:00: up 450 down 450; 2 Mar 00:00: up 1350 down 1350; "},
		// Days of 23 and 25 hours.
		{"Europe/Berlin", utc(2026, 3, 1, 0), utc(2026, 4, 2, 0), always, utc(2026, 3, 29, 21), "28 Mar 00:00: up 86400; 29 Mar 00:00: up 82800; "},
		{"Europe/Berlin", utc(2026, 10, 1, 0), utc(2026, 11, 2, 0), always, utc(2026, 10, 26, 12), "24 Oct 00:00: up 86400; 25 Oct 00:00: up 90000; 26 Oct 00:00: up 86400; "},
		// Clocks were put forward at midnight: the day began at one.
		{"America/Sao_Paulo", utc(2018, 11, 1, 0), utc(2018, 11, 10, 0), always, utc(2018, 11, 5, 12), "3 Nov 00:00: up 86400; 4 Nov 01:00: up 82800; 5 Nov 00:00: up 86400; "},
		// P-242: a day of which nothing is known has no time at all.
		{"UTC", utc(2026, 3, 1, 0), utc(2026, 3, 4, 0), func(at time.Time) int {
			if at.Day() == 2 {
				return -1
			}
			return 3599
		}, utc(2026, 3, 4, 0), "1 Mar 00:00: up 86376 down 24; 2 Mar 00:00: ; 3 Mar 00:00: up 86376 down 24; 4 Mar 00:00: ; "},
	} {
		t.Run(c.zone, func(t *testing.T) {
			z := zone(t, c.zone)
			h := known(c.from, c.to, c.up)
			n := strings.Count(c.want, ";")
			expect(t, "days", days(h, z, n, c.now), c.want)
			days(h, time.UTC, 7, c.now.AddDate(0, 0, 1))
			expect(t, "days, asked again after others", days(h, z, n, c.now), c.want)
		})
	}
}

// A day that ends while the service is checked gets its own time, and so does the next.
func TestDayBoundary(t *testing.T) {
	bubble(t, func(w *world) {
		w.jump = 23*time.Hour + 50*time.Minute
		w.span(model.StateOK, 20*time.Minute)
		expect(t, "UTC", days(w.h, time.UTC, 2, w.now()), "1 Jan 00:00: up 600; 2 Jan 00:00: up 600; ")
		w.restart()
		w.span(model.StateFailing, 10*time.Minute)
		expect(t, "UTC", days(w.h, time.UTC, 2, w.now()), "1 Jan 00:00: up 600; 2 Jan 00:00: up 600 down 600; ")
		expect(t, "Tokyo", days(w.h, zone(t, "Asia/Tokyo"), 1, w.now()), "2 Jan 00:00: up 1200 down 600; ")
	})
}

func TestTogether(t *testing.T) {
	for _, c := range []struct {
		name string
		all  []model.Tally
		want string
	}{
		{"none", nil, ""},
		{"one", []model.Tally{{Up: 10, Down: 5}}, "up 10 down 5"},
		{"one of two", []model.Tally{{Up: 60}, {Up: 40, Down: 20}}, "up 40 partial 20"},
		{"both, one longer", []model.Tally{{Up: 50, Down: 10}, {Up: 40, Down: 20}}, "up 40 partial 10 down 10"},
		{"one degraded", []model.Tally{{Up: 50, Degraded: 10}, {Up: 60}}, "up 50 degraded 10"},
		{"degraded and down", []model.Tally{{Degraded: 60}, {Down: 60}}, "partial 60"},
		{"one not measured", []model.Tally{{}, {Up: 40, Down: 20}}, "up 40 partial 20"},
		{"one maintained", []model.Tally{{Maintenance: 60}, {Up: 60}}, "up 60 maintenance 60"},
	} {
		expect(t, c.name, words(Together(c.all...)), c.want)
	}
}

// However an account came about, cutting a time in two neither adds to it nor takes more than a second of each kind.
func TestPartsAreNoMoreThanTheWhole(t *testing.T) {
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	h := known(from, from.AddDate(0, 0, 9), func(at time.Time) int { return at.Hour()*137 + at.Day() })
	whole := h.Tally("web", from, from.AddDate(0, 0, 9))
	for cut := from; cut.Before(from.AddDate(0, 0, 9)); cut = cut.Add(1009 * time.Second) {
		a, b := h.Tally("web", from, cut), h.Tally("web", cut, from.AddDate(0, 0, 9))
		if up, down := whole.Up-a.Up-b.Up, whole.Down-a.Down-b.Down; up < 0 || up > 2 || down < 0 || down > 2 {
			t.Fatalf("cut at %v: %s and %s of %s", cut, words(a), words(b), words(whole))
		}
	}
}

// year returns a history of many services, each with an incident a week.
func year(services int, now time.Time) *History {
	h := New(newMemory(), model.DefaultRetention(), slog.New(slog.DiscardHandler))
	for i := range services {
		s := h.service(fmt.Sprint("service", i))
		for d := range 366 {
			up := 3600
			for hour := range 24 {
				if up = 3600; d%7 == i%7 && hour == i%24 {
					up = 3000
				}
				s.account.ledger.set(hourOf(now.AddDate(0, 0, d-366))+int64(hour), countsOf(model.Tally{Up: up, Down: 3600 - up}))
			}
		}
	}
	return h
}

func BenchmarkDaysOf1000Services(b *testing.B) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	h := year(1000, now)
	z := zone(b, "Europe/Berlin")
	for b.Loop() {
		for i := range 1000 {
			name := fmt.Sprint("service", i)
			h.Days(name, z, 90, now)
			h.Uptime(name, now.AddDate(-1, 0, 0), now)
		}
	}
}

// A thousand services with ten measurements each and a year of uptime fit into four MiB. (Memory that is in use, after a collection.)
func TestMemoryOf1000Services(t *testing.T) {
	specs := make([]*model.Service, 1000)
	for i := range specs {
		specs[i] = &model.Service{Name: fmt.Sprint("service", i), Kind: model.KindProcess}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	h := year(1000, now)
	var readings model.Readings
	for _, m := range []model.Metric{
		model.CPU, model.CPUTotal, model.Memory, model.MemoryPercent, model.MemTotal, model.Threads,
		model.Children, model.FDs, model.ReadBytes, model.WriteBytes,
	} {
		readings.Add(m, model.Num(1))
	}
	for _, spec := range specs {
		h.Checked(model.Checked{Service: spec, At: now, State: model.StateOK, Sample: &model.Sample{Readings: readings}})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	const limit = 4 << 20
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > limit {
		t.Errorf("%d kB are in use, want at most %d", used>>10, limit>>10)
	} else {
		t.Logf("%d kB are in use", used>>10)
	}
	runtime.KeepAlive(h)
}
