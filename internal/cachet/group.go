package cachet

import (
	"cmp"
	"math"
	"slices"

	"orderly/internal/status"
)

// A group of components as version 1 shows it.
type group struct {
	ID         int64       `json:"id"`
	Name       string      `json:"name"`
	CreatedAt  string      `json:"created_at"`
	UpdatedAt  string      `json:"updated_at"`
	Order      int         `json:"order"`
	Collapsed  int         `json:"collapsed"`
	Visible    int         `json:"visible"`
	Components []component `json:"enabled_components"`
	Lowest     []component `json:"enabled_components_lowest"`
	LowestName *string     `json:"lowest_human_status"`
}

func (c *call) group(g *status.Group) group {
	members := c.members(g)
	out := group{
		ID: g.ID, Name: g.Name, CreatedAt: c.stamp(g.Created), UpdatedAt: c.stamp(g.Updated), Order: g.Order, Collapsed: int(g.Collapse),
		Visible: int(asInt(g.Visible)), Components: c.rendered(members),
	}
	slices.SortStableFunc(members, func(a, b *status.Component) int {
		return cmp.Compare(asInt(b.Health.Worse(a.Health)), asInt(a.Health.Worse(b.Health)))
	})
	out.Lowest = c.rendered(members)
	if h, ok := c.view.GroupHealth(g, c.guest()); ok {
		_, name := statusOf(h)
		out.LowestName = &name
	}
	return out
}

// members are the components of a group that whoever asks may see.
func (c *call) members(g *status.Group) []*status.Component {
	return slices.DeleteFunc(c.view.Members(g.ID), func(x *status.Component) bool { return c.guest() && x.Private })
}

func (c *call) rendered(list []*status.Component) []component {
	out := make([]component, len(list))
	for i, x := range list {
		out[i] = c.component(x)
	}
	return out
}

var groupColumns = []column[*status.Group]{
	columnInt("id", func(g *status.Group) int64 { return g.ID }),
	columnText("name", func(g *status.Group) string { return g.Name }),
	columnInt("order", func(g *status.Group) int64 { return int64(g.Order) }),
	columnInt("collapsed", func(g *status.Group) int64 { return int64(g.Collapse) }),
	columnInt("visible", func(g *status.Group) int64 { return asInt(g.Visible) }),
}

// groups are those that whoever asks may see, by their numbers.
func (c *call) groups() []*status.Group {
	return slices.DeleteFunc(slices.Clone(c.view.Groups), func(g *status.Group) bool { return c.guest() && !g.Visible })
}

func (c *call) listGroups() (any, error) {
	return paged(c, narrow(c.in, c.groups(), groupColumns), c.group)
}

func (c *call) seenGroup() (*status.Group, error) {
	g := c.view.Group(c.params[0])
	if g == nil || c.guest() && !g.Visible {
		return nil, status.ErrNotFound
	}
	return g, nil
}

func (c *call) getGroup() (any, error) {
	g, err := c.seenGroup()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.group(g)}, nil
}

func (c *call) addGroup() (any, error) {
	c.in.need("name")
	return c.wroteGroup(c.saveGroup(0))
}

func (c *call) putGroup() (any, error) { return c.wroteGroup(c.saveGroup(c.params[0])) }

func (c *call) saveGroup(id int64) (*status.Group, error) {
	in := c.in
	name, order := in.line("name"), number(in, "order", math.MinInt32, math.MaxInt32)
	collapsed, visible := number(in, "collapsed", status.CollapseNever, 4), in.flag("visible")
	if err := in.err(); err != nil {
		return nil, err
	}
	g, err := c.Book.SaveGroup(c.ctx, c.by(), id, func(g *status.Group) {
		set(&g.Name, name)
		set(&g.Order, order)
		set(&g.Collapse, collapsed)
		set(&g.Visible, visible)
	})
	c.wrote()
	return g, err
}

func (c *call) wroteGroup(g *status.Group, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return reply{Data: c.group(g)}, nil
}

func (c *call) deleteGroup() (any, error) {
	return nil, c.Book.DeleteGroup(c.ctx, c.by(), c.params[0])
}
