package model

import "time"

// A Heartbeat is when signs of life of a service are expected. Either Period or Cron says how often; neither: whenever.
type Heartbeat struct {
	Period time.Duration `json:",omitempty"` // between two signs
	Cron   string        `json:",omitempty"` // five fields: when a sign is due
	Zone   string        `json:",omitempty"` // of Cron, by its name in the IANA database; "": that of this host
	Grace  time.Duration `json:",omitempty"` // how late a sign may be
	MaxRun time.Duration `json:",omitempty"` // how long a run may take that said when it began; 0: it is not looked at
	Key    string        `json:",omitempty"` // secret: who knows it may give signs over HTTP; "": nobody
}

// A Signal is what a job says of itself.
type Signal struct {
	Kind   SignalKind `json:"kind,omitempty"`
	Status int        `json:"status,omitempty"` // of SignalEnd: its exit status, 0 to 255; 0 is success
	Run    string     `json:"run,omitempty"`    // tells runs apart that overlap; "": they do not
	Body   string     `json:"body,omitempty"`   // what it has to say, printable, at most MaxBody bytes
	By     string     `json:"by,omitempty"`     // the program that told us, in its own words
}

// SignalKind is what sort of thing a job says.
type SignalKind string

// The kinds of Signal.
const (
	SignalStart SignalKind = "start"
	SignalEnd   SignalKind = "end"
	SignalFail  SignalKind = "fail" // it ended, and did not work
	SignalLog   SignalKind = "log"  // a note, which is no sign of life
)

// MaxBody is how much is kept of what a job has to say, in bytes.
const MaxBody = 10_000

// A Pulse is what is known of a heartbeat besides its last sign of life. It never changes: each signal makes a new one.
type Pulse struct {
	Status int           `json:"s,omitempty"`    // of the last run that ended: its exit status, or StatusFailed
	Runs   []Run         `json:"runs,omitempty"` // that began and did not end yet, oldest first
	Took   time.Duration `json:"t,omitempty"`    // by the last run that said when it began and ended
	Body   string        `json:"b,omitempty"`    // what it had to say when it failed
}

// StatusFailed stands for the exit status of a run that only said that it failed.
const StatusFailed = -1

// A Run is one run of a job that is under way.
type Run struct {
	ID    string `json:"id,omitempty"`
	Since int64  `json:"at"` // Unix time in ns
}

// HeartbeatOut is a URL that is asked for at regular times while orderly makes progress, so that somebody else notices
// when it does not.
type HeartbeatOut struct {
	URL          string // secret
	Every        time.Duration
	Healthchecks bool `json:",omitempty"` // URL/fail is asked for when orderly makes no progress
}

// Pings is where jobs give signs of life over HTTP.
type Pings struct {
	Listen string     `json:",omitempty"` // HOST:PORT; "": the read-only web interface, for programs on this host
	TLS    *ServerTLS `json:",omitempty"` // of Listen
	Key    string     `json:",omitempty"` // secret: who knows it may give signs of every heartbeat, by its name
}
