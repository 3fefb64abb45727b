package discover

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"orderly/internal/host"
	"orderly/internal/model"
)

// A question is one connection test: where, and in which language.
type question struct {
	host string // "": localhost
	port int
	udp  bool
	path string // of a unix socket, instead of the others
	speech
}

// A speech is what is said to a server.
type speech struct {
	protocol string // "": connecting is enough
	request  string // of http: the page
}

// String is the question in the words of a rule: `port 80 protocol http`.
func (q question) String() string {
	var words []string
	if q.path != "" {
		words = append(words, "unixsocket", q.path)
	} else {
		if q.host != "" {
			words = append(words, fmt.Sprintf("host %q", q.host))
		}
		words = append(words, fmt.Sprint("port ", q.port))
	}
	if q.udp {
		words = append(words, "type udp")
	}
	if q.protocol != "" {
		words = append(words, "protocol", q.protocol)
	}
	if q.request != "" {
		words = append(words, fmt.Sprintf("request %q", q.request))
	}
	return strings.Join(words, " ")
}

// forms are the question, and what remains of it when the server has no answer: whether it accepts connections. Of
// datagrams nothing remains.
func (q question) forms() []question {
	if q.protocol == "" {
		return []question{q}
	}
	if q.udp {
		return []question{q}
	}
	plain := q
	plain.speech = speech{}
	return []question{q, plain}
}

// overTLS are the protocols that are another one over TLS.
var overTLS = map[string]string{"https": "http", "imaps": "imap", "pops": "pop", "smtps": "smtp"}

// probe is the question as a rule asks it.
func (q question) probe(patience time.Duration) *model.Probe {
	p := &model.Probe{
		Kind: model.ProbePort, Host: cmp.Or(q.host, "localhost"), Port: q.port, UDP: q.udp, Protocol: q.protocol, Timeout: patience,
	}
	if q.path != "" {
		p.Kind, p.Host, p.Path = model.ProbeSocket, "", q.path
	}
	if plain, ok := overTLS[q.protocol]; ok {
		p.Protocol, p.TLS = plain, &model.TLS{}
	}
	if q.request != "" {
		p.Params = model.Params{{Name: "request", Value: q.request}}
	}
	return p
}

// changing is the first of the ports that the system gives to programs which do not care; such a port is another one
// after each start.
const changing = 32768

// reach is how a rule writes the address of a listener, best first: everything that localhost leads to is "".
func reach(a netip.Addr) (name string, ok bool) {
	switch {
	case a.IsUnspecified(), a == netip.AddrFrom4([4]byte{127, 0, 0, 1}):
		return "", true
	case a.Is6() && a.IsLinkLocalUnicast(), a.IsMulticast():
		return "", false // of many interfaces, or of none
	}
	return a.String(), true
}

// sayable are paths that need no quotes in a sentence, nor the sentence in YAML.
var sayable = regexp.MustCompile(`^/[A-Za-z0-9/._@+-]+$`)

// where is a listener as the place of a question; false if there is no way to ask there.
func where(l host.Listener) (q question, ok bool) {
	if l.Network == "unix" {
		return question{path: l.Path}, sayable.MatchString(l.Path)
	}
	q = question{port: int(l.Address.Port()), udp: l.Network == "udp"}
	q.host, ok = reach(l.Address.Addr())
	return q, ok
}
