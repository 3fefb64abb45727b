package model

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"orderly/internal/diag"
)

// A Rule compares one measurement with what is wanted. The condition describes trouble: it holds while something is wrong.
type Rule struct {
	ID       string // stable over reloads while the condition is the same; set by Seal, unique in its service
	Text     string // the condition in the user's words: "failed port 80 protocol http"
	Topic    Topic
	Probe    *Probe        `json:",omitempty"` // nil: measure the subject; rules may share one probe
	Metric   Metric        // of the subject or of the probe; OK with a probe: its result as a whole
	Over     time.Duration `json:",omitempty"` // for totals: the time they are summed over
	Op       Op
	Operand  Value
	Steps    []float64 `json:",omitempty"` // more operands, each of them further in trouble than the one before: see [Rule.Step]
	Mild     []int     `json:",omitempty"` // values that are trouble as well, and no graver than Degraded
	Policy   Policy
	Then     []Action
	Else     []Action // on recovery
	Routes   []Route  `json:",omitempty"` // who hears of this rule, in place of all other routes; none: they do
	Implicit bool     `json:",omitempty"` // not written by the user, implied by the kind
	Pos      diag.Pos `json:"-"`
}

// Op is how a measurement is compared with the operand of a rule.
type Op string

// Comparisons with an operand, then comparisons with an earlier measurement.
const (
	Equal        Op = "="
	NotEqual     Op = "!="
	Less         Op = "<"
	LessEqual    Op = "<="
	Greater      Op = ">"
	GreaterEqual Op = ">="
	Matches      Op = "=~" // the operand is an extended regular expression, as it was written
	NotMatches   Op = "!=~"

	Changed    Op = "changed"   // differs from the measurement before; each change is an event of its own
	NotChanged Op = "unchanged" // equals the measurement before
	Drifted    Op = "drifted"   // differs from the first measurement under this configuration
)

// Holds tells whether a comparison of numbers holds. The other comparisons never do.
func (op Op) Holds(have, operand float64) bool {
	switch op {
	case Equal:
		return have == operand
	case NotEqual:
		return have != operand
	case Less:
		return have < operand
	case LessEqual:
		return have <= operand
	case Greater:
		return have > operand
	case GreaterEqual:
		return have >= operand
	}
	return false
}

// Policy turns outcomes over time into a state.
type Policy struct {
	Fail Rate `json:",omitzero"` // when a rule fails
	Pass Rate `json:",omitzero"` // when it recovers
}

// A Rate is "Count times within Window cycles". The zero Rate means once.
type Rate struct {
	Count, Window int // 1 <= Count <= Window <= 64; of failures in a row, which is Count == Window, there may be more
}

// ActionKind is what an action does.
type ActionKind string

// Every action but Ignore also tells those whom the routes name.
const (
	ActAlert     ActionKind = "alert"
	ActStart     ActionKind = "start"
	ActStop      ActionKind = "stop"
	ActRestart   ActionKind = "restart"
	ActReload    ActionKind = "reload" // the service reads its configuration again, or does whatever else it does then
	ActUnmonitor ActionKind = "unmonitor"
	ActExec      ActionKind = "exec"
	ActIgnore    ActionKind = "ignore"
)

// An Action is what a rule does when its state changes.
type Action struct {
	Kind   ActionKind
	Exec   *Program `json:",omitempty"`
	Repeat int      `json:",omitempty"` // exec: again every so many failing cycles; 0: once
	Early  int      `json:",omitempty"` // exec: with so many of the first bad measurements that do not count yet, and not when the rule fails
	Once   bool     `json:",omitempty"` // start, stop, restart and reload: not again while the rule goes on failing
	On     string   `json:",omitempty"` // start, stop, restart and reload: the service that it is done to; "": the rule's own
}

// Step is how many of the steps a measurement has passed. With each of them the failure begins anew for those who are told, and
// before the last it is no graver than Degraded.
func (r *Rule) Step(v Value) (passed int) {
	for passed < len(r.Steps) && v.Present() && !v.IsText() && r.Op.Holds(v.Number(), r.Steps[passed]) {
		passed++
	}
	return passed
}

// Limit is what a measurement is compared with: the last step that it has passed, or the operand.
func (r *Rule) Limit(v Value) Value {
	if n := r.Step(v); n > 0 {
		return Num(r.Steps[n-1])
	}
	return r.Operand
}

// IsMild tells whether a measurement is trouble that is no graver than Degraded.
func (r *Rule) IsMild(v Value) bool {
	if r.Step(v) < len(r.Steps) {
		return true
	}
	return slices.ContainsFunc(r.Mild, func(mild int) bool { return v.Present() && !v.IsText() && v.Number() == float64(mild) })
}

// A Match selects lines of text.
type Match struct {
	Patterns []string // extended regular expressions, as they were written; any of them matches
	Not      bool     `json:",omitempty"` // lines that match none
}

// A Probe asks something outside the daemon for an answer.
type Probe struct {
	Kind ProbeKind

	Host     string `json:",omitempty"`
	Port     int    `json:",omitempty"`
	Path     string `json:",omitempty"` // unix socket
	Family   int    `json:",omitempty"` // 4, 6 or 0 for any
	UDP      bool   `json:",omitempty"`
	Source   string `json:",omitempty"` // local address
	TLS      *TLS   `json:",omitempty"`
	Protocol string `json:",omitempty"` // a name of the probe catalogue; "" only connects
	Params   Params `json:",omitempty"` // of the protocol
	Dialog   []Turn `json:",omitempty"` // generic send and expect

	Timeout time.Duration // per network step
	Retry   int           `json:",omitempty"` // attempts in one check; 0 and 1: one

	Count int `json:",omitempty"` // ping: attempts
	Size  int `json:",omitempty"` // ping: data bytes

	Match   *Match `json:",omitempty"` // content of a file or of a program's output
	MaxSize int    `json:",omitempty"` // bytes of a reply that are looked at
}

// ProbeKind is how a probe reaches what it asks.
type ProbeKind string

// Port and Socket connect, Ping needs no connection, Content looks at text the subject wrote, Certificate for certificates in the
// file, or in the files of the directory, that the subject is. Domain asks the registry of a domain, by RDAP.
const (
	ProbePort        ProbeKind = "port"
	ProbeSocket      ProbeKind = "socket"
	ProbePing        ProbeKind = "ping"
	ProbeContent     ProbeKind = "content"
	ProbeCertificate ProbeKind = "certificate"
	ProbeDomain      ProbeKind = "domain"
)

// OfSubject tells whether whoever measures the subject answers the probe as well.
func (k ProbeKind) OfSubject() bool { return k == ProbeContent || k == ProbeCertificate }

// Params are the options of a protocol in file order; a name may occur more than once.
type Params []Param

// A Param is one option: `status != 404` is {"status", "!=", "404"}. Op is "" where none was written.
type Param struct {
	Name  string
	Op    Op `json:",omitempty"`
	Value string
}

// Secret tells whether nobody may see the value: passwords, headers that log in, and the URL of a chat's hook, which is
// a password as a whole.
func (p Param) Secret() bool {
	if p.Name != "header" {
		return slices.Contains([]string{"password", "secret", "token", "url"}, p.Name)
	}
	name, _, _ := strings.Cut(strings.ToLower(p.Value), ":")
	return slices.ContainsFunc([]string{"auth", "cookie", "token", "key", "secret"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}

// Get returns the last value of a parameter, or "".
func (p Params) Get(name string) string {
	param, _ := p.Find(name)
	return param.Value
}

// Find returns the last parameter of a name.
func (p Params) Find(name string) (Param, bool) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].Name == name {
			return p[i], true
		}
	}
	return Param{}, false
}

// Label names the chat that parameters lead to, without what is secret of them: by the host of its URL, else by its team
// and room. It is empty where they say neither.
func (p Params) Label() string {
	if u, err := url.Parse(p.Get("url")); err == nil && u.Host != "" {
		return u.Host
	}
	return strings.TrimSpace(p.Get("team") + " " + p.Get("room"))
}

// A Turn is one step of a generic dialogue: exactly one field is set.
type Turn struct {
	Send   string `json:",omitempty"` // bytes as written; `\0xHH` is decoded when they are sent
	Expect string `json:",omitempty"` // extended regular expression over the reply, as it was written
}
