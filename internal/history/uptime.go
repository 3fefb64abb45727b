package history

import (
	"slices"
	"time"

	"orderly/internal/model"
)

// maxDays bounds how many days are asked for at once.
const maxDays = 400

// A Day is how a service was on one day of a calendar. What is missing of it was not measured.
type Day struct {
	Date time.Time // where it begins in its zone
	model.Tally
}

// Days returns the last n days of a zone, at most 400, the last of which is that of now. A day of which nothing is known has
// a zero tally.
//
// Hours are those of UTC. Where midnight is not where one of them ends, as in India, each of the two days gets its
// share of that hour.
func (h *History) Days(service string, zone *time.Location, n int, now time.Time) []Day {
	n = min(max(n, 0), maxDays)
	days := make([]Day, n)
	h.mu.Lock()
	defer h.mu.Unlock()
	dates := h.edges.of(zone, n, now)
	for i := range days {
		days[i].Date, days[i].At = dates[i], dates[i]
	}
	s := h.find(service)
	if s == nil {
		return days
	}
	at := s.account.ledger.at(dates[0].Unix() / 3600)
	for i := range days {
		var t model.Tally
		t, at = s.account.after(at, dates[i].Unix(), dates[i+1].Unix(), now.Unix())
		days[i].Add(t)
	}
	return days
}

// Tally is how a service was from one moment to another, within the last year.
func (h *History) Tally(service string, from, to time.Time) model.Tally {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := model.Tally{}
	if s := h.find(service); s != nil {
		t = s.account.between(from.Unix(), to.Unix(), time.Now().Unix())
	}
	t.At = from
	return t
}

// Uptime is the share of the measured time in which a service did its work, degraded or not; false if none was measured.
// Maintenance is left out.
func (h *History) Uptime(service string, from, to time.Time) (share float64, measured bool) {
	return h.Tally(service, from, to).Uptime()
}

// Together is how something was that several services make up, in the time of their tallies. Which seconds they failed in is
// not known any more; it is taken that they failed at the same time as far as they can have.
func Together(all ...model.Tally) (t model.Tally) {
	if len(all) < 2 {
		for _, o := range all {
			t = o
		}
		return t
	}
	t.At, t.Down = all[0].At, all[0].Down
	bad, measured := 0, 0
	for _, o := range all {
		t.Down = min(t.Down, o.Down)
		t.Degraded = max(t.Degraded, o.Degraded)
		t.Maintenance = max(t.Maintenance, o.Maintenance)
		bad, measured = max(bad, o.Down+o.Partial), max(measured, o.Measured())
	}
	t.Partial = bad - t.Down
	t.Degraded = min(t.Degraded, measured-bad)
	t.Up = measured - bad - t.Degraded
	return t
}

// edges are where days begin. All services of a page ask for the same ones.
type edges struct {
	zone  *time.Location
	n     int
	today time.Time
	dates []time.Time // n and the end of the last one
}

func (e *edges) of(zone *time.Location, n int, now time.Time) []time.Time {
	now = now.In(zone)
	today := midnight(now.Year(), now.Month(), now.Day(), zone)
	if e.zone == zone && e.n == n && e.today.Equal(today) {
		return e.dates
	}
	dates := make([]time.Time, n+1)
	for i := range dates {
		dates[i] = midnight(now.Year(), now.Month(), now.Day()+1-n+i, zone)
	}
	*e = edges{zone, n, today, dates}
	return slices.Clip(dates)
}

// midnight is where a day begins. Where clocks are put forward at midnight it begins at one.
func midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if want := time.Date(year, month, day, 12, 0, 0, 0, zone).Day(); t.Day() != want {
		t = t.Add(time.Hour).Truncate(time.Hour)
	}
	return t
}
