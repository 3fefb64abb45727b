package native

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"orderly/internal/config/monit"
	"orderly/internal/model"
)

// Encode writes a sealed configuration as an orderly.yaml that means the same on the machine that env describes. What
// cannot be said stands in comments. Passwords are written as they are, but for those that are kept elsewhere: these are
// referred to.
func Encode(c *model.Config, env monit.Env, kept Secrets) ([]byte, error) {
	e := &encoder{config: c, env: env, kept: kept}
	services, plain := e.services()
	if !plain {
		if e.tls = commonTLS(c); e.tls != nil {
			services, _ = e.services()
		}
	}
	top := e.settings()
	if len(services.Content) > 0 {
		top.add("services", services)
	}
	return marshal(top)
}

// An encoder writes one configuration.
type encoder struct {
	config *model.Config
	env    monit.Env
	kept   Secrets
	tls    *model.TLS // defaults that are written; nil: none
}

func marshal(n *node) ([]byte, error) {
	var b bytes.Buffer
	out := yaml.NewEncoder(&b)
	out.SetIndent(2)
	if err := out.Encode((*yaml.Node)(n)); err != nil {
		return nil, fmt.Errorf("cannot write YAML: %w", err)
	}
	return b.Bytes(), nil
}

// A node is a YAML value under construction.
type node yaml.Node

func newMap() *node { return &node{Kind: yaml.MappingNode, Tag: "!!map"} }

// newList makes a list. On one line are those that are short.
func newList(oneLine bool, elements ...*node) *node {
	n := &node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if oneLine {
		n.Style = yaml.FlowStyle
	}
	for _, e := range elements {
		n.Content = append(n.Content, (*yaml.Node)(e))
	}
	return n
}

// newText makes a text. It is decoded as such whatever it looks like.
func newText(s string) *node {
	var n yaml.Node
	n.SetString(s)
	return (*node)(&n)
}

func newTexts(texts []string) *node {
	var elements []*node
	for _, t := range texts {
		elements = append(elements, newText(t))
	}
	return newList(true, elements...)
}

func newInt(i int) *node { return &node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(i)} }

func newBool(b bool) *node {
	return &node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(b)}
}

// add appends a key to a mapping.
func (n *node) add(key string, value *node) {
	n.Content = append(n.Content, (*yaml.Node)(newText(key)), (*yaml.Node)(value))
}

// flag appends a key that is true, unless it is not.
func (n *node) flag(key string, on bool) {
	if on {
		n.add(key, newBool(true))
	}
}

// text appends a key with a text, unless that is empty.
func (n *node) text(key, value string) {
	if value != "" {
		n.add(key, newText(value))
	}
}

// settings writes what concerns orderly as a whole.
func (e *encoder) settings() *node {
	top, s := newMap(), &e.config.Settings
	if s.Host != e.env.Hostname {
		top.text("host", s.Host)
	}
	top.text("every", formatDuration(s.Interval))
	if s.StartDelay > 0 {
		top.text("start delay", formatDuration(s.StartDelay))
	}
	if l := limitsNode(s.Limits, model.DefaultLimits()); l != nil {
		top.add("limits", l)
	}
	if e.tls != nil {
		top.add("tls", tlsNode(e.tls, &model.TLS{}))
	}
	if m := e.mail(); len(m.Content) > 0 {
		top.add("mail", m)
	}
	if len(e.config.Routes) > 0 {
		top.add("alert", e.routes(e.config.Routes))
	}
	if s.HTTPD != nil {
		top.add("httpd", e.httpdNode(s.HTTPD))
	}
	if s.Collectors != nil {
		top.add("collectors", e.collectorNodes(s.Collectors))
	}
	addLog(top, s.Log)
	top.text("pidfile", s.Files.PID)
	top.text("idfile", s.Files.ID)
	top.text("monit state", s.Files.State)
	top.flag("plain output", s.Batch)
	if s.Hold != model.DefaultHold {
		top.text("hold", formatDuration(s.Hold))
	}
	if s.Settle != usualCalm(s.Hold) {
		top.text("settle", formatDuration(s.Settle))
	}
	if s.AckFor > 0 {
		top.text("acknowledged for", formatDuration(s.AckFor))
	}
	if !s.Flapping {
		top.add("flapping", newBool(false))
	}
	addMaintenances(top, s.Maintenance)
	if s.Diagnosis != model.DiagnosisOn {
		top.text("diagnosis", string(model.DiagnosisOff))
	}
	addConnectivity(top, s.Connectivity)
	e.addPings(top, s)
	e.addPage(top, s.Page)
	addAccounts(top, s.Accounts)
	addRetention(top, s.Retention)
	top.text("statsd", s.Statsd)
	if i := s.Inspeqtor; i != nil {
		n, usual := newMap(), model.DefaultInspeqtor()
		if i.Expose != usual.Expose {
			n.add("port", newInt(i.Expose))
		}
		if i.Deploy != usual.Deploy {
			n.text("deploy", formatDuration(i.Deploy))
		}
		top.add("inspeqtor", n)
	}
	return top
}

func addLog(top *node, log model.Log) {
	if log.Facility == "" && log.Level == "" {
		top.text("log", log.File)
		return
	}
	n := newMap()
	n.text("file", log.File)
	n.text("syslog", log.Facility)
	n.text("level", log.Level)
	top.add("log", n)
}

// limitsNode writes the limits that differ from others; nil when none does.
func limitsNode(limits, from model.Limits) *node {
	n := newMap()
	for _, l := range sizeLimits {
		if v := *l.of(&limits); v != *l.of(&from) {
			n.text(l.key, formatSize(v))
		}
	}
	for _, l := range timeLimits {
		switch v := *l.of(&limits); {
		case v == *l.of(&from):
		case v == 0:
			n.text(l.key, never)
		default:
			n.text(l.key, formatDuration(v))
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

func (e *encoder) mail() *node {
	n, m := newMap(), &e.config.Settings.Mail
	if len(m.Servers) > 0 {
		var servers []*node
		for _, s := range m.Servers {
			servers = append(servers, e.mailServer(s))
		}
		n.add("servers", newList(false, servers...))
	}
	var otherwise time.Duration
	if len(m.Servers) > 0 {
		otherwise = e.config.Settings.Limits.NetworkTimeout
	}
	if m.Timeout != otherwise {
		n.text("timeout", formatDuration(m.Timeout))
	}
	n.text("hello", m.Hello)
	addFormat(n, m.Format)
	return n
}

func (e *encoder) mailServer(s model.MailServer) *node {
	if s == (model.MailServer{Host: s.Host, Port: smtpPort}) {
		return newText(s.Host)
	}
	n := newMap()
	n.text("host", s.Host)
	if s.Port != smtpPort {
		n.add("port", newInt(s.Port))
	}
	n.text("username", s.Username)
	n.text("password", s.Password)
	if s.TLS != nil {
		n.add("tls", tlsNode(s.TLS, e.defaultTLS()))
	}
	n.flag("starttls", s.StartTLS)
	return n
}

func addFormat(n *node, f model.MailFormat) {
	n.text("from", f.From)
	n.text("reply to", f.ReplyTo)
	n.text("subject", f.Subject)
	n.text("message", f.Message)
	n.text("style", f.Style)
}

func (e *encoder) routes(routes []model.Route) *node {
	var list []*node
	for _, r := range routes {
		plain := model.Route{Channel: mailChannel, Address: r.Address, Topics: model.AllTopics, Pos: r.Pos}
		if reflect.DeepEqual(r, plain) {
			list = append(list, newText(r.Address))
			continue
		}
		n := newMap()
		e.addRecipient(n, r)
		named, others := r.Topics.Names(), (model.AllTopics &^ r.Topics).Names()
		switch {
		case len(others) == 0:
		case len(others) < len(named):
			n.add("not", newTexts(others))
		default:
			n.add("on", newTexts(named))
		}
		if r.Kinds != nil {
			var kinds []string
			for _, k := range r.Kinds {
				kinds = append(kinds, string(k))
			}
			n.add("kinds", newTexts(kinds))
		}
		addChoice(n, r)
		addReminder(n, r.Reminder)
		n.text("calls", r.Calls)
		if r.Mute {
			n.add("mute", newBool(true))
		}
		if r.Server != nil {
			n.add("server", e.mailServer(*r.Server))
		}
		addFormat(n, r.Format)
		list = append(list, n)
	}
	return newList(false, list...)
}
