package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"orderly/internal/status"
)

// subscribersMost is how many one page lists.
const subscribersMost = 200

// An audience is the page of who hears of what happens.
type audience struct {
	List      []hearer
	Text      string // that is searched for
	Of, More  int    // all there are, and those that match and are not shown
	Unsettled int    // that did not confirm
	Now       time.Time
	Zone      *time.Location
}

// A hearer is a subscriber. There is nothing in it that opens a door.
type hearer struct {
	*status.Subscriber
	Name  string
	About string
}

// nameOf is whom a subscriber is, without the secret that a hook may hold.
func nameOf(s *status.Subscriber) string {
	if s.Email != "" {
		return s.Email
	}
	if u, err := url.Parse(s.Hook); err == nil && u.Host != "" {
		return "a hook of " + u.Host
	}
	return "a hook"
}

// hearsOf is what a subscriber hears of.
func hearsOf(view *status.View, s *status.Subscriber) string {
	if s.All {
		return "everything"
	}
	var out []string
	for _, one := range s.Subscriptions {
		if g := view.Group(one.Group); g != nil {
			out = append(out, "the group "+g.Name)
		} else if c := view.Component(one.Component); c != nil {
			out = append(out, c.Name)
		}
	}
	return strings.Join(out, ", ")
}

func (d *dashboard) subscribers(w http.ResponseWriter, v *visit) error {
	view := d.Book.Read()
	words := filterOf(v.r.URL.Query().Get).Text
	body := audience{Text: words, Of: len(view.Subscribers), Now: v.now, Zone: d.Zone}
	for _, s := range view.Subscribers {
		one := hearer{s, nameOf(s), hearsOf(view, s)}
		if s.Verified.IsZero() {
			body.Unsettled++
		}
		switch {
		case !strings.Contains(strings.ToLower(one.Name+"\n"+one.About), strings.ToLower(words)):
		case len(body.List) == subscribersMost:
			body.More++
		default:
			body.List = append(body.List, one)
		}
	}
	d.show(w, v, page{Title: "Subscribers", Here: "incidents", Tab: "subscribers"}, "subscribers", body)
	return nil
}

// subscriber is the one of an address.
func (d *dashboard) subscriber(v *visit) (*status.Subscriber, error) {
	if s := d.Book.Read().Subscriber(v.number("id")); s != nil {
		return s, nil
	}
	return nil, refuse(http.StatusNotFound, "There is no such subscriber.")
}

func (d *dashboard) confirmUnsubscribe(w http.ResponseWriter, v *visit) error {
	s, err := d.subscriber(v)
	if err != nil {
		return err
	}
	q := question{
		Title: "Remove " + nameOf(s) + "?", Says: "They hear of nothing any more, and are not told so. They may subscribe again.", Word: "Remove",
		Grave: true, To: fmt.Sprintf("/subscribers/%d/delete", s.ID), Back: "/subscribers",
	}
	d.show(w, v, page{Title: q.Title, Here: "incidents", Tab: "subscribers"}, "confirm", q)
	return nil
}

func (d *dashboard) unsubscribe(w http.ResponseWriter, v *visit) error {
	s, err := d.subscriber(v)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	return settled(w, v, d.Book.Unsubscribe(ctx, status.ActorOf(v.account), s.ID), "/subscribers", nil)
}
