package cachet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/status"
)

// A document is an answer of version 3, as JSON:API has it.
type document struct {
	Data     any        `json:"data"`
	Included []resource `json:"included,omitempty"`
	Links    *linksV3   `json:"links,omitempty"`
	Meta     *metaV3    `json:"meta,omitempty"`
}

// A resource is one thing in a document.
type resource struct {
	ID            string              `json:"id"`
	Type          string              `json:"type"`
	Attributes    any                 `json:"attributes"`
	Relationships map[string]relation `json:"relationships,omitempty"`
}

// A relation names other resources: one, a list of them, or nil.
type relation struct {
	Data any `json:"data"`
}

type reference struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type linksV3 struct {
	First *string `json:"first"`
	Last  *string `json:"last"`
	Prev  *string `json:"prev"`
	Next  *string `json:"next"`
}

type metaV3 struct {
	CurrentPage int    `json:"current_page"`
	From        *int   `json:"from"`
	Path        string `json:"path"`
	PerPage     int    `json:"per_page"`
	To          *int   `json:"to"`
}

// Bounds of a page of a list in version 3.
const (
	defaultPerPageV3 = 15
	maxPerPageV3     = 100
)

func numbered(kind string, id int64, attributes any) resource {
	return resource{ID: strconv.FormatInt(id, 10), Type: kind, Attributes: attributes}
}

// A bundle is resources with others that they name, for one document.
type bundle struct {
	wanted   []string // relations that the request wants
	included []resource
}

// bundle is what a request wants to be in the same document.
func (c *call) bundle() *bundle {
	text, _ := c.in.members["include"].(string)
	return &bundle{wanted: strings.Split(text, ",")}
}

// one relates a resource to another, nil for none, if the request wants that.
func (b *bundle) one(r *resource, name string, other func() *resource) {
	if !slices.Contains(b.wanted, name) {
		return
	}
	var data any
	if o := other(); o != nil {
		data = b.include(*o)
	}
	b.relate(r, name, data)
}

// many relates a resource to others.
func (b *bundle) many(r *resource, name string, others func() []resource) {
	if !slices.Contains(b.wanted, name) {
		return
	}
	data := []reference{}
	for _, o := range others() {
		data = append(data, b.include(o))
	}
	b.relate(r, name, data)
}

func (b *bundle) relate(r *resource, name string, data any) {
	if r.Relationships == nil {
		r.Relationships = map[string]relation{}
	}
	r.Relationships[name] = relation{data}
}

func (b *bundle) include(o resource) reference {
	if !slices.ContainsFunc(b.included, func(i resource) bool { return i.ID == o.ID && i.Type == o.Type }) {
		b.included = append(b.included, o)
	}
	return reference{o.ID, o.Type}
}

// single answers with one resource.
func (c *call) single(render func(*bundle) resource) document {
	b := c.bundle()
	data := render(b)
	return document{Data: data, Included: b.included}
}

// pagedV3 answers with the page of a list that a request wants.
func pagedV3[T any](c *call, all []T, render func(T, *bundle) resource) (any, error) {
	per, page := c.in.count("per_page", defaultPerPageV3, maxPerPageV3), c.in.count("page", 1, 1<<31)
	from, to := cut(len(all), page, per)
	b, data := c.bundle(), []resource{}
	for _, t := range all[from:to] {
		data = append(data, render(t, b))
	}
	out := document{Data: data, Included: b.included, Links: &linksV3{First: c.pageLink("page", 1)}}
	out.Meta = &metaV3{CurrentPage: page, Path: c.host() + c.r.URL.EscapedPath(), PerPage: per}
	if to > from {
		first := from + 1
		out.Meta.From, out.Meta.To = &first, &to
	}
	if page > 1 {
		out.Links.Prev = c.pageLink("page", page-1)
	}
	if to < len(all) {
		out.Links.Next = c.pageLink("page", page+1)
	}
	return out, nil
}

// narrowV3 leaves what filter[NAME]= asks for, sorted by sort=NAME or sort=-NAME.
func narrowV3[T any](in *input, all []T, columns []column[T], meta func(T) json.RawMessage) []T {
	out := slices.Clone(all)
	filters, _ := in.members["filter"].(map[string]any)
	for _, col := range columns {
		if want, ok := filters[col.name].(string); ok {
			out = slices.DeleteFunc(out, func(t T) bool { return !col.is(t, want) })
		}
	}
	if wanted, ok := filters["meta"].(map[string]any); ok && meta != nil {
		out = slices.DeleteFunc(out, func(t T) bool { return !hasMeta(meta(t), wanted) })
	}
	by, _ := in.members["sort"].(string)
	name, down := strings.CutPrefix(by, "-")
	return arrange(out, columns, name, down)
}

// hasMeta tells whether members of an object have these values.
func hasMeta(data json.RawMessage, want map[string]any) bool {
	var members map[string]any
	if decodeNumbers(data, &members) != nil {
		return false
	}
	for name, value := range want {
		if text, ok := value.(string); !ok || members[name] == nil || fmt.Sprint(members[name]) != text {
			return false
		}
	}
	return true
}

func decodeNumbers(data []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	return d.Decode(into)
}

// A moment is a time in words and in digits, both null without one.
type moment struct {
	Human  *string `json:"human"`
	String *string `json:"string"`
}

func (c *call) moment(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	human, text := ago(c.now().Sub(t)), c.stamp(t)
	return moment{&human, &text}
}

// ago is how long ago something was, or how soon it is, in words.
func ago(d time.Duration) string {
	left := max(d, -d)
	word, n := "second", max(1, int(left/time.Second))
	for _, unit := range []struct {
		word string
		of   time.Duration
	}{
		{"minute", time.Minute},
		{"hour", time.Hour},
		{"day", 24 * time.Hour},
		{"week", 7 * 24 * time.Hour},
		{"month", 30 * 24 * time.Hour},
		{"year", 365 * 24 * time.Hour},
	} {
		if left >= unit.of {
			word, n = unit.word, int(left/unit.of)
		}
	}
	if n != 1 {
		word += "s"
	}
	if d < 0 {
		return fmt.Sprintf("%d %s from now", n, word)
	}
	return fmt.Sprintf("%d %s ago", n, word)
}

// A state is a number with its name.
type state struct {
	Human string `json:"human"`
	Value int    `json:"value"`
}

// stateOf is how a component is, in which this version has numbers for everything.
func stateOf(h status.Health) state {
	_, name := statusOf(h)
	return state{name, int(h)}
}

// The types of resources.
const (
	typeComponent  = "components"
	typeGroup      = "componentGroups"
	typeIncident   = "incidents"
	typeUpdate     = "updates"
	typeTemplate   = "incidentTemplates"
	typeMetric     = "metrics"
	typePoint      = "metricPoints"
	typeSchedule   = "schedules"
	typeSubscriber = "subscribers"
)
