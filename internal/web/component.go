package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// A face is the page of all components, as the public sees them and as only those who look after them do.
type face struct {
	Groups []cluster
	May    bool // tell how they are
	Manage bool
	Total  int
}

// A cluster is a group of components; without a group, those that are in none.
type cluster struct {
	*status.Group
	Parts []member
}

// A member is one component of the page.
type member struct {
	*status.Component
	Tone   tone
	Word   string
	Why    string // it is so
	Hidden string // why not everybody sees it; "": everybody does
	Now    time.Time
	Zone   *time.Location
}

// toneOf is how much attention a component wants.
func toneOf(h status.Health) tone {
	switch h {
	case status.Operational:
		return good
	case status.Degraded:
		return warning
	case status.Partial, status.Major:
		return bad
	case status.Maintenance:
		return "initializing"
	}
	return unknown
}

func (d *dashboard) member(view *status.View, c *status.Component, v *visit) member {
	return member{
		Component: c, Tone: toneOf(c.Health), Word: sentence(c.Health.String(), ""), Why: d.whyHealth(c, v), Hidden: hiddenWhy(view, c), Now: v.now, Zone: d.Zone,
	}
}

// whyHealth says who decides how a component is.
func (d *dashboard) whyHealth(c *status.Component, v *visit) string {
	switch c.Source {
	case status.ByMaintenance:
		return "there is a maintenance"
	case status.ByHand, status.ByScript:
		if c.Said == nil {
			break
		}
		text := "said by " + cmp.Or(c.Said.By, "somebody")
		if !c.Said.Until.IsZero() {
			text += " until " + clock(c.Said.Until.In(d.Zone), v.now.In(d.Zone))
		} else if len(c.Checks) > 0 {
			text += " until its checks find something else"
		}
		return text
	case status.ByDependency:
		return "what it depends on is not well"
	case status.ByCheck:
		var of []string
		for _, k := range c.Checks {
			of = append(of, k.Service)
		}
		if len(of) > 3 {
			of = append(of[:3], "…")
		}
		return "checked by " + strings.Join(of, ", ")
	}
	return "nothing checks it"
}

// hiddenWhy says why not everybody sees a component.
func hiddenWhy(view *status.View, c *status.Component) string {
	switch g := view.Group(c.Group); {
	case c.Gone:
		return "not shown: no service is behind it any more"
	case !c.Enabled:
		return "not shown"
	case c.Private:
		return "only for those who log in"
	case g != nil && !g.Visible:
		return "in a group for those who log in"
	}
	return ""
}

func (d *dashboard) components(w http.ResponseWriter, v *visit) error {
	view := d.Book.Read()
	body := face{May: v.account == nil || v.may(model.ScopeUpdate), Manage: v.account == nil || v.may(model.ScopeManage)}
	guest := v.account == nil
	rest := cluster{}
	inGroup := map[int64][]member{}
	for _, c := range inOrder(view.Components) {
		if guest && !view.Public(c) {
			continue
		}
		body.Total++
		if p := d.member(view, c, v); view.Group(c.Group) == nil {
			rest.Parts = append(rest.Parts, p)
		} else {
			inGroup[c.Group] = append(inGroup[c.Group], p)
		}
	}
	for _, g := range view.OrderedGroups(guest) {
		body.Groups = append(body.Groups, cluster{g, inGroup[g.ID]})
	}
	if len(rest.Parts) > 0 {
		body.Groups = append(body.Groups, rest)
	}
	d.show(w, v, page{Title: "Components", Here: "incidents", Tab: "components", Live: liveBook}, "components", body)
	return nil
}

// inOrder are components as they are shown, also those that are not.
func inOrder(list []*status.Component) []*status.Component {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b *status.Component) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// named is the component of an address.
func (d *dashboard) named(v *visit) (*status.View, *status.Component, error) {
	view := d.Book.Read()
	if c := view.Component(v.number("id")); c != nil {
		return view, c, nil
	}
	return nil, nil, refuse(http.StatusNotFound, "There is no such component.")
}

// moveComponent puts a component before the one above it, or after the one below, among those of its group.
func (d *dashboard) moveComponent(w http.ResponseWriter, v *visit) error {
	view, c, err := d.named(v)
	if err != nil {
		return err
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	var ids []int64
	for _, o := range inOrder(view.Components) {
		if o.Group == c.Group || view.Group(o.Group) == nil && view.Group(c.Group) == nil {
			ids = append(ids, o.ID)
		}
	}
	shift(ids, c.ID, fields.Get("to"))
	ctx, cancel := v.patient()
	defer cancel()
	return settled(w, v, d.Book.ArrangeComponents(ctx, status.ActorOf(v.account), ids), fmt.Sprintf("/components#component-%d", c.ID), nil)
}

// shift moves one of a list "up" or "down" by one place, where there is one.
func shift(ids []int64, id int64, to string) {
	i := slices.Index(ids, id)
	j := i + 1
	if to == "up" {
		j = i - 1
	}
	if i >= 0 && j >= 0 && j < len(ids) {
		ids[i], ids[j] = ids[j], ids[i]
	}
}

func (d *dashboard) confirmDeleteComponent(w http.ResponseWriter, v *visit) error {
	_, c, err := d.named(v)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("/components/%d", c.ID)
	says := "It is gone for good, with what was subscribed to it, and its incidents are closed."
	if c.Key != "" && !c.Gone {
		says += " As a service is behind it, it comes back at the next reload, as a new one: to be rid of it, hide it."
	}
	q := question{Title: "Delete “" + c.Name + "”?", Says: says, Word: "Delete", Grave: true, To: at + "/delete", Back: at}
	d.show(w, v, page{Title: q.Title, Here: "incidents", Tab: "components"}, "confirm", q)
	return nil
}

func (d *dashboard) deleteComponent(w http.ResponseWriter, v *visit) error {
	_, c, err := d.named(v)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	return settled(w, v, d.Book.DeleteComponent(ctx, status.ActorOf(v.account), c.ID), "/components", nil)
}
