package config

import (
	"cmp"
	"strings"
	"time"

	"orderly/internal/model"
)

// page tells what the status page is like, who may do something from afar, and how long history is kept.
func (x *explainer) page(s *model.Settings) {
	if p := s.Page; p != nil {
		at := "below /page/ of the web interface"
		if p.Listen != "" {
			at = "at " + p.Listen
		}
		x.became("status page", "%s, called %s", at, cmp.Or(p.Title, s.Host))
		x.became("", "days as in %s", cmp.Or(p.Zone, "the zone of this host"))
		x.became("", "a component is well after %d checks in a row and %v, its incident is closed %v later", p.Recover, p.Delay, p.Settle)
		x.became("", "components that fail within %v share an incident", p.Gather)
		if ways := subscriptions(p); ways != "" {
			x.became("", "visitors may subscribe by %s", ways)
		}
	}
	for _, a := range s.Accounts {
		x.became("account", "%s", account(a))
	}
	if r := s.Retention; r != nil {
		x.became("keeps", "minutes for %s, quarters of an hour for %s, days for %s, events for %s",
			kept(r.Minutes), kept(r.Quarters), kept(r.Days), kept(r.Events))
		if r.Size > 0 {
			x.became("", "less of many measurements, so that they take about %d MB at most", r.Size>>20)
		}
	}
}

func subscriptions(p *model.StatusPage) string {
	var ways []string
	if p.Mail {
		ways = append(ways, "mail")
	}
	if p.Hooks {
		ways = append(ways, "webhook")
	}
	return strings.Join(ways, " and ")
}

// permitted says what a scope permits.
var permitted = map[model.Scope]string{
	model.ScopeRead:   "reads",
	model.ScopeUpdate: "tells how components are",
	model.ScopeManage: "changes the status page and what is watched",
	model.ScopeAdmin:  "does everything",
}

func account(a model.Account) string {
	text := a.Name + " " + permitted[a.Scope]
	if a.Token {
		text += " by a token"
	}
	if len(a.Only) > 0 {
		text += ", only of " + strings.Join(a.Only, ", ")
	}
	var networks []string
	for _, n := range a.Networks {
		networks = append(networks, n.String())
	}
	if networks != nil {
		text += ", from " + strings.Join(networks, ", ")
	}
	if !a.Expires.IsZero() {
		text += ", until " + a.Expires.Local().Format(time.DateTime)
	}
	return text
}

func kept(d time.Duration) string {
	if d == 0 {
		return "ever"
	}
	return model.FormatSeconds(d.Seconds())
}

// face tells how a service shows itself on the status page.
func (x *explainer) face(s *model.Service) {
	f := s.Face
	if f == nil {
		return
	}
	if f.Hidden {
		x.became("component", "none: it is not on the status page")
		return
	}
	text := cmp.Or(f.Component, s.Name)
	if f.Group != "" {
		text += " in the group " + f.Group
	}
	if f.Private {
		text += ", for who has logged in"
	}
	if f.Metric {
		text += ", with how fast it answers"
	}
	x.became("component", "%s", text)
}
