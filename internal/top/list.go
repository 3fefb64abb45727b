package top

import (
	"cmp"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"orderly/internal/model"
)

// A list says which services are shown, and which one is pointed at. That one is known by its name, because its place changes
// with its state.
type list struct {
	filter string
	typing bool  // the filter is being written
	shown  []int // places of services, in their order
	chosen string
	at     int // place of the chosen one in shown
	from   int // place in shown of the first on the screen
	names  int // width of the widest name, in columns
	states int // and of the widest word for a state
}

// arrange orders services, those that fail first, and shows those that are searched for.
func (l *list) arrange(services []model.ServiceStatus) {
	slices.SortStableFunc(services, func(a, b model.ServiceStatus) int {
		return cmp.Or(cmp.Compare(a.Rank(), b.Rank()), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	l.names, l.states = 0, 0
	for i := range services {
		word, _ := stateWord(&services[i])
		l.names = max(l.names, ansi.StringWidth(clean(services[i].Name)))
		l.states = max(l.states, len(word))
	}
	l.search(l.filter, services)
}

// search shows the services with all the words of a text.
func (l *list) search(text string, services []model.ServiceStatus) {
	l.filter, l.shown = text, nil
	words := strings.Fields(strings.ToLower(text))
	for i := range services {
		if len(words) == 0 || hasAll(digest(&services[i]), words) {
			l.shown = append(l.shown, i)
		}
	}
}

func hasAll(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// digest is what a service is found by.
func digest(s *model.ServiceStatus) string {
	word, _ := stateWord(s)
	about := append([]string{s.Name, word, string(s.State), string(s.Kind)}, s.Groups...)
	return strings.ToLower(strings.Join(about, "\n"))
}

// index is the place of the chosen one.
func (l *list) index(services []model.ServiceStatus) int {
	return slices.IndexFunc(l.shown, func(i int) bool { return services[i].Name == l.chosen })
}

// choose points at a place, or at the nearest there is.
func (l *list) choose(at int, services []model.ServiceStatus) {
	l.chosen = ""
	if at = max(0, min(at, len(l.shown)-1)); at < len(l.shown) {
		l.chosen = services[l.shown[at]].Name
	}
}

// follow keeps the chosen one among the rows on the screen. Where it is gone, its neighbour takes its place.
func (l *list) follow(services []model.ServiceStatus, rows int) {
	at := l.index(services)
	if at < 0 {
		l.choose(l.at, services)
		at = max(0, l.index(services))
	}
	l.at = at
	l.from = min(l.from, at, max(0, len(l.shown)-rows))
	l.from = max(l.from, at-rows+1, 0)
}
