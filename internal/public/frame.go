package public

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"time"

	"orderly/internal/status"
)

//go:embed templates/*.html
var templateFiles embed.FS

// A frame is what is around every page, and what its parts need.
type frame struct {
	*visit
	Heading string // of this page; "": it is the page itself
	Icon    string // name of the icon of the whole
	Footer  template.HTML
	Feed    string // directory of the feeds that go with this page; "": those of everything
	Secret  bool   // not for search engines
	Lasting bool   // it does not change by itself
	Quiet   bool   // no footer: it is in a frame of others
}

// page makes a reply of a template.
func (s *Site) page(_ *visit, name string, data any) (*reply, error) {
	var text bytes.Buffer
	if err := s.pages.Execute(&text, name, "frame.html", data); err != nil {
		return nil, err
	}
	return newReply("text/html; charset=utf-8", text.Bytes()), nil
}

// frame is what is around a page with a heading.
func (v *visit) frame(heading string) *frame {
	return &frame{visit: v, Heading: heading, Icon: v.site.iconOf(v), Footer: markup(v.view.Page.Footer)}
}

// T is a text in the language of the visitor.
func (f *frame) T(key string, pairs ...any) string { return f.lang.T(key, pairs...) }

// Link is the address of something below the root.
func (f *frame) Link(path string) string { return f.link(path) }

// Title is what the whole page is called.
func (f *frame) Title() string { return f.title() }

// Around is a text that has a time in it: what stands before the time, and what after it.
func (f *frame) Around(key string) (sides struct{ Before, After string }) {
	sides.Before, sides.After, _ = strings.Cut(f.lang.T(key), "{time}")
	return sides
}

// Lang is the tag of the language, as browsers know it.
func (f *frame) Lang() string { return f.lang.Lang() }

// Languages are those to choose from.
func (f *frame) Languages() (all []*language) {
	for _, tag := range spoken {
		all = append(all, languages[tag])
	}
	return all
}

// Theme is how the visitor wants it to look; "": as the browser likes.
func (f *frame) Theme() string { return f.theme }

// Themes are the ways it can look.
func (f *frame) Themes() []string { return []string{"auto", "light", "dark"} }

// Here is this page, to come back to.
func (f *frame) Here() string { return f.path }

// Files tells whether it is for a copy in files, which nobody answers to.
func (f *frame) Files() bool { return f.files }

// Logo tells whether there is one.
func (f *frame) Logo() bool { return f.view.Page.Logo != "" }

// Own tells whether there is a style sheet of its own.
func (f *frame) Own() bool { return f.view.Page.CSS != "" || f.view.Page.Color != "" }

// Subscribe tells whether visitors may subscribe.
func (f *frame) Subscribe() bool {
	return !f.files && (f.site.mails(f.view) || f.site.hooks(f.view))
}

// AsOf is when this was so.
func (f *frame) AsOf() moment { return f.clock(f.now) }

// Canonical is the address by which search engines know the page.
func (f *frame) Canonical() string {
	if origin := public(f.view); origin != "" {
		return origin + f.path
	}
	return ""
}

// Feeds is the directory of the feeds that go with the page.
func (f *frame) Feeds() string { return f.Feed }

// A mark is a state as a word, and how it looks.
type mark struct {
	Name  string // of what it is the state; "": that is known from around it
	Href  string
	Class string
	Icon  string
	Word  string
}

var healthMarks = map[status.Health]string{
	status.Operational: "ok", status.Degraded: "degraded", status.Partial: "partial", status.Major: "major",
	status.Unknown: "unknown", status.Maintenance: "maintenance",
}

// healthMark is the class and the icon of a state.
func healthMark(h status.Health) string { return healthMarks[h] }

var healthKeys = map[status.Health]string{
	status.Operational: "health.operational", status.Degraded: "health.degraded", status.Partial: "health.partial",
	status.Major: "health.major", status.Unknown: "health.unknown", status.Maintenance: "health.maintenance",
}

func (v *visit) mark(h status.Health) mark {
	return mark{Class: healthMarks[h], Icon: healthMarks[h], Word: v.lang.T(healthKeys[h])}
}

// The names of cookies. They say how somebody wants to see the page, and nothing else.
const (
	languageCookie = "page_language"
	themeCookie    = "page_theme"
)

func themeOf(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// backTo is what may follow the root in an address of ours.
var backTo = regexp.MustCompile(`^([a-z0-9_-]+(/[a-z0-9_-]+)*)?$`)

// prefer notes how somebody wants to see the page. The cookies are for the directory of the page, whatever that is to the
// browser.
func (s *Site) prefer(w http.ResponseWriter, r *http.Request) {
	v := s.visit(r, forPeople)
	if err := r.ParseForm(); err != nil {
		s.refuse(w, v, r, errForm)
		return
	}
	set := func(name, value string) {
		c := &http.Cookie{Name: name, Value: value, MaxAge: int((365 * 24 * time.Hour).Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.Secure(r)}
		if value == "" {
			c.MaxAge = -1
		}
		http.SetCookie(w, c)
	}
	if theme, asked := r.PostForm["theme"]; asked {
		set(themeCookie, map[string]string{"light": "light", "dark": "dark"}[theme[0]])
	}
	if l := known(r.PostForm.Get("language")); l != nil {
		set(languageCookie, l.Tag)
	}
	next := r.PostForm.Get("next")
	if !backTo.MatchString(next) {
		next = ""
	}
	w.Header().Set("Location", "./"+next) // as it is: behind a proxy we do not know our own path
	w.WriteHeader(http.StatusSeeOther)
}
