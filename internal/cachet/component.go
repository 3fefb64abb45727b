package cachet

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"orderly/internal/status"
)

// A component as version 1 shows it.
type component struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Link        string          `json:"link"`
	Status      int             `json:"status"`
	Order       int             `json:"order"`
	GroupID     int64           `json:"group_id"`
	Enabled     bool            `json:"enabled"`
	Meta        json.RawMessage `json:"meta"`
	CreatedAt   string          `json:"created_at"`
	UpdatedAt   string          `json:"updated_at"`
	DeletedAt   *string         `json:"deleted_at"`
	StatusName  string          `json:"status_name"`
	Tags        tags            `json:"tags"`
}

// tags are names by their slugs; none of them are an empty list (P-032).
type tags []string

// MarshalJSON keeps their order.
func (t tags) MarshalJSON() ([]byte, error) {
	if len(t) == 0 {
		return []byte("[]"), nil
	}
	var b strings.Builder
	for i, name := range t {
		b.WriteByte("{,"[min(i, 1)])
		for n, text := range []string{status.Slug(name), name} {
			data, err := json.Marshal(text)
			if err != nil {
				return nil, err
			}
			b.WriteString([]string{"", ":"}[n])
			b.Write(data)
		}
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

// statusOf is a health by the number and the name of version 1, which knows nothing above 4 (P-163).
func statusOf(h status.Health) (int, string) {
	switch h {
	case status.Operational:
		return 1, "Operational"
	case status.Degraded:
		return 2, "Performance Issues"
	case status.Maintenance:
		return 2, "Under Maintenance"
	case status.Partial:
		return 3, "Partial Outage"
	case status.Major:
		return 4, "Major Outage"
	}
	return 0, "Unknown"
}

// health is a member that is a status of a component.
func (in *input) health(name string) *status.Health {
	if in.face == v3 {
		return number(in, name, status.Operational, status.Maintenance)
	}
	n := number(in, name, 0, 4) // P-067
	if n == nil {
		return nil
	}
	h := status.Health(*n)
	if h == 0 {
		h = status.Unknown
	}
	return &h
}

func (c *call) component(x *status.Component) component {
	n, name := statusOf(x.Health)
	return component{
		ID: x.ID, Name: x.Name, Description: x.Description, Link: x.Link, Status: n, Order: x.Order, GroupID: x.Group, Enabled: x.Enabled,
		Meta: c.meta(x), CreatedAt: c.stamp(x.Created), UpdatedAt: c.stamp(x.Updated), StatusName: name, Tags: tags(c.tags(x)),
	}
}

// meta is what is noted with a component. Which service it is, of which host, is for who has logged in (P-235).
func (c *call) meta(x *status.Component) json.RawMessage {
	var members map[string]json.RawMessage
	if !c.guest() || json.Unmarshal(x.Meta, &members) != nil || members["orderly"] == nil {
		return x.Meta
	}
	delete(members, "orderly")
	rest, err := json.Marshal(members)
	if err != nil || len(members) == 0 {
		return nil
	}
	return rest
}

// tags are those of a component, without names of hosts for who has not logged in.
func (c *call) tags(x *status.Component) []string {
	if !c.guest() {
		return x.Tags
	}
	return slices.DeleteFunc(slices.Clone(x.Tags), func(tag string) bool {
		return tag == c.view.Host || slices.ContainsFunc(x.Checks, func(k status.Check) bool { return tag == k.Host })
	})
}

var componentColumns = []column[*status.Component]{
	columnInt("id", func(x *status.Component) int64 { return x.ID }),
	columnText("name", func(x *status.Component) string { return x.Name }),
	columnInt("status", func(x *status.Component) int64 { n, _ := statusOf(x.Health); return int64(n) }),
	columnInt("order", func(x *status.Component) int64 { return int64(x.Order) }).sorted(),
	columnInt("group_id", func(x *status.Component) int64 { return x.Group }),
	columnInt("enabled", func(x *status.Component) int64 { return asInt(x.Enabled) }),
}

// components are those that whoever asks may see, by their numbers (P-060).
func (c *call) components() []*status.Component {
	if !c.guest() {
		return c.view.Components
	}
	seen := c.view.Seen(true)
	slices.SortFunc(seen, func(a, b *status.Component) int { return int(a.ID - b.ID) })
	return seen
}

func (c *call) listComponents() (any, error) {
	all := c.components()
	if want := c.in.texts("tags"); want != nil { // P-042
		all = slices.DeleteFunc(slices.Clone(all), func(x *status.Component) bool {
			return !slices.ContainsFunc(c.tags(x), func(tag string) bool { return slices.Contains(*want, status.Slug(tag)) })
		})
	}
	return paged(c, narrow(c.in, all, componentColumns), c.component)
}

// seenComponent finds one that whoever asks may see: a disabled one is for everybody who knows its number (P-061), but
// what is private is not, nor what is in a group that is not for everybody.
func (c *call) seenComponent() (*status.Component, error) {
	x := c.view.Component(c.params[0])
	if x == nil || !c.sees(x) {
		return nil, status.ErrNotFound
	}
	return x, nil
}

func (c *call) sees(x *status.Component) bool {
	g := c.view.Group(x.Group)
	return !c.guest() || !x.Private && (g == nil || g.Visible)
}

// hides tells whether a component is not for whoever asks. One that is gone is.
func (c *call) hides(id int64) bool {
	x := c.view.Component(id)
	return x != nil && !c.sees(x)
}

func (c *call) getComponent() (any, error) {
	x, err := c.seenComponent()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.component(x)}, nil
}

func (c *call) addComponent() (any, error) {
	c.in.need("name", "status")
	x, err := c.saveComponent(0)
	if err != nil {
		return nil, err
	}
	return reply{Data: c.component(x)}, nil
}

func (c *call) putComponent() (any, error) {
	x, err := c.saveComponent(c.params[0])
	if err != nil {
		return nil, err
	}
	return reply{Data: c.component(x)}, nil
}

// saveComponent changes what a request says of a component, or adds one.
func (c *call) saveComponent(id int64) (*status.Component, error) {
	in := c.in
	name, description, link := in.line("name"), in.text("description"), in.line("link")
	order, group := number(in, "order", math.MinInt32, math.MaxInt32), in.id(c.groupMember())
	enabled, silent, meta, tags := in.flag("enabled"), in.flag("silent"), in.object("meta"), in.texts("tags")
	health, until := in.health("status"), in.time("until", c.zone)
	if err := in.err(); err != nil {
		return nil, err
	}
	how := status.How{}
	set(&how.Silent, silent)
	if health != nil {
		set(&how.Until, until)
	}
	x, err := c.Book.SaveComponent(c.ctx, c.by(), id, how, func(x *status.Component) {
		set(&x.Name, name)
		set(&x.Description, description)
		set(&x.Link, link)
		set(&x.Order, order)
		set(&x.Group, group)
		set(&x.Enabled, enabled)
		set(&x.Meta, meta)
		set(&x.Tags, tags)
		if shown, _ := statusOf(x.Health); c.face == v3 || id == 0 || health == nil || int(*health) != shown {
			set(&x.Health, health)
		} // else it is as it was shown, perhaps under maintenance, which version 1 has no number for
	})
	c.wrote()
	return x, err
}

// groupMember is what the member is called that has the number of a group.
func (c *call) groupMember() string {
	if c.face == v3 {
		return "component_group_id"
	}
	return "group_id"
}

func (c *call) deleteComponent() (any, error) {
	return nil, c.Book.DeleteComponent(c.ctx, c.by(), c.params[0])
}
