package public

import (
	"cmp"
	"encoding/json"
	"time"

	"orderly/internal/status"
)

// A summary is how everything is, for programs (P-219).
type summary struct {
	Page struct {
		Title   string    `json:"title"`
		URL     string    `json:"url"`
		Updated time.Time `json:"updated_at"`
	} `json:"page"`
	Status struct {
		Level  status.Level `json:"level"` // "success", "info", "danger"
		Worst  string       `json:"worst"` // of the components
		Text   string       `json:"text"`
		Stale  bool         `json:"stale,omitempty"` // it is as last seen: the page has lost its own network
		Counts countedState `json:"counts"`
	} `json:"status"`
	Groups     []summaryGroup     `json:"groups"`
	Components []summaryComponent `json:"components"`
	Incidents  []summaryIncident  `json:"incidents"`   // that are not over
	Schedules  []summarySchedule  `json:"maintenance"` // that goes on or is to come
}

// A countedState counts components by their state.
type countedState map[string]int

type summaryGroup struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
}

type summaryComponent struct {
	ID          int64              `json:"id"`
	Name        string             `json:"name"`
	Description string             `json:"description,omitempty"`
	Group       int64              `json:"group_id,omitempty"`
	Status      string             `json:"status"`
	Since       time.Time          `json:"since"`
	Uptime      map[string]float64 `json:"uptime,omitempty"` // share by span; a span that was not measured is missing
}

type summaryIncident struct {
	ID         int64           `json:"id"`
	Name       string          `json:"name"`
	Status     string          `json:"status"`
	URL        string          `json:"url"`
	Began      time.Time       `json:"began_at"`
	Components []int64         `json:"components"`
	Updates    []summaryUpdate `json:"updates"` // the newest first
}

type summaryUpdate struct {
	Status  string    `json:"status,omitempty"`
	Message string    `json:"message"` // Markdown
	At      time.Time `json:"at"`
}

type summarySchedule struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"`
	Status     string     `json:"status"`
	Message    string     `json:"message,omitempty"`
	URL        string     `json:"url"`
	From       time.Time  `json:"from"`
	Until      *time.Time `json:"until"`
	Components []int64    `json:"components"`
}

var healthWords = map[status.Health]string{
	status.Operational: "operational", status.Degraded: "degraded", status.Partial: "partial_outage", status.Major: "major_outage",
	status.Unknown: "unknown", status.Maintenance: "maintenance",
}

// guarded refuses who may not read what is for programs.
func (v *visit) guarded() error {
	if v.guest && v.view.Page.Guarded {
		return errLogin
	}
	return nil
}

// summary makes the summary in our own words.
func (s *Site) summary(v *visit) (*reply, error) {
	if err := v.guarded(); err != nil {
		return nil, err
	}
	sum := v.view.Summary(v.guest, v.now)
	out := summary{Groups: []summaryGroup{}, Components: []summaryComponent{}, Incidents: []summaryIncident{}, Schedules: []summarySchedule{}}
	out.Page.Title, out.Page.URL, out.Page.Updated = v.title(), v.origin, v.view.At.UTC()
	out.Status.Level, out.Status.Worst, out.Status.Text, out.Status.Stale = sum.Level, healthWords[sum.Worst], v.banner().Text, v.view.Isolated
	out.Status.Counts = countedState{}
	for _, g := range v.view.OrderedGroups(v.guest) {
		if health, some := v.view.GroupHealth(g, v.guest); some {
			out.Groups = append(out.Groups, summaryGroup{g.ID, g.Name, healthWords[health]})
		}
	}
	for _, c := range v.view.Seen(v.guest) {
		out.Status.Counts[healthWords[c.Health]]++
		out.Components = append(out.Components, summaryComponent{c.ID, c.Name, c.Description, c.Group, healthWords[c.Health], c.Since.UTC(), v.uptimes(c)})
	}
	for _, i := range v.incidents() {
		if i.Open() {
			out.Incidents = append(out.Incidents, v.summaryIncident(i))
		}
	}
	for _, m := range v.schedules() {
		if m.Stage != status.Complete {
			out.Schedules = append(out.Schedules, v.summarySchedule(m))
		}
	}
	return encoded("application/json; charset=utf-8", out)
}

// uptimes are the shares of the spans that uptime is told of.
func (v *visit) uptimes(c *status.Component) map[string]float64 {
	out := map[string]float64{}
	for _, s := range spans {
		t := v.tally(c, v.now.Add(-s.n), v.now)
		if up, measured := t.Uptime(); measured {
			out[s.key[len("span."):]] = up
		}
	}
	return out
}

func (v *visit) summaryIncident(i *status.Incident) summaryIncident {
	out := summaryIncident{i.ID, i.Name, i.Phase.String(), v.absolute(incidentPath(i.ID)), i.Occurred.UTC(), v.numbers(i.Components), []summaryUpdate{}}
	for _, u := range v.updates(i.Updates) {
		out.Updates = append(out.Updates, summaryUpdate{u.Phase.String(), u.Message, u.Created.UTC()})
	}
	if i.Message != "" {
		out.Updates = append(out.Updates, summaryUpdate{"", i.Message, i.Occurred.UTC()})
	}
	return out
}

func (v *visit) summarySchedule(m *status.Schedule) summarySchedule {
	out := summarySchedule{m.ID, v.name(m), m.Stage.String(), m.Message, v.absolute(schedulePath(m.ID)), begins(m).UTC(), nil, v.numbers(m.Components)}
	if end := ends(m); !end.IsZero() {
		end = end.UTC()
		out.Until = &end
	}
	return out
}

// numbers are those of the components of something that the visitor sees.
func (v *visit) numbers(list []status.Affected) []int64 {
	out := []int64{}
	for _, a := range list {
		if v.components()[a.Component] != nil {
			out = append(out, a.Component)
		}
	}
	return out
}

// metricData answers how a metric went as Cachet's pages ask for it: /metrics/1?filter=week (P-115).
func (s *Site) metricData(v *visit) (*reply, error) {
	id, err := v.number("id")
	m := v.view.Metric(id)
	if err != nil || m == nil || !v.seesMetric(m) {
		return nil, errNowhere
	}
	r, known := map[string]struct {
		span   time.Duration
		points int
		key    string
	}{
		"last_hour": {time.Hour, 60, "15:04"},
		"today":     {12 * time.Hour, 12, "15:04"},
		"week":      {7 * 24 * time.Hour, 7, "Jan 2"},
		"month":     {30 * 24 * time.Hour, 30, "Jan 2"},
	}[cmp.Or(v.asked.Get("filter"), [...]string{"last_hour", "today", "week", "month"}[min(max(int(m.Range), 0), 3)])]
	if !known {
		return nil, errNowhere
	}
	dots, err := v.dots(m, v.now.Add(-r.span), v.now, r.points)
	if err != nil {
		return nil, err
	}
	values := map[time.Time]float64{}
	for _, d := range dots {
		values[d.at] = d.value
	}
	items := ordered{}
	for n := range r.points {
		at := v.now.Add(-r.span).Add(time.Duration(n) * r.span / time.Duration(r.points))
		value, ok := values[at]
		if !ok {
			value = m.Default
		}
		items = append(items, pair{at.In(v.zone).Format(r.key), value})
	}
	type metric struct {
		ID          int64   `json:"id"`
		Name        string  `json:"name"`
		Suffix      string  `json:"suffix"`
		Description string  `json:"description"`
		Default     float64 `json:"default_value"`
		Calc        int     `json:"calc_type"`
		Places      int     `json:"places"`
		View        int     `json:"default_view"`
		Threshold   int     `json:"threshold"`
		Order       int     `json:"order"`
	}
	return encoded("application/json; charset=utf-8", map[string]any{"data": map[string]any{
		"metric": metric{m.ID, m.Name, m.Suffix, m.Description, m.Default, int(m.Calc), m.Places, int(m.Range), m.Threshold, m.Order},
		"items":  items,
	}})
}

// ordered is a JSON object whose members keep their order.
type ordered []pair

type pair struct {
	name  string
	value float64
}

// MarshalJSON writes the members in their order. Of members of the same name the last counts.
func (o ordered) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for n, p := range o {
		if n > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(p.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}
