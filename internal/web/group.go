package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"orderly/internal/status"
)

// A gathering is the form of a group of components.
type gathering struct {
	Title, To, Delete, Error string
	Name                     string
	Private, Quorum          bool
	Collapse                 []option
	Configured               bool // the configuration names it
}

var collapseWords = []string{"all its components", "its name only", "its name only, while all is well"}

func gatheringOf(g *status.Group) gathering {
	return gathering{Name: g.Name, Private: !g.Visible, Quorum: g.Quorum, Collapse: collapses(g.Collapse), Configured: g.Key != ""}
}

func collapses(now status.Collapse) (out []option) {
	for n, word := range collapseWords {
		out = append(out, option{strconv.Itoa(n), word, n == min(int(now), int(status.CollapseWell))})
	}
	return out
}

// saveGroup has a group be what a form says.
func (d *dashboard) saveGroup(w http.ResponseWriter, v *visit, id int64, form gathering) error {
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.SaveGroup(ctx, status.ActorOf(v.account), id, func(g *status.Group) {
		readGroup(g, fields)
	})
	return settled(w, v, err, "/components", func(complaint string) {
		g := status.Group{}
		readGroup(&g, fields)
		again := gatheringOf(&g)
		again.Title, again.To, again.Delete, again.Configured, again.Error = form.Title, form.To, form.Delete, form.Configured, complaint
		d.showGroup(w, v, http.StatusUnprocessableEntity, again)
	})
}

func readGroup(g *status.Group, fields url.Values) {
	collapse, _ := strconv.Atoi(fields.Get("collapse")) // what is no number shows everything
	g.Name, g.Visible, g.Quorum, g.Collapse = strings.TrimSpace(fields.Get("name")), fields.Get("private") == "", fields.Get("quorum") != "", status.Collapse(collapse)
}

func (d *dashboard) showGroup(w http.ResponseWriter, v *visit, code int, form gathering) {
	d.show(w, v, page{Title: form.Title, Here: "incidents", Tab: "components", Status: code}, "group", form)
}

func newGathering() gathering {
	form := gatheringOf(&status.Group{Visible: true})
	form.Title, form.To = "Add a group", "/groups"
	return form
}

func (d *dashboard) groupForm(w http.ResponseWriter, v *visit) error {
	d.showGroup(w, v, 0, newGathering())
	return nil
}

func (d *dashboard) addGroup(w http.ResponseWriter, v *visit) error {
	return d.saveGroup(w, v, 0, newGathering())
}

// gathered is the group of an address, and its form.
func (d *dashboard) gathered(v *visit) (*status.Group, gathering, error) {
	g := d.Book.Read().Group(v.number("id"))
	if g == nil {
		return nil, gathering{}, refuse(http.StatusNotFound, "There is no such group.")
	}
	form := gatheringOf(g)
	form.To = fmt.Sprintf("/groups/%d", g.ID)
	form.Title, form.Delete = "Group “"+g.Name+"”", form.To+"/delete"
	return g, form, nil
}

func (d *dashboard) group(w http.ResponseWriter, v *visit) error {
	_, form, err := d.gathered(v)
	if err != nil {
		return err
	}
	d.showGroup(w, v, 0, form)
	return nil
}

func (d *dashboard) changeGroup(w http.ResponseWriter, v *visit) error {
	g, form, err := d.gathered(v)
	if err != nil {
		return err
	}
	return d.saveGroup(w, v, g.ID, form)
}

// moveGroup puts a group before the one above it, or after the one below.
func (d *dashboard) moveGroup(w http.ResponseWriter, v *visit) error {
	g, _, err := d.gathered(v)
	if err != nil {
		return err
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	var ids []int64
	for _, o := range d.Book.Read().OrderedGroups(false) {
		ids = append(ids, o.ID)
	}
	shift(ids, g.ID, fields.Get("to"))
	ctx, cancel := v.patient()
	defer cancel()
	return settled(w, v, d.Book.ArrangeGroups(ctx, status.ActorOf(v.account), ids), fmt.Sprintf("/components#group-%d", g.ID), nil)
}

func (d *dashboard) confirmDeleteGroup(w http.ResponseWriter, v *visit) error {
	g, form, err := d.gathered(v)
	if err != nil {
		return err
	}
	says := "Its components stay, without a group."
	if g.Key != "" {
		says += " As the configuration names it, it comes back at the next reload."
	}
	q := question{Title: "Delete the group “" + g.Name + "”?", Says: says, Word: "Delete", Grave: true, To: form.Delete, Back: form.To}
	d.show(w, v, page{Title: q.Title, Here: "incidents", Tab: "components"}, "confirm", q)
	return nil
}

func (d *dashboard) deleteGroup(w http.ResponseWriter, v *visit) error {
	g, _, err := d.gathered(v)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	return settled(w, v, d.Book.DeleteGroup(ctx, status.ActorOf(v.account), g.ID), "/components", nil)
}
