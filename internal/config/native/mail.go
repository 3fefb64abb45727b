package native

import (
	"slices"
	"strings"
	"time"

	"orderly/internal/config/monit"
	"orderly/internal/model"
)

// mail is what a file says of how mail leaves.
type mail struct {
	servers []mailServer
	timeout time.Duration
	hello   string
	format  model.MailFormat
}

type mailServer struct {
	model.MailServer
	tls monit.TLS
}

var mailFields = slices.Concat([]field[mail]{
	{"servers", func(d *decoder, it item, m *mail) {
		for _, each := range d.list(it) {
			m.servers = append(m.servers, d.mailServer(each))
		}
	}},
	{"timeout", func(d *decoder, it item, m *mail) { m.timeout = d.duration(it, time.Millisecond) }},
	{"hello", func(d *decoder, it item, m *mail) { m.hello = d.text(it) }},
}, formatFields(func(m *mail) *model.MailFormat { return &m.format }))

var serverFields = []field[mailServer]{
	{"host", func(d *decoder, it item, s *mailServer) { s.Host = d.text(it) }},
	{"port", func(d *decoder, it item, s *mailServer) { s.Port = d.number(it, 1, maxPort) }},
	{"username", func(d *decoder, it item, s *mailServer) { s.Username = d.text(it) }},
	{"password", func(d *decoder, it item, s *mailServer) {
		w, _ := d.secret(it)
		s.Password = w.Text
	}},
	{"tls", func(d *decoder, it item, s *mailServer) { s.tls = d.tls(it) }},
	{"starttls", func(d *decoder, it item, s *mailServer) { s.StartTLS = d.boolean(it) }},
}

// smtpPort is where mail servers listen.
const smtpPort, maxPort = 25, 65535

// mailServer reads a server, or the name of one alone.
func (d *decoder) mailServer(it item) mailServer {
	s := mailServer{MailServer: model.MailServer{Port: smtpPort}}
	if !isMapping(it) {
		s.Host = d.text(it)
		return s
	}
	readMap(d, it, "a mail server", serverFields, &s)
	if s.Host == "" {
		d.errorf(d.span(follow(it.value)), "missing", "a mail server needs a host")
	}
	return s
}

// settings is what the file says of mail, with defaults.
func (m *mail) settings(limits model.Limits, x *monit.Entries) model.Mail {
	out := model.Mail{Timeout: m.timeout, Hello: m.hello, Format: m.format}
	if out.Timeout == 0 && len(m.servers) > 0 {
		out.Timeout = limits.NetworkTimeout
	}
	for _, s := range m.servers {
		if s.tls != nil {
			s.TLS = x.TLS(s.tls)
		}
		out.Servers = append(out.Servers, s.MailServer)
	}
	return out
}

// formatFields are the keys that change how messages look.
func formatFields[T any](of func(*T) *model.MailFormat) []field[T] {
	part := func(key string, part func(*model.MailFormat) *string) field[T] {
		return field[T]{key, func(d *decoder, it item, to *T) { *part(of(to)) = d.text(it) }}
	}
	return []field[T]{
		part("from", func(f *model.MailFormat) *string { return &f.From }),
		part("reply to", func(f *model.MailFormat) *string { return &f.ReplyTo }),
		part("subject", func(f *model.MailFormat) *string { return &f.Subject }),
		part("message", func(f *model.MailFormat) *string { return &f.Message }),
		{"style", func(d *decoder, it item, to *T) { of(to).Style = d.choice(it, model.StyleInspeqtor) }},
	}
}

var routeFields = slices.Concat(channelFields, []field[model.Route]{
	{"on", func(d *decoder, it item, r *model.Route) { r.Topics = d.topics(it) }},
	{"not", func(d *decoder, it item, r *model.Route) { r.Topics = model.AllTopics &^ d.topics(it) }},
	{"kinds", func(d *decoder, it item, r *model.Route) { r.Kinds = d.kinds(it) }},
	{"severity", func(d *decoder, it item, r *model.Route) { r.Least = d.severity(it) }},
	{"groups", func(d *decoder, it item, r *model.Route) { r.Groups = texts(d.words(it)) }},
	{"hours", func(d *decoder, it item, r *model.Route) { r.Hours = d.hours(it) }},
	{"after", func(d *decoder, it item, r *model.Route) { r.After = d.duration(it, time.Second) }},
	{"reminder", func(d *decoder, it item, r *model.Route) { r.Reminder = d.reminder(it) }},
	{"calls", func(d *decoder, it item, r *model.Route) { r.Calls = d.text(it) }},
	{"mute", func(d *decoder, it item, r *model.Route) { r.Mute = d.boolean(it) }},
})

// maxCycles bounds numbers of cycles where no window does.
const maxCycles = 1<<31 - 1

// routes reads recipients. An address alone hears of everything.
func (d *decoder) routes(it item) []model.Route {
	var out []model.Route
	for _, each := range d.list(it) {
		at := d.span(follow(each.value))
		r := model.Route{Channel: mailChannel, Topics: model.AllTopics, Pos: at.Pos()}
		if !isMapping(each) {
			d.destination(each, &r)
			out = append(out, r)
			continue
		}
		items := readMap(d, each, "an alert", routeFields, &r)
		d.recipient(at, items, &r)
		if has(items, "on") && has(items, "not") {
			d.errorf(at, "exclusive", `an alert has either "on" or "not"`)
		}
		out = append(out, r)
	}
	return out
}

// address reads a mail address.
func (d *decoder) address(it item) string {
	w, ok := d.word(it)
	if user, host, _ := strings.Cut(w.Text, "@"); ok && (user == "" || host == "" || strings.ContainsAny(w.Text, " \t\r\n")) {
		d.errorf(w.Span, "address", "%q is no mail address", cut(w.Text))
	}
	return w.Text
}

// kinds reads kinds of events.
func (d *decoder) kinds(it item) (out []model.EventKind) {
	for _, each := range d.list(it) {
		out = append(out, model.EventKind(d.choice(each, kindNames...)))
	}
	return out
}

// kindNames are the kinds of events that people can be told of.
var kindNames = func() (names []string) {
	for _, k := range []model.EventKind{
		model.EventFailed, model.EventStillFailing, model.EventRecovered, model.EventChanged, model.EventFlapping, model.EventSteady,
		model.EventAction, model.EventActionFailed, model.EventMonitored, model.EventUnmonitored, model.EventStarted, model.EventStopped,
		model.EventReloaded, model.EventInternal,
	} {
		names = append(names, string(k))
	}
	return names
}()

// topics reads names of events.
func (d *decoder) topics(it item) model.Topics {
	var all model.Topics
	for _, each := range d.list(it) {
		all |= model.Topic(d.choice(each, model.AllTopics.Names()...)).Bit()
	}
	return all
}
