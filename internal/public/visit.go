package public

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"orderly/internal/status"
)

// A visit is what there is to know about a request, and nothing that does not matter to the reply.
type visit struct {
	site     *Site
	view     *status.View
	guest    bool // sees what is for everybody
	audience audience
	now      time.Time // to the minute
	zone     *time.Location
	lang     *language
	theme    string // "light", "dark"; "": as the browser likes
	path     string // below the root: "incidents/5"
	query    string // what of it means something, in one way of writing
	asked    url.Values
	values   map[string]string // of the wildcards in the path
	root     string            // how links get to the root: "./" or "../"
	origin   string            // address of the root, with a slash at its end; "" where no page needs it
	files    bool              // it is for a copy in files
	seen     map[int64]*status.Component
}

// parameters are those of queries that mean something.
var parameters = []string{"start_date", "month", "style", "filter", "days", "component", "label"}

// visit looks at a request.
func (s *Site) visit(r *http.Request, of audience) *visit {
	view := s.Book.Read()
	v := &visit{
		site: s, view: view, guest: s.Insider == nil || !s.Insider(r), audience: of, zone: zoneOf(view),
		now: time.Now().Truncate(time.Minute), path: strings.TrimPrefix(r.URL.Path, "/"), values: map[string]string{},
		root: root(r.URL.EscapedPath()),
	}
	for _, name := range []string{"id", "badge", "icon", "list", "code", "one"} {
		if value := r.PathValue(name); value != "" {
			v.values[name] = value
		}
	}
	v.ask(r.URL.Query())
	if of == forPeople {
		v.lang, v.theme = languageFor(r, view.Page.Language), themeOf(r)
	} else {
		v.lang, v.origin = catalogue(view.Page.Language), s.originOf(r, view)
	}
	return v
}

// ask notes what of a query means something.
func (v *visit) ask(query url.Values) {
	v.asked = url.Values{}
	for _, name := range parameters {
		if value := query.Get(name); value != "" && len(value) <= 64 {
			v.asked.Set(name, value)
		}
	}
	v.query = v.asked.Encode()
}

// root is how links on a page get to the root of all pages.
func root(path string) string {
	return cmp.Or(strings.Repeat("../", strings.Count(strings.TrimPrefix(path, "/"), "/")), "./")
}

// zoneOf is where days begin and end.
func zoneOf(v *status.View) *time.Location {
	if zone, err := time.LoadLocation(v.Page.Zone); v.Page.Zone != "" && err == nil {
		return zone
	}
	return time.Local
}

// hostName is what the name of a host can look like, with a port. Everything else is no address to show to others.
var hostName = regexp.MustCompile(`^[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?$`)

// originOf is under which address a visitor sees the page: the one that is configured, or else the one asked for.
func (s *Site) originOf(r *http.Request, view *status.View) string {
	if view.Page.URL != "" {
		return strings.TrimSuffix(view.Page.URL, "/") + "/"
	}
	scheme, host := "http", r.Host
	if s.Secure(r) {
		scheme = "https"
	}
	if !hostName.MatchString(host) {
		host = "localhost"
	}
	base := "/"
	if asked, _, _ := strings.Cut(r.RequestURI, "?"); s.Base != "" && strings.HasPrefix(asked, s.Base+"/") {
		base = s.Base + "/"
	}
	return scheme + "://" + host + base
}

// public is the address of the root for mails and others who did not ask; "": it is not known.
func public(view *status.View) string {
	if view.Page.URL == "" {
		return ""
	}
	return strings.TrimSuffix(view.Page.URL, "/") + "/"
}

// components are those that the visitor sees, by their numbers.
func (v *visit) components() map[int64]*status.Component {
	if v.seen == nil {
		v.seen = map[int64]*status.Component{}
		for _, c := range v.view.Seen(v.guest) {
			v.seen[c.ID] = c
		}
	}
	return v.seen
}

// incidents are those that the visitor sees, the newest first.
func (v *visit) incidents() []*status.Incident { return v.view.SeenIncidents(v.guest, v.now) }

// schedules are those that the visitor sees: not what is about nothing that they see.
func (v *visit) schedules() []*status.Schedule {
	var out []*status.Schedule
	for _, s := range v.view.Schedules {
		if v.sees(s) {
			out = append(out, s)
		}
	}
	return out
}

func (v *visit) sees(s *status.Schedule) bool {
	if !v.guest || len(s.Components) == 0 {
		return true
	}
	for _, a := range s.Components {
		if v.components()[a.Component] != nil {
			return true
		}
	}
	return false
}

// name is the title of a maintenance. One that followed from a silence is called by all its components, which are not all
// for everybody.
func (v *visit) name(s *status.Schedule) string {
	if !s.Follows {
		return s.Name
	}
	return v.lang.T("maintenance.of", "names", strings.Join(v.names(s.Components), ", "))
}

// names are what the components of something are called, as far as the visitor sees them.
func (v *visit) names(list []status.Affected) []string {
	var out []string
	for _, a := range list {
		if c := v.components()[a.Component]; c != nil {
			out = append(out, c.Name)
		}
	}
	return out
}

// title is what the page is called.
func (v *visit) title() string { return cmp.Or(v.view.Page.Title, v.lang.T("title")) }

// link is a relative address of something below the root.
func (v *visit) link(path string) string {
	if v.files {
		path = fileOf(path)
	}
	return v.root + path
}

// absolute is the address of something below the root for those who did not ask for it here.
func (v *visit) absolute(path string) string {
	if v.files {
		path = fileOf(path)
	}
	return v.origin + path
}
