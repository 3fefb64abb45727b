package public

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"orderly/internal/status"
)

// A card is an incident with what people were told of it.
type card struct {
	*frame
	ID         int64
	Name, Href string
	Mark       mark // how far people are with it
	Affected   []mark
	Notes      []note
	When       moment
	Open       bool
	Lasted     string // for how long, once it is over
	PostMortem template.HTML
}

// A note is one thing that people were told.
type note struct {
	Anchor string
	Mark   mark
	Text   template.HTML
	When   moment
}

// A newsPage is a page about one incident or maintenance.
type newsPage struct {
	*frame
	Card *card
	Plan *planned
}

var phaseKeys = map[status.Phase]string{
	status.Reported: "phase.reported", status.Investigating: "phase.investigating", status.Identified: "phase.identified",
	status.Watching: "phase.watching", status.Fixed: "phase.fixed",
}

var phaseIcons = map[status.Phase]string{
	status.Reported: "unknown", status.Investigating: "major", status.Identified: "partial", status.Watching: "degraded", status.Fixed: "ok",
}

func (v *visit) phase(p status.Phase) mark {
	icon := cmp.Or(phaseIcons[p], "unknown")
	return mark{Class: icon, Icon: icon, Word: v.lang.T(cmp.Or(phaseKeys[p], "phase.reported"))}
}

func incidentPath(id int64) string  { return "incidents/" + strconv.FormatInt(id, 10) }
func schedulePath(id int64) string  { return "schedules/" + strconv.FormatInt(id, 10) }
func componentPath(id int64) string { return "component/" + strconv.FormatInt(id, 10) }

// number reads a wildcard that is a number.
func (v *visit) number(name string) (int64, error) {
	text := v.values[name]
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, errNowhere
	}
	return id, nil
}

// incident makes the page of one incident.
func (s *Site) incident(v *visit) (*reply, error) {
	i, err := v.incidentOf()
	if err != nil {
		return nil, err
	}
	p := &newsPage{frame: v.frame(i.Name)}
	c := v.card(p.frame, i)
	p.Card = &c
	return s.page(v, "news", p)
}

func (v *visit) incidentOf() (*status.Incident, error) {
	id, err := v.number("id")
	i := v.view.Incident(id)
	if err != nil || i == nil || v.guest && !i.Shown(v.now) {
		return nil, errNowhere
	}
	return i, nil
}

// card shows an incident.
func (v *visit) card(f *frame, i *status.Incident) card {
	c := card{
		frame: f, ID: i.ID, Name: i.Name, Href: v.link(incidentPath(i.ID)), Mark: v.phase(i.Phase), When: v.moment(i.Occurred), Open: i.Open(),
		PostMortem: markup(i.PostMortem),
	}
	if !i.Open() {
		c.Mark = v.phase(status.Fixed)
	}
	for _, a := range i.Components {
		if k := v.components()[a.Component]; k != nil {
			m := v.mark(cmp.Or(a.Health, k.Health))
			m.Name, m.Href = k.Name, v.link(componentPath(k.ID))
			c.Affected = append(c.Affected, m)
		}
	}
	for _, u := range v.updates(i.Updates) {
		c.Notes = append(c.Notes, note{Anchor: fmt.Sprintf("update-%d", u.ID), Mark: v.phase(u.Phase), Text: markup(u.Message), When: v.moment(u.Created)})
	}
	if i.Message != "" {
		first := v.phase(status.Investigating)
		if len(i.Updates) == 0 {
			first = v.phase(i.Phase)
		}
		c.Notes = append(c.Notes, note{Mark: first, Text: markup(i.Message), When: c.When})
	}
	if d := i.Lasted(); d > 0 {
		c.Lasted = v.lang.T("incident.lasted", "time", v.lang.span(d.Round(time.Second)))
	}
	return c
}

// updates are those that the visitor sees, the newest first.
func (v *visit) updates(all []status.Update) []status.Update {
	out := slices.DeleteFunc(slices.Clone(all), func(u status.Update) bool { return v.guest && u.Private })
	slices.Reverse(out)
	return out
}

// An archive is everything that went wrong, month by month.
type archive struct {
	*frame
	Months []pastMonth
	Older  string
	Newer  string
}

type pastMonth struct {
	Name  string
	Cards []card
}

// archiveMonths is how many months are on one page of the archive.
const archiveMonths = 3

// archive makes the page of all that was.
func (s *Site) archive(v *visit) (*reply, error) {
	now := v.now.In(v.zone)
	newest := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, v.zone)
	this := newest
	if text := v.asked.Get("month"); text != "" {
		asked, err := time.ParseInLocation("2006-01", text, v.zone)
		if err != nil || asked.After(this) || asked.Year() < 1970 {
			return nil, errNowhere
		}
		newest = asked
	}
	a := &archive{frame: v.frame(v.lang.T("history"))}
	all := v.incidents()
	for n := range archiveMonths {
		begin := newest.AddDate(0, -n, 0)
		end := begin.AddDate(0, 1, 0)
		m := pastMonth{Name: v.lang.month(begin)}
		for _, i := range all {
			if !i.Occurred.Before(begin) && i.Occurred.Before(end) {
				m.Cards = append(m.Cards, v.card(a.frame, i))
			}
		}
		a.Months = append(a.Months, m)
	}
	before := newest.AddDate(0, -archiveMonths, 0)
	if len(all) > 0 && all[len(all)-1].Occurred.Before(before.AddDate(0, 1, 0)) && !v.files {
		a.Older = v.link("history") + "?month=" + before.Format("2006-01")
	}
	if newest.Before(this) {
		a.Newer = v.link("history") + "?month=" + newest.AddDate(0, archiveMonths, 0).Format("2006-01")
		if !newest.AddDate(0, archiveMonths, 0).Before(this) {
			a.Newer = v.link("history")
		}
	}
	return s.page(v, "archive", a)
}

// robots tells search engines what is not for them: addresses of single subscribers.
func (s *Site) robots(*visit) (*reply, error) {
	return newReply("text/plain; charset=utf-8", []byte("User-agent: *\nDisallow: /subscribe/\nDisallow: /unsubscribe/\n")), nil
}

// embed makes a small page for the frames of others.
func (s *Site) embed(v *visit) (*reply, error) {
	f := v.frame("")
	f.Quiet = true
	e := &embedded{frame: f, Banner: v.banner(), To: cmp.Or(public(v.view), v.link(""))}
	if v.asked.Has("component") {
		id, err := strconv.ParseInt(v.asked.Get("component"), 10, 64)
		c := v.components()[id]
		if err != nil || c == nil {
			return nil, errNowhere
		}
		m := v.mark(c.Health)
		e.Banner = banner{m.Class, m.Icon, c.Name + ": " + m.Word}
		e.To += componentPath(id)
	}
	r, err := s.page(v, "embed", e)
	if err == nil {
		r.frames = append([]string{"'self'"}, v.view.Page.Frames...)
	}
	return r, err
}

// An embedded is the state of everything, or of one component, in the frame of another page.
type embedded struct {
	*frame
	Banner banner
	To     string
}
