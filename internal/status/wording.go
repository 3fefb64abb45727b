package status

import (
	"fmt"
	"strings"

	"orderly/internal/notice"
)

// What automation says where no template says it differently. There is nothing of hosts, rules or addresses in it (P-235).
const (
	wordGone      = "This is no longer watched."
	wordForgotten = "Nobody ended this maintenance, so it is over after a day."
)

// Slugs of templates of the configuration that word what automation says. Each has {{ components }}, {{ health }},
// {{ attempt }}, {{ of }}, {{ done }} and {{ downtime }}, as far as they apply.
const (
	textName      = "auto-name"
	textOpened    = "auto-opened"
	textChanged   = "auto-changed"
	textRepair    = "auto-repair"
	textFailed    = "auto-repair-failed"
	textAttended  = "auto-attended"
	textUnstable  = "auto-unstable"
	textRelapse   = "auto-relapse"
	textRecovered = "auto-recovered"
	textFixed     = "auto-fixed"
)

var wording = map[string]string{
	textName:      `{{ components }}: {{ health }}`,
	textOpened:    `We are looking into a problem with {{ components }}.`,
	textChanged:   `It is now: {{ health }}.`,
	textRepair:    `An automatic {{ done }} was attempted ({{ attempt }}{% if of %} of {{ of }}{% endif %}).`,
	textFailed:    `An automatic {{ done }} did not work ({{ attempt }}{% if of %} of {{ of }}{% endif %}).`,
	textAttended:  `Somebody is looking after it.`,
	textUnstable:  `It fails and recovers again and again. It counts as unstable until it is steady.`,
	textRelapse:   `The problem is back.`,
	textRecovered: `It works again. We go on watching it.`,
	textFixed:     `This is over. It lasted {{ downtime }}.`,
}

var defaultWording = func() map[string]*Template {
	all := map[string]*Template{}
	for slug, text := range wording {
		t, err := ParseTemplate("", slug, text)
		if err != nil {
			panic("status: " + err.Error())
		}
		all[slug] = t
	}
	return all
}()

// text words something that automation has to say.
func (d *draft) text(slug string, vars map[string]any) string {
	if t := d.view.Template(slug); t != nil {
		if text, err := t.Render(vars); err == nil && strings.TrimSpace(text) != "" {
			return text
		}
	}
	text, err := defaultWording[slug].Render(vars)
	if err != nil {
		return slug
	}
	return text
}

// How many components a title and a text name.
const (
	maxListed = 3
	maxNamed  = 20
)

// names lists components for people: "Shop", "Shop and Search", "Shop, Search, Mail and 4 others".
func (d *draft) names(list []Affected, most int) string {
	var all []string
	for _, a := range list {
		if c := d.view.Component(a.Component); c != nil {
			all = append(all, c.Name)
		}
	}
	last := ""
	switch others := len(all) - most; {
	case others > 1:
		all, last = all[:most], fmt.Sprintf("%d others", others)
	case len(all) > 1:
		all, last = all[:len(all)-1], all[len(all)-1]
	}
	text := strings.Join(all, ", ")
	if last != "" {
		text += " and " + last
	}
	return text
}

// about is what texts about an incident can say.
func (d *draft) about(i *Incident) map[string]any {
	worst := Operational
	unstable := i.Auto != nil && i.Auto.Unstable
	for _, a := range i.Components {
		if a.Health.Worse(worst) {
			worst = a.Health
		}
	}
	health := worst.String()
	if unstable {
		health = "unstable"
	}
	vars := map[string]any{"components": d.names(i.Components, maxNamed), "health": health}
	if i.Auto != nil {
		vars["attempt"] = i.Auto.Tries
		end := i.Auto.Well
		if end.IsZero() {
			end = d.now
		}
		vars["downtime"] = notice.Span(end.Sub(i.Auto.Began))
	}
	return vars
}

// entitle words the title of an incident.
func (d *draft) entitle(i *Incident) string {
	vars := d.about(i)
	vars["components"] = d.names(i.Components, maxListed)
	name := d.text(textName, vars)
	if len(name) > maxTitle {
		name = strings.ToValidUTF8(name[:maxTitle], "")
	}
	return name
}

// maintenanceOf words the title of a maintenance that a silence is.
func (d *draft) maintenanceOf(list []Affected) string {
	name := "Maintenance: " + d.names(list, maxListed)
	if len(name) > maxTitle {
		name = strings.ToValidUTF8(name[:maxTitle], "")
	}
	return name
}
