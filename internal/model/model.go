// Package model holds the plain values everyone shares: what is configured, what was measured, what happened.
//
// Every dialect compiles to a [Config]; everything else reads it. Values of the configuration side are
// immutable once [Config.Seal] has run and may be shared between goroutines. The package decides nothing and does no I/O.
// Start reading at [Service] and [Rule].
package model

import (
	"cmp"
	"time"
)

// A Config is one whole configuration, in file order.
type Config struct {
	Services []*Service
	Routes   []Route // who hears of events, unless a service names the same address itself
	Settings Settings
}

// Settings are the statements that concern orderly as a whole.
type Settings struct {
	Host       string        // name of this host in events and messages
	Interval   time.Duration // between two checks of a service; never zero after Seal
	StartDelay time.Duration // wait before the first check after a reboot of the host
	Mail       Mail
	Limits     Limits // defaults in force at the end of the file

	// Of a service that depends on others people are told only after Hold, when these have been looked at again: what
	// broke them is told once, and not of each that needs them. 0: at once. When what a service depends on is well again, the
	// service itself has Settle to become so before people are told that it is not.
	Hold         time.Duration `json:",omitempty"`
	Settle       time.Duration `json:",omitempty"`
	AckFor       time.Duration `json:",omitempty"` // after so long people are reminded again of what was acknowledged; 0: never
	Flapping     bool          `json:",omitempty"` // of what fails and recovers all the time people are told once
	Diagnosis    Diagnosis     `json:",omitempty"`
	Maintenance  []Maintenance `json:",omitempty"` // times that come again, in which nobody is told
	Connectivity *Connectivity `json:",omitempty"` // nil: others are to blame for whatever does not answer
	Log          Log
	Files        Files
	HTTPD        *HTTPD        `json:",omitempty"`
	Collectors   []Collector   `json:",omitempty"`
	Pings        *Pings        `json:",omitempty"`
	Outgoing     *HeartbeatOut `json:",omitempty"` // our own sign of life
	Statsd       string        `json:",omitempty"` // HOST:PORT that measurements are sent to after each cycle
	Inspeqtor    *Inspeqtor    `json:",omitempty"` // nil: no file of Inspeqtor's was read
	Page         *StatusPage   `json:",omitempty"` // nil: as DefaultStatusPage
	Accounts     []Account     `json:"-"`          // beside those that commands have made; their secrets are hashes
	Retention    *Retention    `json:",omitempty"` // nil: as DefaultRetention
	Foreground   bool          `json:"-"`          // called as Monit, the daemon does not go to the background either
	Batch        bool          `json:",omitempty"` // texts for terminals have neither colours nor boxes
	Source       string        `json:",omitempty"` // path of the file that was read first
}

// Diagnosis says whether it is found out how the host is when something fails, for private channels and the journal.
type Diagnosis string

// Of several files, one that says off decides. DiagnosisUnsaid is off as well.
const (
	DiagnosisUnsaid Diagnosis = ""
	DiagnosisOn     Diagnosis = "on"
	DiagnosisOff    Diagnosis = "off"
)

// DefaultHold and DefaultCalm are Settings.Hold and Settings.Settle of our own configurations.
const (
	DefaultHold = 10 * time.Second
	DefaultCalm = 30 * time.Second
)

// DefaultInterval is used where a configuration names none.
const DefaultInterval = 30 * time.Second

// Limits bound what a service's checks may take and keep. Sizes are bytes.
type Limits struct {
	ProgramOutput  int // output of a check program that is kept
	SendExpect     int // reply read by one generic expect
	FileContent    int // longest line that content rules see
	HTTPContent    int // body read for content and checksum tests
	NetworkTimeout time.Duration
	ProgramTimeout time.Duration
	StartTimeout   time.Duration
	StopTimeout    time.Duration
	RestartTimeout time.Duration
	ExecTimeout    time.Duration // 0: none
}

// DefaultLimits are Monit's documented defaults.
func DefaultLimits() Limits {
	return Limits{
		ProgramOutput: 512, SendExpect: 256, FileContent: 512, HTTPContent: 1 << 20,
		NetworkTimeout: 5 * time.Second, ProgramTimeout: 300 * time.Second,
		StartTimeout: 30 * time.Second, StopTimeout: 30 * time.Second, RestartTimeout: 30 * time.Second,
	}
}

// TLS says how to speak TLS to a server. A nil *TLS means plain text.
type TLS struct {
	Verify       bool     `json:",omitempty"` // check chain and host name
	SelfSigned   bool     `json:",omitempty"` // with Verify: a self-signed leaf is tolerated
	Versions     []string `json:",omitempty"` // "tlsv1.2", ...; none: 1.2 and 1.3
	Ciphers      string   `json:",omitempty"`
	ClientPEM    string   `json:",omitempty"` // path: certificate and key presented to the server
	CAFile       string   `json:",omitempty"`
	CAPath       string   `json:",omitempty"`
	Checksum     string   `json:",omitempty"` // hex digest of the leaf certificate (DER), no separators, lower case
	ChecksumType string   `json:",omitempty"` // md5, sha1 or sha256
}

// Mail says through which servers mail leaves and what it looks like.
type Mail struct {
	Servers []MailServer // tried in order
	Timeout time.Duration
	Hello   string // host name for EHLO and Message-ID; "" means the host's own
	Format  MailFormat
}

// A MailServer is one SMTP relay.
type MailServer struct {
	Host     string
	Port     int
	Username string `json:",omitempty"`
	Password string `json:",omitempty"` // secret
	TLS      *TLS   `json:",omitempty"` // on ports 25 and 587 by STARTTLS, else from the first byte
	StartTLS bool   `json:",omitempty"` // with TLS: by STARTTLS on any port
}

// Inspeqtor is what an Inspeqtor has beside its checks, for orderly in its place.
type Inspeqtor struct {
	Expose int           `json:",omitempty"` // port on loopback for pages and documents; 0: none
	Deploy time.Duration // how long a deploy may last in which nobody is told and nothing is done
}

// DefaultInspeqtor are Inspeqtor's documented defaults.
func DefaultInspeqtor() *Inspeqtor { return &Inspeqtor{Expose: 4677, Deploy: 5 * time.Minute} }

// A MailFormat overrides parts of the default message; empty fields do not.
// Subject and Message may hold $EVENT $SERVICE $DATE $HOST $ACTION $DESCRIPTION, From may hold $HOST.
type MailFormat struct {
	From    string `json:",omitempty"`
	ReplyTo string `json:",omitempty"`
	Subject string `json:",omitempty"`
	Message string `json:",omitempty"`
	Style   string `json:",omitempty"` // whose words are used where these fields have none: StyleInspeqtor; "": Monit's
}

// StyleInspeqtor words messages as Inspeqtor does.
const StyleInspeqtor = "inspeqtor"

// Over is the format with the parts of a wider one where it has none of its own. Where it has a style, that words what
// it does not.
func (f MailFormat) Over(wider MailFormat) MailFormat {
	out := f
	out.From, out.ReplyTo = cmp.Or(f.From, wider.From), cmp.Or(f.ReplyTo, wider.ReplyTo)
	if f.Style == "" {
		out.Style, out.Subject, out.Message = wider.Style, cmp.Or(f.Subject, wider.Subject), cmp.Or(f.Message, wider.Message)
	}
	return out
}
