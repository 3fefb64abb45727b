package cachet

import (
	"encoding/json"
	"slices"

	"orderly/internal/status"
)

// incidentV3 is what version 3 tells of an incident.
type incidentV3 struct {
	ID            int64  `json:"id"`
	GUID          string `json:"guid"`
	Name          string `json:"name"`
	Message       string `json:"message"`
	PostMortem    string `json:"post_mortem,omitempty"` // which Cachet does not have
	ComponentID   *int64 `json:"component_id"`
	Visible       bool   `json:"visible"`
	Stickied      bool   `json:"stickied"`
	Notifications bool   `json:"notifications"`
	Status        state  `json:"status"`
	Occurred      moment `json:"occurred"`
	Published     moment `json:"published"`
	Created       moment `json:"created"`
	Updated       moment `json:"updated"`
}

// phaseV3 is a phase by its name in version 3.
func phaseV3(p status.Phase) state {
	if p == status.Reported {
		return state{"Unknown", int(p)}
	}
	return state{phaseName(p), int(p)}
}

func (c *call) incidentV3(i *status.Incident, b *bundle) resource {
	latest := i.Phase
	if updates := c.updates(i); len(updates) > 0 {
		latest = updates[0].Phase
	}
	of := incidentV3{
		ID: i.ID, GUID: i.GUID, Name: i.Name, Message: i.Message, PostMortem: i.PostMortem, Visible: i.Visible, Stickied: i.Sticky, Notifications: i.Notify,
		Status: phaseV3(latest), Occurred: c.moment(i.Occurred), Published: c.moment(i.Published), Created: c.moment(i.Created), Updated: c.moment(i.Updated),
	}
	if len(i.Components) > 0 && !c.hides(i.Components[0].Component) {
		of.ComponentID = &i.Components[0].Component
	}
	r := numbered(typeIncident, i.ID, of)
	b.many(&r, "components", func() []resource { return c.affectedV3(i.Components) })
	b.many(&r, "updates", func() (out []resource) {
		for _, u := range c.updates(i) {
			out = append(out, c.updateV3(u, typeIncident, i.ID))
		}
		return out
	})
	return r
}

func (c *call) affectedV3(list []status.Affected) (out []resource) {
	for _, a := range list {
		if x := c.view.Component(a.Component); x != nil && c.sees(x) {
			out = append(out, c.componentV3(x, &bundle{}))
		}
	}
	return out
}

var incidentColumnsV3 = slices.Concat(incidentColumns, []column[*status.Incident]{
	columnInt("created_at", func(i *status.Incident) int64 { return i.Created.UnixNano() }).sorted(),
	columnInt("updated_at", func(i *status.Incident) int64 { return i.Updated.UnixNano() }).sorted(),
})

func (c *call) listIncidentsV3() (any, error) {
	meta := func(i *status.Incident) json.RawMessage { return i.Meta }
	return pagedV3(c, narrowV3(c.in, c.incidents(), incidentColumnsV3, meta), c.incidentV3)
}

func (c *call) incidentDocument(i *status.Incident) document {
	return c.single(func(b *bundle) resource { return c.incidentV3(i, b) })
}

func (c *call) getIncidentV3() (any, error) {
	i, err := c.seenIncident()
	if err != nil {
		return nil, err
	}
	return c.incidentDocument(i), nil
}

func (c *call) addIncidentV3() (any, error) {
	i, err := c.openIncident()
	if err != nil {
		return nil, err
	}
	return created{c.incidentDocument(i)}, nil
}

func (c *call) putIncidentV3() (any, error) {
	i, err := c.changeIncident()
	if err != nil {
		return nil, err
	}
	return c.incidentDocument(i), nil
}

// templateV3 is what version 3 tells of a template of incidents.
type templateV3 struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Slug     string `json:"slug"`
	Template string `json:"template"`
	Engine   string `json:"engine"`
	Created  moment `json:"created"`
	Updated  moment `json:"updated"`
}

func (c *call) templateV3(t *status.Template, _ *bundle) resource {
	return numbered(typeTemplate, t.ID, templateV3{t.ID, t.Name, t.Slug, t.Text, "twig", c.moment(c.began), c.moment(c.began)})
}

func (c *call) listTemplatesV3() (any, error) {
	return pagedV3(c, narrowV3(c.in, c.view.Templates, templateColumns, nil), c.templateV3)
}

func (c *call) getTemplateV3() (any, error) {
	t, err := c.seenTemplate()
	if err != nil {
		return nil, err
	}
	return c.single(func(b *bundle) resource { return c.templateV3(t, b) }), nil
}
