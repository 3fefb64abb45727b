package client

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// The routes of the local API. Reads are GET, the others POST; a silence ends by DELETE of its ID below PathSilences, an
// account by DELETE with its name, and PUT gives it another password.
const (
	PathStatus   = "/v1/status"
	PathEvents   = "/v1/events"
	PathVersion  = "/v1/version"
	PathDo       = "/v1/do"
	PathReload   = "/v1/reload"
	PathMonit    = "/v1/monit"
	PathSilences = "/v1/silences"
	PathAccounts = "/v1/accounts"

	PathAcknowledge = "/v1/acknowledge"
	PathBeat        = "/v1/beat"
	PathReached     = "/v1/reached"
	PathHealth      = "/healthz"
	PathPing        = "/ping/" // at the read-only door: what follows is a key
)

// GenerationHeader carries the number of the live configuration in replies that depend on it.
const GenerationHeader = "Orderly-Generation"

// About is who answers at the socket.
type About struct {
	Version    string `json:"version"`
	Host       string `json:"host"`
	Generation uint64 `json:"generation"`
}

// SilencesReply lists the silences in force.
type SilencesReply struct {
	Silences []model.Silence `json:"silences"`
}

// BeatRequest is what a heartbeat says of itself. Without a kind it is a success.
type BeatRequest struct {
	Name string `json:"name"`
	model.Signal
}

// ReachedRequest tells of destinations of alerts that took a test message.
type ReachedRequest struct {
	Destinations []model.Destination `json:"destinations"` // of which only channel and address count
}

// A StatusQuery selects what Status tells.
type StatusQuery struct {
	Names []string // services, compared without regard to letter case; none means all
	Now   bool     // check them first
}

// Values is the query as it travels.
func (q StatusQuery) Values() url.Values {
	v := url.Values{}
	for _, name := range q.Names {
		v.Add("name", name)
	}
	setBool(v, "now", q.Now)
	return v
}

// ParseStatusQuery reads what Values wrote.
func ParseStatusQuery(v url.Values) (StatusQuery, error) {
	now, err := parseBool(v, "now")
	return StatusQuery{Names: v["name"], Now: now}, err
}

// An EventQuery selects events of the journal, oldest first.
type EventQuery struct {
	Service string    // "" means all
	Since   time.Time // zero means from the oldest one
	Follow  bool      // go on with those to come, until the caller has enough
}

// Values is the query as it travels.
func (q EventQuery) Values() url.Values {
	v := url.Values{}
	if q.Service != "" {
		v.Set("service", q.Service)
	}
	if !q.Since.IsZero() {
		v.Set("since", q.Since.UTC().Format(time.RFC3339Nano))
	}
	setBool(v, "follow", q.Follow)
	return v
}

// ParseEventQuery reads what Values wrote; "since" may also be how long ago: "90m".
func ParseEventQuery(v url.Values, now time.Time) (EventQuery, error) {
	q := EventQuery{Service: v.Get("service")}
	var err error
	if q.Follow, err = parseBool(v, "follow"); err != nil {
		return q, err
	}
	q.Since, err = ParseSince(v.Get("since"), now)
	return q, err
}

// ParseSince understands how long ago ("90m", "1h30m", "7d") and a time by RFC 3339; "" is the zero time.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	d, err := time.ParseDuration(text)
	if days, found := strings.CutSuffix(text, "d"); found {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d < 0 {
		return time.Time{}, fmt.Errorf("cannot read %q as a time: write how long ago (90m, 12h, 7d) or 2006-01-02T15:04:05Z", text)
	}
	return now.Add(-d), nil
}

// A MonitQuery asks for one of Monit's texts.
type MonitQuery struct {
	What     string   // "status", "summary" or "report"
	Services []string // as Monit's users write them: extended regular expressions; none means all
	Group    string   // only its members; "": all
	Type     string   // of a report: only this number
}

// Values is the query as it travels.
func (q MonitQuery) Values() url.Values {
	v := url.Values{"what": {q.What}}
	for _, name := range q.Services {
		v.Add("service", name)
	}
	if q.Group != "" {
		v.Set("group", q.Group)
	}
	if q.Type != "" {
		v.Set("type", q.Type)
	}
	return v
}

// ParseMonitQuery reads what Values wrote.
func ParseMonitQuery(v url.Values) MonitQuery {
	return MonitQuery{What: v.Get("what"), Services: v["service"], Group: v.Get("group"), Type: v.Get("type")}
}

// A MonitReply is one of Monit's texts.
type MonitReply struct {
	Text string `json:"text"`
}

// A DoReply is what became of a command. Outcomes is empty when nobody waited for them.
type DoReply struct {
	Outcomes []model.Outcome `json:"outcomes"`
}

// A ReloadReply tells what a reload did. Without errors, Applied is what changed. Otherwise Refused holds
// the findings, and of Applied only the generation counts: the one that goes on.
type ReloadReply struct {
	model.Applied
	Refused  *diag.Report `json:"refused,omitempty"`
	Findings string       `json:"findings,omitempty"` // Refused for people, with the lines of the files
}

// Refuse makes the reply of a reload whose configuration has errors, while generation goes on.
func Refuse(generation uint64, findings diag.List) ReloadReply {
	var text bytes.Buffer
	_ = diag.Print(&text, findings) // a buffer takes everything
	report := findings.Report()
	return ReloadReply{Applied: model.Applied{Generation: generation}, Refused: &report, Findings: text.String()}
}

// Failure is the body of every reply that is no success, and the last line of a stream of events that broke off.
type Failure struct {
	Error string `json:"error"`
}

func setBool(v url.Values, name string, on bool) {
	if on {
		v.Set(name, "1")
	}
}

func parseBool(v url.Values, name string) (bool, error) {
	switch text := v.Get(name); text {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	default:
		return false, fmt.Errorf("cannot read %s=%q: write 1 or 0", name, text)
	}
}
