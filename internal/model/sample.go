package model

import "time"

// A Sample is one measurement of one service.
type Sample struct {
	At       time.Time
	Readings Readings // what the rules need, and what is at hand anyway
	Details  Details  // what is only shown; nil: nothing more
	Probes   []Result // one per distinct probe of the service, in the order of Service.Probes
	Bookmark Bookmark // what the next measurement of the same service needs to know

	Reason   string // why the subject is as it is, for people: "killed by signal 9; systemd is about to start it again"
	Evidence string // what a subject that is not well last said, at most 2 KiB
}

// Details are measurements that no rule asks for. They are taken less often than checks are made and may be a little
// older, and they take little room until somebody looks. They never change, so samples may share them.
type Details interface {
	// Readings lists them.
	Readings() Readings
}

// All lists the readings and the details. Of a metric that is in both, what the rules saw counts.
func (s *Sample) All() Readings {
	if s.Details == nil {
		return s.Readings
	}
	more := s.Details.Readings()
	all := make(Readings, len(s.Readings), len(s.Readings)+len(more))
	copy(all, s.Readings)
	for _, r := range more {
		if !s.Readings.Total(r.Metric, r.Over).Present() {
			all = append(all, r)
		}
	}
	return all
}

// Readings are measurements of the subject. A metric that could not be taken is absent.
type Readings []Reading

// A Reading is one measured value. Over is set for totals: the time they were summed over.
type Reading struct {
	Metric Metric
	Over   time.Duration
	Value  Value
}

// Get returns the value of a metric, absent if it was not measured.
func (r Readings) Get(m Metric) Value { return r.Total(m, 0) }

// Total is Get for metrics that are summed over a time.
func (r Readings) Total(m Metric, over time.Duration) Value {
	for i := range r {
		if r[i].Metric == m && r[i].Over == over {
			return r[i].Value
		}
	}
	return Value{}
}

// Add appends a measurement.
func (r *Readings) Add(m Metric, v Value) { *r = append(*r, Reading{Metric: m, Value: v}) }

// AddValidity appends what is left at a time of something that is valid from begin to end.
func (r *Readings) AddValidity(begin, end, now time.Time) {
	left, lifetime := end.Sub(now), end.Sub(begin)
	r.Add(Certificate, Num(left.Hours()/24))
	if lifetime > 0 {
		r.Add(CertificateLeft, Num(100*left.Hours()/lifetime.Hours()))
	}
}

// A Result is what a probe has to say. A failing check is not a Go error.
type Result struct {
	Skipped  bool   // not asked this time; says nothing
	OK       bool   // the answer was as wanted
	Summary  string // why not: "HTTP status 503, expected < 400"
	About    string // what the readings are of, where a probe looks for it: "certificate of example.org in /etc/ssl/a.pem"
	Evidence string // first bytes of the reply, printable and at most 2 KiB
	Readings Readings
}

// A Bookmark is what a service's measurements carry from one check to the next, over restarts of the daemon.
// Its zero value means that nothing was measured yet.
type Bookmark struct {
	Inode  uint64 `json:",omitempty"` // of the followed file
	Offset int64  `json:",omitempty"` // content read so far
	Seen   bool   `json:",omitempty"` // Inode and Offset are meant

	Run    string `json:",omitempty"` // of a unit: differs after each start
	Ends   int    `json:",omitempty"` // of a unit: Deaths so far
	Died   string `json:",omitempty"` // of a unit: when it died of late, in its reader's form
	BeatAt int64  `json:",omitempty"` // of a heartbeat: its last sign of life, or since when one is waited for; Unix time in ns
	Pulse  *Pulse `json:",omitempty"` // of a heartbeat: what else was heard; nil: nothing

	Traffic string `json:",omitempty"` // what an interface transferred in the last minutes and hours, in its reader's form
}

// Probes returns the distinct probes of the rules, in the order rules are evaluated.
// Sample.Probes has one result for each.
func (s *Service) Probes() []*Probe {
	var out []*Probe
next:
	for i := range s.Rules {
		p := s.Rules[i].Probe
		if p == nil {
			continue
		}
		for _, q := range out {
			if p == q {
				continue next
			}
		}
		out = append(out, p)
	}
	return out
}
