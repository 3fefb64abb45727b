package model

import "time"

// A Series is what is remembered of one measurement over time.
type Series struct {
	Service string
	Part    string `json:",omitempty"` // of a probe: its name, as "port 80 protocol http"; "": the service itself
	Metric  Metric
}

// A Rollup sums up the measurements of a series in one span.
type Rollup struct {
	At        time.Time `json:"at"` // where the span begins
	Count     int       `json:"count"`
	Low, High float64
	Sum       float64
}

// Mean is the average, 0 of nothing.
func (r Rollup) Mean() float64 {
	if r.Count == 0 {
		return 0
	}
	return r.Sum / float64(r.Count)
}

// Add takes other measurements of the same span in.
func (r *Rollup) Add(o Rollup) {
	if o.Count == 0 {
		return
	}
	if r.Count == 0 {
		o.At = r.At
		*r = o
		return
	}
	r.Count += o.Count
	r.Sum += o.Sum
	r.Low, r.High = min(r.Low, o.Low), max(r.High, o.High)
}

// A SeriesRollup says of which series a rollup is.
type SeriesRollup struct {
	Series
	Rollup
}

// A Span is how long a rollup sums up.
type Span time.Duration

// The spans that are kept, each longer than the one before.
const (
	Minute  = Span(time.Minute)
	Quarter = Span(15 * time.Minute)
	Day     = Span(24 * time.Hour)
)

// A Tally is how a service was in one hour, in whole seconds. What is missing of the hour was not measured.
type Tally struct {
	At          time.Time `json:"at"` // where the hour begins
	Up          int       `json:"up"`
	Degraded    int       `json:"degraded,omitempty"` // fails, but is only of severity degraded or info
	Partial     int       `json:"partial,omitempty"`  // some of several that are one component
	Down        int       `json:"down,omitempty"`
	Maintenance int       `json:"maintenance,omitempty"` // counts neither for nor against it
}

// A ServiceTally is how a service was in some hours of one day (UTC) that follow each other and were alike.
type ServiceTally struct {
	Service string
	Hours   int // 1 to 24; 0: nothing is known of the hour
	Tally       // of each of them; At is where the first one begins
}

// Add takes another hour in.
func (t *Tally) Add(o Tally) {
	t.Up += o.Up
	t.Degraded += o.Degraded
	t.Partial += o.Partial
	t.Down += o.Down
	t.Maintenance += o.Maintenance
}

// Measured is how many seconds count: those that were measured and not of a maintenance.
func (t Tally) Measured() int { return t.Up + t.Degraded + t.Partial + t.Down }

// Uptime is the share of the measured time in which the service did its work, degraded or not, and false if none was measured.
func (t Tally) Uptime() (float64, bool) {
	all := t.Measured()
	if all == 0 {
		return 0, false
	}
	return float64(all-t.Partial-t.Down) / float64(all), true
}

// Retention is how long history is kept. 0: for ever.
type Retention struct {
	Size int64 // bytes that measurements may take, about; 0: any. See [Retention.Within]

	Minutes  time.Duration // rollups of a minute
	Quarters time.Duration // of 15 minutes
	Days     time.Duration // of a day, and hours of uptime
	Events   time.Duration
}

// DefaultRetention keeps two days of minutes, a month of quarters, two years of days and 90 days of events; less of many series,
// so that they take no more than a gigabyte.
func DefaultRetention() Retention {
	const day = 24 * time.Hour
	return Retention{Size: 1 << 30, Minutes: 2 * day, Quarters: 30 * day, Days: 730 * day, Events: 90 * day}
}

// rollupSize is how many bytes one rollup takes on disk, about.
const rollupSize = 50

// Within is how long so many series are kept: if they would take more than Size, minutes and quarters go earlier, both by the same
// share, but no minute within its hour and no quarter within its day. What is kept for ever stays so.
func (r Retention) Within(series int) Retention {
	if r.Size <= 0 || r.Minutes <= 0 || r.Quarters <= 0 || series <= 0 {
		return r
	}
	room := float64(r.Size)/rollupSize/float64(series) - float64(r.Days)/float64(Day)
	share := room / (float64(r.Minutes)/float64(Minute) + float64(r.Quarters)/float64(Quarter))
	if share < 1 {
		r.Minutes = max(time.Hour, time.Duration(share*float64(r.Minutes)))
		r.Quarters = max(24*time.Hour, time.Duration(share*float64(r.Quarters)))
	}
	return r
}
