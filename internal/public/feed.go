package public

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"

	"orderly/internal/status"
)

// maxEntries is how much a feed goes back.
const maxEntries = 50

// A story is an incident or a maintenance as feeds tell it.
type story struct {
	id               string // urn:uuid:..., the same for ever
	title, state     string
	link             string
	begun, updated   time.Time
	text             template.HTML
	about            []string // names of components
	open, maintained bool
}

// feed makes a feed of everything.
func (s *Site) feed(kind string) maker {
	return func(v *visit) (*reply, error) {
		return s.feedOf(v, kind, kind, v.title(), func([]status.Affected) bool { return true })
	}
}

// groupFeed makes a feed of one group.
func (s *Site) groupFeed(kind string) maker {
	return func(v *visit) (*reply, error) {
		id, err := v.number("id")
		g := v.view.Group(id)
		if err != nil || g == nil || v.guest && !g.Visible {
			return nil, errNowhere
		}
		return s.feedOf(v, kind, v.path, v.title()+": "+g.Name, func(list []status.Affected) bool {
			return slices.ContainsFunc(list, func(a status.Affected) bool {
				c := v.components()[a.Component]
				return c != nil && c.Group == id
			})
		})
	}
}

// componentFeed makes a feed of one component.
func (s *Site) componentFeed(kind string) maker {
	return func(v *visit) (*reply, error) {
		c, err := v.componentOf("id")
		if err != nil {
			return nil, err
		}
		return s.feedOf(v, kind, v.path, v.title()+": "+c.Name, func(list []status.Affected) bool {
			return slices.ContainsFunc(list, func(a status.Affected) bool { return a.Component == c.ID })
		})
	}
}

func (s *Site) feedOf(v *visit, kind, path, title string, of func([]status.Affected) bool) (*reply, error) {
	f := feed{title: oneLine(title), home: v.origin, self: v.absolute(path), id: urn("feed", v.origin, path), lang: v.lang.Lang(), stories: v.stories(of)}
	f.updated = oldest(v)
	for _, one := range f.stories {
		f.updated = latest(f.updated, one.updated)
	}
	switch kind {
	case "atom":
		return f.atom()
	case "rss":
		return f.rss()
	}
	return f.json()
}

// urn is a name that is the same for the same things: a UUID of what they are.
func urn(parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(parts...)))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8: of our own making
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// stories are the incidents and maintenance that the visitor sees and that are about something, the newest first.
func (v *visit) stories(of func([]status.Affected) bool) []story {
	var out []story
	for _, i := range v.incidents() {
		if !of(i.Components) {
			continue
		}
		c := v.card(nil, i)
		one := story{
			id: "urn:uuid:" + i.GUID, title: i.Name, state: c.Mark.Word, link: v.absolute(incidentPath(i.ID)), begun: i.Occurred, updated: latest(i.Occurred, i.Updated),
			text: told(c.Notes, i.PostMortem), about: v.names(i.Components), open: i.Open(),
		}
		if i.GUID == "" {
			one.id = urn("incident", v.view.Host, i.ID)
		}
		out = append(out, one)
	}
	for _, m := range v.schedules() {
		if !of(m.Components) {
			continue
		}
		p := v.plan(nil, m)
		out = append(out, story{
			id: urn("maintenance", v.view.Host, m.ID, m.Created.UnixNano()), title: p.Name, state: p.Mark.Word, link: v.absolute(schedulePath(m.ID)),
			begun: m.Created, updated: latest(m.Created, m.Updated), text: p.words(), about: v.names(m.Components), maintained: true,
			open: m.Stage != status.Complete,
		})
	}
	slices.SortStableFunc(out, func(a, b story) int { return cmp.Or(b.updated.Compare(a.updated), cmp.Compare(a.link, b.link)) })
	out = out[:min(len(out), maxEntries)]
	for n := range out {
		out[n].title = oneLine(out[n].title)
		for i, name := range out[n].about {
			out[n].about[i] = oneLine(name)
		}
	}
	return out
}

// oneLine is a text as a title: programs show those in lists, and on terminals.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\ufffd"), func(r rune) bool { return r == ' ' || unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }), " ")
}

// told is what people were told, the newest first.
func told(notes []note, lesson string) template.HTML {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString("<p><strong>" + template.HTMLEscapeString(strings.TrimSpace(n.Mark.Word)) + "</strong> " + template.HTMLEscapeString(n.When.Text) + "</p>" + string(n.Text))
	}
	return template.HTML(b.String()) + markup(lesson) //nolint:gosec // of escaped text and of what markup made
}

func (p planned) words() template.HTML {
	when := p.From.Text
	if p.Until != nil {
		when += " – " + p.Until.Text
	}
	return template.HTML("<p>"+template.HTMLEscapeString(when)+"</p>") + p.Text + told(p.Notes, "") //nolint:gosec // as above
}

// A feed is stories for programs that follow them.
type feed struct {
	title, id, home, self, lang string
	updated                     time.Time
	stories                     []story
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Link       atomLink       `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Content    atomContent    `xml:"content"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

func (f feed) atom() (*reply, error) {
	out := atomFeed{
		Lang: f.lang, ID: f.id, Title: plain(f.title), Updated: f.updated.UTC().Format(time.RFC3339), Author: plain(f.title),
		Links: []atomLink{{"self", "application/atom+xml", f.self}, {"alternate", "text/html", f.home}},
	}
	for _, one := range f.stories {
		e := atomEntry{
			ID: one.id, Title: plain(one.title + " (" + one.state + ")"), Published: one.begun.UTC().Format(time.RFC3339), Updated: one.updated.UTC().Format(time.RFC3339),
			Link: atomLink{"alternate", "text/html", one.link}, Content: atomContent{"html", plain(string(one.text))},
		}
		for _, name := range one.about {
			e.Categories = append(e.Categories, atomCategory{plain(name)})
		}
		out.Entries = append(out.Entries, e)
	}
	return markedUp("application/atom+xml; charset=utf-8", out)
}

type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title   string    `xml:"title"`
	Link    string    `xml:"link"`
	About   string    `xml:"description"`
	Lang    string    `xml:"language"`
	Built   string    `xml:"lastBuildDate"`
	Self    atomLink  `xml:"atom:link"`
	Entries []rssItem `xml:"item"`
}

type rssItem struct {
	Title      string   `xml:"title"`
	Link       string   `xml:"link"`
	GUID       rssGUID  `xml:"guid"`
	Published  string   `xml:"pubDate"`
	Categories []string `xml:"category"`
	Text       string   `xml:"description"`
}

type rssGUID struct {
	Link bool   `xml:"isPermaLink,attr"`
	Text string `xml:",chardata"`
}

func (f feed) rss() (*reply, error) {
	c := rssChannel{
		Title: plain(f.title), Link: f.home, About: template.HTMLEscapeString(plain(f.title)), Lang: f.lang, Built: f.updated.UTC().Format(time.RFC1123Z),
		Self: atomLink{"self", "application/rss+xml", f.self},
	}
	for _, one := range f.stories {
		i := rssItem{
			Title: plain(one.title + " (" + one.state + ")"), Link: one.link, GUID: rssGUID{Text: one.id}, Published: one.updated.UTC().Format(time.RFC1123Z),
			Text: plain(string(one.text)),
		}
		for _, name := range one.about {
			i.Categories = append(i.Categories, plain(name))
		}
		c.Entries = append(c.Entries, i)
	}
	return markedUp("application/rss+xml; charset=utf-8", rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Channel: c})
}

// plain is a text without what XML cannot hold.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}

func markedUp(kind string, v any) (*reply, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", " ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("cannot write a feed: %w", err)
	}
	b.WriteByte('\n')
	return newReply(kind, b.Bytes()), nil
}

type jsonFeed struct {
	Version string     `json:"version"`
	Title   string     `json:"title"`
	Home    string     `json:"home_page_url"`
	Self    string     `json:"feed_url"`
	Lang    string     `json:"language"`
	Items   []jsonItem `json:"items"`
}

type jsonItem struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Text      string    `json:"content_html"`
	Published time.Time `json:"date_published"`
	Modified  time.Time `json:"date_modified"`
	Tags      []string  `json:"tags,omitempty"`
}

func (f feed) json() (*reply, error) {
	out := jsonFeed{Version: "https://jsonfeed.org/version/1.1", Title: f.title, Home: f.home, Self: f.self, Lang: f.lang, Items: []jsonItem{}}
	for _, one := range f.stories {
		out.Items = append(out.Items, jsonItem{one.id, one.link, one.title + " (" + one.state + ")", string(one.text), one.begun.UTC(), one.updated.UTC(), one.about})
	}
	return encoded("application/feed+json; charset=utf-8", out)
}

// encoded is a reply in JSON.
func encoded(kind string, v any) (*reply, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, err
	}
	return newReply(kind, append(b, '\n')), nil
}

// oldest is when the first component came to be: a feed of nothing was updated then.
func oldest(v *visit) time.Time {
	t := time.Unix(0, 0)
	for _, c := range v.components() {
		if t.Unix() == 0 || c.Created.Before(t) {
			t = c.Created
		}
	}
	return t
}
