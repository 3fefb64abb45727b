package public

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"orderly/internal/status"
)

// A Mail sends letters.
type Mail interface {
	// Ready tells whether there is a server to send them through.
	Ready() bool
	// Send returns when the server has taken a letter. An error that wraps ErrRefused says that trying again is of no use.
	Send(ctx context.Context, l Letter) error
	// Rest is called by the goroutine that sends when there is nothing more to send for now.
	Rest()
}

// ErrRefused means that somebody will never take a letter.
var ErrRefused = errors.New("refused for good")

// A Letter is a mail to one subscriber, in plain text.
type Letter struct {
	ID      string // the same for every attempt
	To      string
	Subject string
	Text    string
	At      time.Time
	Leave   string // URL that ends the subscription when it is posted to (RFC 8058); "": there is none
}

// words are what a message says in one language.
type words struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// The links of a message that differ from subscriber to subscriber, as they stand in its text until it is sent.
const linkHere = "{link}"

// wording words a notice in a language, for somebody who sees what everybody sees.
func (s *Site) wording(n status.Notice, view *status.View, l *language) words {
	v := &visit{site: s, view: view, guest: true, now: n.At, zone: zoneOf(view), lang: l, origin: public(view)}
	title := v.title()
	var w words
	var lines []string
	more := ""
	switch {
	case n.Kind == status.SubscriberAdded:
		return words{l.T("mail.confirm.subject", "title", title), l.T("mail.confirm.text", "title", title)}
	case n.Component != nil:
		is, was := l.T(healthKeys[n.Component.Health]), l.T(cmp.Or(healthKeys[n.Was], "health.unknown"))
		w.Subject = l.T("mail.component", "name", n.Component.Name, "health", is)
		lines = append(lines, l.T("mail.component.text", "name", n.Component.Name, "health", is, "was", was))
		more = componentPath(n.Component.ID)
	case n.Incident != nil:
		w.Subject = n.Incident.Name + " (" + v.phase(n.Incident.Phase).Word + ")"
		lines, more = v.incidentLines(n), incidentPath(n.Incident.ID)
	case n.Schedule != nil:
		w.Subject = v.name(n.Schedule) + " (" + v.stage(n.Schedule.Stage).Word + ")"
		lines, more = v.scheduleLines(n), schedulePath(n.Schedule.ID)
	}
	w.Subject = "[" + title + "] " + w.Subject
	if v.origin != "" {
		lines = append(lines, l.T("mail.more", "link", v.origin+more))
	}
	w.Text = strings.Join(lines, "\n\n")
	return w
}

func (v *visit) incidentLines(n status.Notice) (lines []string) {
	message := n.Incident.Message
	if n.Update != nil {
		message = n.Update.Message
	}
	if names := v.names(n.Incident.Components); len(names) > 0 {
		lines = append(lines, v.lang.T("mail.affects", "names", strings.Join(names, ", ")))
	}
	if message != "" {
		lines = append(lines, message)
	}
	return lines
}

func (v *visit) scheduleLines(n status.Notice) (lines []string) {
	m := n.Schedule
	from, until := v.moment(begins(m)).Text, ends(m)
	if until.IsZero() {
		lines = append(lines, v.lang.T("mail.from", "from", from))
	} else {
		lines = append(lines, v.lang.T("mail.when", "from", from, "until", v.moment(until).Text))
	}
	if names := v.names(m.Components); len(names) > 0 {
		lines = append(lines, v.lang.T("mail.affects", "names", strings.Join(names, ", ")))
	}
	message := m.Message
	if n.Update != nil {
		message = n.Update.Message
	}
	if message != "" {
		lines = append(lines, message)
	}
	return lines
}

// letter is a message for one subscriber. Whoever has the code in its links is that subscriber, so that they stand in nothing
// that is kept.
func (p *parcel) letter(view *status.View, sub *status.Subscriber) Letter {
	l, w := catalogue(cmp.Or(sub.Language, view.Page.Language)), p.Words[sub.Language]
	if w.Text == "" {
		w = p.Words[l.Tag]
	}
	origin := public(view)
	out := Letter{ID: p.GUID + "." + text(sub.ID), To: sub.Email, Subject: w.Subject, At: p.At}
	manage := l.T("mail.manage", "link", origin+"subscribe/manage/"+sub.Code)
	switch {
	case p.Confirm && sub.Verified.IsZero():
		out.Text = strings.ReplaceAll(w.Text, linkHere, origin+"subscribe/verify/"+sub.Code)
	default:
		out.Leave = origin + "unsubscribe/" + sub.Code
		out.Text = w.Text + "\n\n-- \n" + manage + "\n" + l.T("mail.leave", "link", out.Leave)
	}
	return out
}

// A hookBody is a notice as webhooks get it.
type hookBody struct {
	ID          string            `json:"id"` // the same for every attempt
	Event       string            `json:"event"`
	At          time.Time         `json:"at"`
	Page        map[string]string `json:"page"`
	Component   *hookComponent    `json:"component,omitempty"`
	Incident    *summaryIncident  `json:"incident,omitempty"`
	Maintenance *summarySchedule  `json:"maintenance,omitempty"`
	Update      *summaryUpdate    `json:"update,omitempty"`
	Challenge   string            `json:"challenge,omitempty"`
}

type hookComponent struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Was    string `json:"was"`
}

// body words a notice for webhooks.
func (s *Site) body(n status.Notice, view *status.View, id string) (json.RawMessage, error) {
	v := &visit{site: s, view: view, guest: true, now: n.At, zone: zoneOf(view), lang: catalogue(view.Page.Language), origin: public(view)}
	b := hookBody{ID: id, Event: string(n.Kind), At: n.At.UTC(), Page: map[string]string{"title": v.title(), "url": v.origin}}
	if c := n.Component; c != nil {
		b.Component = &hookComponent{c.ID, c.Name, healthWords[c.Health], healthWords[n.Was]}
	}
	if n.Incident != nil {
		i := v.summaryIncident(n.Incident)
		b.Incident = &i
	}
	if n.Schedule != nil {
		m := v.summarySchedule(n.Schedule)
		b.Maintenance = &m
	}
	if u := n.Update; u != nil {
		b.Update = &summaryUpdate{u.Phase.String(), u.Message, u.Created.UTC()}
	}
	return json.Marshal(b)
}
