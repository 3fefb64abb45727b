package cachet

import (
	"encoding/json"
	"slices"

	"orderly/internal/status"
)

// componentV3 is what version 3 tells of a component.
type componentV3 struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Link        string          `json:"link"`
	Order       int             `json:"order"`
	Status      state           `json:"status"`
	Latest      state           `json:"latest_status"`
	Enabled     bool            `json:"enabled"`
	Meta        json.RawMessage `json:"meta"`
	Created     moment          `json:"created"`
	Updated     moment          `json:"updated"`
}

func (c *call) componentV3(x *status.Component, b *bundle) resource {
	r := numbered(typeComponent, x.ID, componentV3{
		ID: x.ID, Name: x.Name, Description: x.Description, Link: x.Link, Order: x.Order, Status: stateOf(x.Health), Latest: stateOf(x.Health),
		Enabled: x.Enabled, Meta: c.meta(x), Created: c.moment(x.Created), Updated: c.moment(x.Updated),
	})
	b.one(&r, "group", func() *resource {
		g := c.view.Group(x.Group)
		if g == nil || c.guest() && !g.Visible {
			return nil
		}
		one := c.groupV3(g, &bundle{})
		return &one
	})
	b.many(&r, "incidents", func() (out []resource) {
		for _, i := range c.incidents() {
			if slices.ContainsFunc(i.Components, func(a status.Affected) bool { return a.Component == x.ID }) {
				out = append(out, c.incidentV3(i, &bundle{}))
			}
		}
		return out
	})
	return r
}

var componentColumnsV3 = []column[*status.Component]{
	columnInt("id", func(x *status.Component) int64 { return x.ID }),
	columnText("name", func(x *status.Component) string { return x.Name }),
	columnInt("status", func(x *status.Component) int64 { return int64(x.Health) }),
	columnInt("order", func(x *status.Component) int64 { return int64(x.Order) }),
	columnInt("component_group_id", func(x *status.Component) int64 { return x.Group }),
	columnInt("enabled", func(x *status.Component) int64 { return asInt(x.Enabled) }),
	columnInt("created_at", func(x *status.Component) int64 { return x.Created.UnixNano() }).sorted(),
	columnInt("updated_at", func(x *status.Component) int64 { return x.Updated.UnixNano() }).sorted(),
}

func (c *call) listComponentsV3() (any, error) {
	return pagedV3(c, narrowV3(c.in, c.components(), componentColumnsV3, c.meta), c.componentV3)
}

func (c *call) componentDocument(x *status.Component) document {
	return c.single(func(b *bundle) resource { return c.componentV3(x, b) })
}

func (c *call) getComponentV3() (any, error) {
	x, err := c.seenComponent()
	if err != nil {
		return nil, err
	}
	return c.componentDocument(x), nil
}

func (c *call) addComponentV3() (any, error) {
	c.in.need("name")
	x, err := c.saveComponent(0)
	if err != nil {
		return nil, err
	}
	return created{c.componentDocument(x)}, nil
}

func (c *call) putComponentV3() (any, error) {
	x, err := c.saveComponent(c.params[0])
	if err != nil {
		return nil, err
	}
	return c.componentDocument(x), nil
}

// groupV3 is what version 3 tells of a group.
type groupV3 struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Order     int    `json:"order"`
	Collapsed int    `json:"collapsed"`
	Visible   int    `json:"visible"`
	Created   moment `json:"created"`
	Updated   moment `json:"updated"`
}

func (c *call) groupV3(g *status.Group, b *bundle) resource {
	r := numbered(typeGroup, g.ID, groupV3{
		ID: g.ID, Name: g.Name, Order: g.Order, Collapsed: int(min(g.Collapse, status.CollapseWell)), Visible: int(asInt(g.Visible)),
		Created: c.moment(g.Created), Updated: c.moment(g.Updated),
	})
	b.many(&r, "components", func() (out []resource) {
		for _, x := range c.members(g) {
			out = append(out, c.componentV3(x, &bundle{}))
		}
		return out
	})
	return r
}

func (c *call) listGroupsV3() (any, error) {
	return pagedV3(c, narrowV3(c.in, c.groups(), groupColumns, nil), c.groupV3)
}

func (c *call) groupDocument(g *status.Group) document {
	return c.single(func(b *bundle) resource { return c.groupV3(g, b) })
}

func (c *call) getGroupV3() (any, error) {
	g, err := c.seenGroup()
	if err != nil {
		return nil, err
	}
	return c.groupDocument(g), nil
}

func (c *call) addGroupV3() (any, error) {
	c.in.need("name")
	g, err := c.saveGroup(0)
	if err != nil {
		return nil, err
	}
	return created{c.groupDocument(g)}, nil
}

func (c *call) putGroupV3() (any, error) {
	g, err := c.saveGroup(c.params[0])
	if err != nil {
		return nil, err
	}
	return c.groupDocument(g), nil
}
