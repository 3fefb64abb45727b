package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// A silenced is one silence in a list.
type silenced struct {
	model.Silence
	Of   string
	Now  time.Time
	Zone *time.Location
	End  string
}

// A hush is the page of silences.
type hush struct {
	List    []silenced
	May     bool
	Waiting int // services that fail and of which nobody is told
}

func (d *dashboard) silences(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	list, err := d.listSilences(ctx)
	if err != nil {
		return err
	}
	body := hush{May: d.Silencer != nil}
	for _, s := range list {
		body.List = append(body.List, d.silenced(s, v.now))
	}
	if o, err := d.board.look(ctx, v.now); err == nil {
		for i := range o.Services {
			if o.Services[i].Silenced != "" && o.Services[i].Ails() {
				body.Waiting++
			}
		}
	}
	d.show(w, v, page{Title: "Silences", Here: "silences", Live: "/live?journal=1"}, "silences", body)
	return nil
}

func (d *dashboard) listSilences(ctx context.Context) ([]model.Silence, error) {
	if d.Silencer == nil {
		return nil, nil
	}
	list, err := d.Silencer.Silences(ctx)
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b model.Silence) int { return a.Until.Compare(b.Until) })
	return list, nil
}

func (d *dashboard) silenced(s model.Silence, now time.Time) silenced {
	return silenced{Silence: s, Of: ofWhom(s), Now: now, Zone: d.Zone, End: "/silences/" + url.PathEscape(s.ID) + "/end"}
}

func ofWhom(s model.Silence) string {
	switch {
	case s.All:
		return "everything"
	case s.Group != "":
		return "the group " + s.Group
	}
	return strings.Join(s.Names, ", ")
}

// A wish is the form of a silence, with what was filled in.
type wish struct {
	Service, Group, For, Reason string
	All, Hold                   bool
	Services, Groups            []string
	Times                       []option
	Error                       string
}

// An option is one of those that a field offers.
type option struct {
	Value, Word string
	Chosen      bool
}

var silenceTimes = []option{
	{Value: "15m", Word: "15 minutes"},
	{Value: "1h", Word: "an hour"},
	{Value: "4h", Word: "4 hours"},
	{Value: "12h", Word: "12 hours"},
	{Value: "24h", Word: "a day"},
	{Value: "72h", Word: "3 days"},
	{Value: "168h", Word: "a week"},
}

// The limits of what a silence is given.
const (
	maxReason  = 500 // bytes
	maxSilence = 31 * 24 * time.Hour
)

func (d *dashboard) silenceForm(w http.ResponseWriter, v *visit) error {
	query := v.r.URL.Query()
	return d.showWish(w, v, 0, wish{Service: query.Get("service"), Group: query.Get("group"), For: "1h"})
}

func (d *dashboard) showWish(w http.ResponseWriter, v *visit, status int, body wish) error {
	if d.Silencer == nil {
		return refuse(http.StatusNotFound, "Nothing can be silenced here.")
	}
	ctx, cancel := v.patient()
	defer cancel()
	o, err := d.board.look(ctx, v.now)
	if err != nil {
		return err
	}
	for i := range o.Services {
		body.Services = append(body.Services, o.Services[i].Name)
	}
	body.Groups = o.groups
	for _, t := range silenceTimes {
		t.Chosen = t.Value == body.For
		body.Times = append(body.Times, t)
	}
	d.show(w, v, page{Title: "New silence", Here: "silences", Status: status}, "silence", body)
	return nil
}

func (d *dashboard) beginSilence(w http.ResponseWriter, v *visit) error {
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	body := wish{
		Service: fields.Get("service"), Group: fields.Get("group"), For: fields.Get("for"), Reason: fields.Get("reason"),
		All: fields.Get("of") == "all", Hold: fields.Get("hold") != "",
	}
	wanted, complaint := body.silence(v)
	if complaint == "" {
		ctx, cancel := v.patient()
		defer cancel()
		if d.Silencer == nil {
			return refuse(http.StatusNotFound, "Nothing can be silenced here.")
		}
		begun, err := d.Silencer.Silence(ctx, wanted)
		if err == nil {
			d.Log.Info("silenced on the dashboard", "of", ofWhom(begun), "until", begun.Until, "by", v.name())
			d.board.stale(ctx)
			http.Redirect(w, v.r, "/silences", http.StatusSeeOther)
			return nil
		}
		complaint = sentence(err.Error(), "")
	}
	body.Error = complaint
	return d.showWish(w, v, http.StatusUnprocessableEntity, body)
}

// silence is what the form asks for, or a complaint in words for who filled it in.
func (f wish) silence(v *visit) (model.Silence, string) {
	long, err := time.ParseDuration(f.For)
	s := model.Silence{
		Until: v.now.Add(long), Reason: strings.TrimSpace(model.Printable(f.Reason, maxReason)), By: v.name(), Hold: f.Hold,
	}
	switch {
	case err != nil || long <= 0 || long > maxSilence:
		return s, "How long? At most 31 days."
	case f.All:
		s.All = true
	case f.Service != "" && f.Group != "":
		return s, "Either one service or one group."
	case f.Service != "":
		s.Names = []string{f.Service}
	case f.Group != "":
		s.Group = f.Group
	default:
		return s, "What is to be silenced: a service, a group or everything?"
	}
	return s, ""
}

func (d *dashboard) confirmEnd(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	list, err := d.listSilences(ctx)
	if err != nil {
		return err
	}
	id := v.r.PathValue("id")
	i := slices.IndexFunc(list, func(s model.Silence) bool { return s.ID == id })
	if i < 0 {
		return refuse(http.StatusNotFound, "That silence is over.")
	}
	q := question{
		Title: "End the silence of " + ofWhom(list[i]) + "?", Says: "Who still fails is told of at once.", Word: "End it",
		To: "/silences/" + url.PathEscape(id) + "/end", Back: "/silences",
	}
	d.show(w, v, page{Title: q.Title, Here: "silences"}, "confirm", q)
	return nil
}

func (d *dashboard) endSilence(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	if d.Silencer == nil {
		return refuse(http.StatusNotFound, "Nothing can be silenced here.")
	}
	if err := d.Silencer.EndSilence(ctx, v.r.PathValue("id")); err != nil {
		return refuse(http.StatusNotFound, "That silence is over.")
	}
	d.Log.Info("a silence was ended on the dashboard", "by", v.name())
	d.board.stale(ctx)
	http.Redirect(w, v.r, "/silences", http.StatusSeeOther)
	return nil
}
