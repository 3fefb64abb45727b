package public

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"orderly/internal/status"
)

// A leaf is one file of a copy: what is found at a path, and who makes it.
type leaf struct {
	path   string
	make   maker
	of     audience
	values map[string]string
}

// Export hands over a copy of all that everybody may see, in files for any web server: put gets the name of each, with slashes,
// and what is in it. The first page comes last, so that it never leads to what is not there yet. An error of put ends it.
func (s *Site) Export(ctx context.Context, put func(name string, text []byte) error) error {
	view := s.Book.Read()
	for name, text := range s.files.All() {
		if err := put("assets/"+name, text); err != nil {
			return err
		}
	}
	for _, l := range s.leaves(view) {
		if err := ctx.Err(); err != nil {
			return err
		}
		made, err := l.make(s.copied(view, l))
		var missing *refusal
		if errors.As(err, &missing) {
			continue // as what needs a login
		}
		if err != nil {
			return err
		}
		if err := put(fileOf(l.path), made.body); err != nil {
			return err
		}
	}
	return nil
}

// copied is the visit of nobody in particular.
func (s *Site) copied(view *status.View, l leaf) *visit {
	return &visit{
		site: s, view: view, guest: true, audience: l.of, now: time.Now().Truncate(time.Minute), zone: zoneOf(view), lang: catalogue(view.Page.Language),
		path: l.path, values: l.values, root: root("/" + l.path), origin: public(view), files: true,
	}
}

// leaves are all files of a copy but those that never change.
func (s *Site) leaves(view *status.View) []leaf {
	var out []leaf
	add := func(path string, m maker, of audience, values ...string) {
		l := leaf{path, m, of, map[string]string{}}
		for n := 0; n+1 < len(values); n += 2 {
			l.values[values[n]] = values[n+1]
		}
		out = append(out, l)
	}
	v := s.copied(view, leaf{})
	feeds := map[string]maker{"atom": s.feed("atom"), "rss": s.feed("rss"), "feed.json": s.feed("feed.json")}
	for _, kind := range slices.Sorted(maps.Keys(feeds)) {
		add(kind, feeds[kind], forPrograms)
		for _, g := range view.OrderedGroups(true) {
			add(kind+"/"+text(g.ID), s.groupFeed(kind), forPrograms, "id", text(g.ID))
		}
	}
	for _, c := range view.Seen(true) {
		id := text(c.ID)
		at := componentPath(c.ID)
		add(at, s.component, forPeople, "id", id)
		add(at+"/shield", s.shield, forPrograms, "id", id)
		for _, kind := range slices.Sorted(maps.Keys(feeds)) {
			add(at+"/"+kind, s.componentFeed(kind), forPrograms, "id", id)
		}
		for _, badge := range []string{"status.svg", "status.json", "uptime.svg", "uptime.json"} {
			add("badge/"+id+"/"+badge, s.componentBadge, forPrograms, "id", id, "badge", badge)
		}
	}
	for _, i := range v.incidents() {
		add(incidentPath(i.ID), s.incident, forPeople, "id", text(i.ID))
	}
	for _, m := range v.schedules() {
		add(schedulePath(m.ID), s.schedule, forPeople, "id", text(m.ID))
	}
	for _, list := range []string{"status.json", "summary.json", "components.json", "incidents.json", "scheduled-maintenances.json"} {
		add("api/v2/"+list, s.statuspage, forPrograms, "list", list)
	}
	for _, name := range slices.Sorted(maps.Keys(iconColors)) {
		add("favicon/"+name+".svg", s.icon, forPrograms, "icon", name+".svg")
	}
	add("badge/status.svg", s.overallBadge, forPrograms, "badge", "status.svg")
	add("badge/status.json", s.overallBadge, forPrograms, "badge", "status.json")
	add("calendar.ics", s.calendar, forPrograms)
	add("summary.json", s.summary, forPrograms)
	add("export.csv", s.exportCSV, forPrograms)
	add("export.json", s.exportJSON, forPrograms)
	add("robots.txt", s.robots, forPrograms)
	add("logo", s.logo, forPrograms)
	add("own.css", s.ownStyle, forPrograms)
	add("embed", s.embed, forPeople)
	add("history", s.archive, forPeople)
	add("", s.home, forPeople)
	return out
}

// fileOf is the file of a copy that holds what is found at a path.
func fileOf(at string) string {
	kind, _, _ := strings.Cut(at, "/")
	switch name := path.Base(at); {
	case at == "":
		return "index.html"
	case name == "atom" || name == "rss" || kind == "atom" || kind == "rss":
		return at + ".xml"
	case kind == "feed.json" && name != kind:
		return "feed/" + name + ".json" // a file cannot be a directory as well
	case name == "shield":
		return at + ".svg"
	case path.Ext(name) != "" || name == "logo":
		return at
	}
	return at + ".html"
}
