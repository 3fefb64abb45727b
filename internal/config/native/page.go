package native

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"time"

	"orderly/internal/model"
)

// Bounds of what a status page is told.
const (
	maxPast      = 90
	maxRecover   = 100
	maxPageDelay = 24 * time.Hour
)

var pageFields = []field[model.StatusPage]{
	{"listen", func(d *decoder, it item, p *model.StatusPage) { p.Listen = d.place(it) }},
	{"url", func(d *decoder, it item, p *model.StatusPage) { p.URL = d.publicAddress(it) }},
	{"title", func(d *decoder, it item, p *model.StatusPage) { p.Title = d.text(it) }},
	{"about", func(d *decoder, it item, p *model.StatusPage) { p.About = d.text(it) }},
	{"footer", func(d *decoder, it item, p *model.StatusPage) { p.Footer = d.text(it) }},
	{"logo", func(d *decoder, it item, p *model.StatusPage) { p.Logo = d.path(it).Text }},
	{"css", func(d *decoder, it item, p *model.StatusPage) { p.CSS = d.path(it).Text }},
	{"color", func(d *decoder, it item, p *model.StatusPage) { p.Color = d.color(it) }},
	{"language", func(d *decoder, it item, p *model.StatusPage) { p.Language = d.choice(it, model.PageLanguages...) }},
	{"zone", func(d *decoder, it item, p *model.StatusPage) { p.Zone = d.timeZone(it) }},
	{"frames", func(d *decoder, it item, p *model.StatusPage) { p.Frames = d.origins(it) }},
	{"origins", func(d *decoder, it item, p *model.StatusPage) { p.Origins = d.origins(it) }},
	{"guarded", func(d *decoder, it item, p *model.StatusPage) { p.Guarded = d.boolean(it) }},
	{"past", func(d *decoder, it item, p *model.StatusPage) { p.Past = d.number(it, 1, maxPast) }},
	{"major", func(d *decoder, it item, p *model.StatusPage) { p.Major = d.number(it, 1, 100) }},
	{"settle", func(d *decoder, it item, p *model.StatusPage) { p.Settle = d.pageDelay(it) }},
	{"recover", func(d *decoder, it item, p *model.StatusPage) { p.Recover = d.number(it, 1, maxRecover) }},
	{"delay", func(d *decoder, it item, p *model.StatusPage) { p.Delay = d.pageDelay(it) }},
	{"gather", func(d *decoder, it item, p *model.StatusPage) { p.Gather = d.pageDelay(it) }},
	{"hands off", func(d *decoder, it item, p *model.StatusPage) { p.HandsOff = d.boolean(it) }},
	{"discreet", func(d *decoder, it item, p *model.StatusPage) { p.Discreet = d.boolean(it) }},
	{"subscribe", func(d *decoder, it item, p *model.StatusPage) { d.subscribing(it, p) }},
	{"templates", func(d *decoder, it item, p *model.StatusPage) { d.incidentTemplates(it, p) }},
}

// statusPage reads what the status page is like. No value at all is a page as it is without.
func (d *decoder) statusPage(it item) *model.StatusPage {
	p := model.DefaultStatusPage()
	readMap(d, it, "page", pageFields, &p)
	return &p
}

func (d *decoder) pageDelay(it item) time.Duration {
	v := d.duration(it, 0)
	if v > maxPageDelay {
		d.errorf(d.span(follow(it.value)), "duration", "%s must be at most %s", d.subject(it), formatDuration(maxPageDelay))
		return 0
	}
	return v
}

// publicAddress reads where people find something. It is no secret, and has no login.
func (d *decoder) publicAddress(it item) string {
	w, ok := d.word(it)
	if u, err := url.Parse(w.Text); ok && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		d.errorf(w.Span, "url", "%s is no address of a web page", d.subject(it)).Hinted("write https://HOST or https://HOST/PATH")
		return ""
	}
	return w.Text
}

// origins reads which pages may do something: scheme and host, and nothing behind them.
func (d *decoder) origins(it item) (origins []string) {
	for _, each := range d.list(it) {
		text := d.publicAddress(each)
		if u, err := url.Parse(text); text == "" || err != nil || u.Path != "" {
			if text != "" {
				d.errorf(d.span(follow(each.value)), "url", "an origin ends with its host").Hinted("write https://HOST")
			}
			continue
		}
		origins = append(origins, text)
	}
	return origins
}

var color = regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)

func (d *decoder) color(it item) string {
	w, ok := d.word(it)
	if ok && !color.MatchString(w.Text) {
		d.errorf(w.Span, "color", "%q is no color", cut(w.Text)).Hinted("write it as in #0a7 or #00aa77")
		return ""
	}
	return w.Text
}

func (d *decoder) timeZone(it item) string {
	w, ok := d.word(it)
	if !ok {
		return ""
	}
	if _, err := time.LoadLocation(w.Text); err != nil {
		d.errorf(w.Span, "zone", "there is no time zone %q", cut(w.Text)).Hinted("write it as in Europe/Berlin; what a host knows is in /usr/share/zoneinfo")
		return ""
	}
	return w.Text
}

// subscriptions are the ways in which visitors may have themselves told.
var subscriptions = []string{"mail", "webhook"}

func (d *decoder) subscribing(it item, p *model.StatusPage) {
	p.Mail, p.Hooks = false, false
	if n := follow(it.value); n.Value == "off" || n.Value == "false" {
		return
	}
	for _, each := range d.list(it) {
		switch d.choice(each, subscriptions...) {
		case "mail":
			p.Mail = true
		case "webhook":
			p.Hooks = true
		}
	}
}

// slug is how an incident template is called where it is used.
var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// incidentTemplates reads texts by the names under which they are used.
func (d *decoder) incidentTemplates(it item, p *model.StatusPage) {
	items, _ := d.mapping(it)
	for _, each := range items {
		if !slug.MatchString(each.name) {
			d.errorf(d.span(each.key), "template", "%q cannot be the name of a template", cut(each.name)).Hinted("write lower-case words with dashes between them")
			continue
		}
		p.Templates = append(p.Templates, model.IncidentTemplate{Name: each.name, Slug: each.name, Text: d.text(each)})
	}
}

// addPage writes what the status page is like, as far as it is not as usual.
func (e *encoder) addPage(top *node, p *model.StatusPage) {
	if p == nil {
		return
	}
	n, usual := newMap(), model.DefaultStatusPage()
	for _, text := range []struct{ key, value string }{
		{"listen", p.Listen},
		{"url", p.URL},
		{"title", p.Title},
		{"about", p.About},
		{"footer", p.Footer},
		{"logo", p.Logo},
		{"css", p.CSS},
		{"color", p.Color},
		{"language", p.Language},
		{"zone", p.Zone},
	} {
		n.text(text.key, text.value)
	}
	n.texts("frames", p.Frames)
	n.texts("origins", p.Origins)
	n.flag("guarded", p.Guarded)
	n.number("past", p.Past, usual.Past)
	n.number("major", p.Major, usual.Major)
	n.time("settle", p.Settle, usual.Settle)
	n.number("recover", p.Recover, usual.Recover)
	n.time("delay", p.Delay, usual.Delay)
	n.time("gather", p.Gather, usual.Gather)
	n.flag("hands off", p.HandsOff)
	n.flag("discreet", p.Discreet)
	n.subscribing(p, usual)
	if len(p.Templates) > 0 {
		texts := map[string]string{}
		for _, t := range p.Templates {
			texts[t.Slug] = t.Text
		}
		m := newMap()
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			m.text(name, texts[name])
		}
		n.add("templates", m)
	}
	top.add("page", n)
}

// texts appends a key with a list of texts, unless that is empty.
func (n *node) texts(key string, values []string) {
	if len(values) > 0 {
		n.add(key, newTexts(values))
	}
}

// number appends a key with a number that is not the usual one.
func (n *node) number(key string, value, usual int) {
	if value != usual {
		n.add(key, newInt(value))
	}
}

// time appends a key with a duration that is not the usual one.
func (n *node) time(key string, value, usual time.Duration) {
	if value != usual {
		n.text(key, formatDuration(value))
	}
}

func (n *node) subscribing(p *model.StatusPage, usual model.StatusPage) {
	if p.Mail == usual.Mail && p.Hooks == usual.Hooks {
		return
	}
	var ways []string
	if p.Mail {
		ways = append(ways, subscriptions[0])
	}
	if p.Hooks {
		ways = append(ways, subscriptions[1])
	}
	if ways == nil {
		n.add("subscribe", newText("off"))
		return
	}
	n.texts("subscribe", ways)
}
