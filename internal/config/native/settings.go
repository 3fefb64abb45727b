package native

import (
	"net"
	"slices"
	"strconv"
	"time"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A file is what an orderly.yaml says.
type file struct {
	host        string
	interval    time.Duration
	startDelay  time.Duration
	limits      model.Limits
	tls         monit.TLS
	mail        mail
	routes      []model.Route
	general     []monit.Stmt // as control files have them
	log         model.Log    // but its file
	hold        time.Duration
	flapping    bool
	settling    time.Duration
	settles     bool // that was said
	ackFor      time.Duration
	diagnosis   model.Diagnosis
	maintenance []model.Maintenance
	pings       pings
	outgoing    *model.HeartbeatOut
	statsd      string
	inspeqtor   *model.Inspeqtor
	page        *model.StatusPage
	accounts    []model.Account
	retention   *model.Retention
	network     *model.Connectivity
	services    item // read when the limits are known
	statements  []diag.Span
}

// Bounds of the time between two checks.
const (
	minInterval = time.Second
	maxInterval = 366 * day
	maxHold     = time.Hour
	maxAcked    = 30 * day
)

var fileFields = []field[file]{
	{"host", func(d *decoder, it item, f *file) { f.host = d.text(it) }},
	{"every", func(d *decoder, it item, f *file) { f.interval = d.interval(it) }},
	{"start delay", func(d *decoder, it item, f *file) { f.startDelay = d.duration(it, 0) }},
	{"limits", func(d *decoder, it item, f *file) { readMap(d, it, "limits", limitFields, &f.limits) }},
	{"tls", func(d *decoder, it item, f *file) {
		r := &tlsReader{}
		readMap(d, it, "tls", tlsFields, r)
		f.tls = r.options
	}},
	{"mail", func(d *decoder, it item, f *file) { readMap(d, it, "mail", mailFields, &f.mail) }},
	{"notify", func(*decoder, item, *file) {}}, // was read first
	{"alert", func(d *decoder, it item, f *file) { f.routes = d.routes(it) }},
	{"httpd", func(d *decoder, it item, f *file) { f.general = append(f.general, d.httpd(it)) }},
	{"collectors", func(d *decoder, it item, f *file) { f.general = append(f.general, d.collectors(it)) }},
	{"log", func(d *decoder, it item, f *file) {
		if isMapping(it) {
			readMap(d, it, "log", logFields, f)
		} else {
			f.logTo(d, it)
		}
	}},
	{"pidfile", filePath("pidfile")},
	{"idfile", filePath("idfile")},
	{"monit state", filePath("statefile")},
	{"plain output", func(d *decoder, it item, f *file) {
		if d.boolean(it) {
			f.general = append(f.general, &monit.SetFlag{Node: d.node(it), Name: "terminal"})
		}
	}},
	{"hold", func(d *decoder, it item, f *file) { f.hold = d.atMost(it, 0, maxHold) }},
	{"settle", func(d *decoder, it item, f *file) { f.settling, f.settles = d.atMost(it, 0, maxHold), true }},
	{"acknowledged for", func(d *decoder, it item, f *file) { f.ackFor = d.atMost(it, time.Minute, maxAcked) }},
	{"maintenance", func(d *decoder, it item, f *file) { d.maintenances(it, f) }},
	{"flapping", func(d *decoder, it item, f *file) { f.flapping = d.boolean(it) }},
	{"diagnosis", func(d *decoder, it item, f *file) { f.diagnosis = model.Diagnosis(d.choice(it, "on", "off")) }},
	{"pings", func(d *decoder, it item, f *file) { d.pings(it, &f.pings) }},
	{"heartbeat", func(d *decoder, it item, f *file) { f.outgoing = d.ownBeat(it) }},
	{connectivityKey, func(d *decoder, it item, f *file) { f.network = d.connectivity(it) }},
	{"statsd", func(d *decoder, it item, f *file) { f.statsd = d.hostPort(it) }},
	{"inspeqtor", func(d *decoder, it item, f *file) {
		f.inspeqtor = model.DefaultInspeqtor()
		readMap(d, it, "inspeqtor", inspeqtorFields, f.inspeqtor)
	}},
	{"page", func(d *decoder, it item, f *file) { f.page = d.statusPage(it) }},
	{"accounts", func(d *decoder, it item, f *file) { f.accounts = d.accounts(it) }},
	{"history", func(d *decoder, it item, f *file) { f.retention = d.retention(it) }},
	{"services", func(_ *decoder, it item, f *file) { f.services = it }},
}

var logFields = []field[file]{
	{"file", func(d *decoder, it item, f *file) { f.logTo(d, it) }},
	{"syslog", func(d *decoder, it item, f *file) { f.log.Facility = d.choice(it, facilities...) }},
	{"level", func(d *decoder, it item, f *file) { f.log.Level = d.choice(it, "warn", "info", "debug") }},
}

var inspeqtorFields = []field[model.Inspeqtor]{
	{"port", func(d *decoder, it item, to *model.Inspeqtor) { to.Expose = d.number(it, 0, maxPort) }},
	{"deploy", func(d *decoder, it item, to *model.Inspeqtor) { to.Deploy = d.duration(it, time.Second) }},
}

// hostPort reads the address of a server.
func (d *decoder) hostPort(it item) string {
	w, ok := d.word(it)
	if !ok {
		return ""
	}
	host, port, err := net.SplitHostPort(w.Text)
	if n, failed := strconv.Atoi(port); err != nil || failed != nil || n < 1 || n > maxPort || host == "" {
		d.errorf(w.Span, "address", "%q is no address of a server", cut(w.Text)).Hinted("write HOST:PORT, as in localhost:8125")
	}
	return w.Text
}

var facilities = []string{"user", "daemon", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

func (f *file) logTo(d *decoder, it item) {
	f.general = append(f.general, &monit.SetLog{Node: d.node(it), Path: d.path(it)})
}

// filePath reads where a file is that a statement of control files names.
func filePath(statement string) func(*decoder, item, *file) {
	return func(d *decoder, it item, f *file) {
		f.general = append(f.general, &monit.SetPath{Node: d.node(it), Name: statement, Path: d.path(it)})
	}
}

func (d *decoder) interval(it item) time.Duration {
	v := d.duration(it, minInterval)
	if v > maxInterval {
		d.errorf(d.span(follow(it.value)), "duration", "%s must be at most %s", d.subject(it), formatDuration(maxInterval))
	}
	return v
}

// settle writes what the file says of orderly as a whole.
func (f *file) settle(s *model.Settings, x *monit.Entries) {
	if f.host != "" {
		s.Host = f.host
	}
	s.Interval, s.StartDelay, s.Limits = f.interval, f.startDelay, f.limits
	if s.Interval == 0 && s.StartDelay > 0 {
		s.Interval = model.DefaultInterval
	}
	s.Mail = f.mail.settings(f.limits, x)
	s.Log.Facility, s.Log.Level = f.log.Facility, f.log.Level
	s.Statsd, s.Inspeqtor = f.statsd, f.inspeqtor
	s.Pings, s.Outgoing = f.pings.settings(x), f.outgoing
	s.Hold, s.Flapping, s.Maintenance, s.AckFor = f.hold, f.flapping, f.maintenance, f.ackFor
	if s.Settle = f.settling; !f.settles {
		s.Settle = usualCalm(s.Hold)
	}
	s.Diagnosis = f.diagnosis
	s.Connectivity = f.network
	s.Page, s.Accounts, s.Retention = f.page, f.accounts, f.retention
}

// usualCalm is what Settings.Settle is where only Settings.Hold is given: nothing where people are told at once.
func usualCalm(hold time.Duration) time.Duration {
	if hold == 0 {
		return 0
	}
	return model.DefaultCalm
}

// sizeLimits and timeLimits are the limits by their keys.
var (
	sizeLimits = []limit[int]{
		{"program output", func(l *model.Limits) *int { return &l.ProgramOutput }},
		{"send expect", func(l *model.Limits) *int { return &l.SendExpect }},
		{"file content", func(l *model.Limits) *int { return &l.FileContent }},
		{"http content", func(l *model.Limits) *int { return &l.HTTPContent }},
	}
	timeLimits = []limit[time.Duration]{
		{"network timeout", func(l *model.Limits) *time.Duration { return &l.NetworkTimeout }},
		{"program timeout", func(l *model.Limits) *time.Duration { return &l.ProgramTimeout }},
		{"start timeout", func(l *model.Limits) *time.Duration { return &l.StartTimeout }},
		{"stop timeout", func(l *model.Limits) *time.Duration { return &l.StopTimeout }},
		{"restart timeout", func(l *model.Limits) *time.Duration { return &l.RestartTimeout }},
		{execTimeout, func(l *model.Limits) *time.Duration { return &l.ExecTimeout }},
	}
)

type limit[T any] struct {
	key string
	of  func(*model.Limits) *T
}

// Of all limits only that of exec may be missing.
const execTimeout, never = "exec timeout", "never"

var limitFields = func() (fields []field[model.Limits]) {
	for _, l := range sizeLimits {
		fields = append(fields, field[model.Limits]{l.key, func(d *decoder, it item, to *model.Limits) {
			if n := d.size(it); n > 0 {
				*l.of(to) = n
			}
		}})
	}
	for _, l := range timeLimits {
		fields = append(fields, field[model.Limits]{l.key, func(d *decoder, it item, to *model.Limits) {
			if l.key == execTimeout && follow(it.value).Value == never {
				*l.of(to) = 0
			} else if v := d.duration(it, time.Millisecond); v > 0 {
				*l.of(to) = v
			}
		}})
	}
	return fields
}()

// A tlsReader collects the options of one mapping.
type tlsReader struct{ options monit.TLS }

// tlsField is a key that servers have as well.
func tlsField(key string) field[tlsReader] {
	return tlsFields[slices.IndexFunc(tlsFields, func(f field[tlsReader]) bool { return f.key == key })]
}

// tlsVersions are the versions by the names of control files.
var tlsVersions = map[string]string{"1.0": "tlsv1", "1.1": "tlsv11", "1.2": "tlsv12", "1.3": "tlsv13"}

var tlsFields = []field[tlsReader]{
	{"verify", func(d *decoder, it item, r *tlsReader) {
		r.add(d, it, monit.TLSOption{Name: monit.TLSVerify, On: d.boolean(it)})
	}},
	{"allow self-signed", func(d *decoder, it item, r *tlsReader) {
		r.add(d, it, monit.TLSOption{Name: monit.TLSSelfSigned, On: d.boolean(it)})
	}},
	{"versions", func(d *decoder, it item, r *tlsReader) {
		o := monit.TLSOption{Name: monit.TLSVersion}
		for _, each := range d.list(it) {
			w, _ := d.word(each)
			if w.Text = tlsVersions[d.choice(each, "1.0", "1.1", "1.2", "1.3")]; w.Text != "" {
				o.Values = append(o.Values, w)
			}
		}
		r.add(d, it, o)
	}},
	tlsText("ciphers", monit.TLSCiphers),
	tlsText("client certificate", monit.TLSClientPEM),
	tlsText("ca file", monit.TLSCAFile),
	tlsText("ca path", monit.TLSCAPath),
	tlsText("checksum", monit.TLSChecksum),
}

func tlsText(key string, name monit.TLSName) field[tlsReader] {
	return field[tlsReader]{key, func(d *decoder, it item, r *tlsReader) {
		if w, ok := d.word(it); ok {
			r.add(d, it, monit.TLSOption{Name: name, Value: w})
		}
	}}
}

func (r *tlsReader) add(d *decoder, it item, o monit.TLSOption) {
	o.Node = monit.Node{Span: d.span(it.key)}
	r.options = append(r.options, o)
}

// tls reads options of TLS; "true" stands for none, and "false" is nil.
func (d *decoder) tls(it item) monit.TLS {
	r := &tlsReader{}
	r.add(d, it, monit.TLSOption{Name: monit.TLSEnable})
	switch {
	case isMapping(it):
		readMap(d, it, "tls", tlsFields, r)
	case !d.boolean(it):
		return nil
	}
	return r.options
}
