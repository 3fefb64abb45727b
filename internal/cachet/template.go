package cachet

import (
	"maps"

	"orderly/internal/status"
)

// A template of incidents as version 1 shows it. It is as old as the configuration, which is not known.
type template struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Slug      string `json:"slug"`
	Text      string `json:"template"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
}

func (c *call) template(t *status.Template) template {
	return template{t.ID, t.Name, t.Slug, t.Text, c.stamp(c.began), c.stamp(c.began)}
}

var templateColumns = []column[*status.Template]{
	columnInt("id", func(t *status.Template) int64 { return t.ID }).sorted(),
	columnText("name", func(t *status.Template) string { return t.Name }).sorted(),
	columnText("slug", func(t *status.Template) string { return t.Slug }).sorted(),
}

func (c *call) listTemplates() (any, error) {
	return paged(c, narrow(c.in, c.view.Templates, templateColumns), c.template)
}

func (c *call) seenTemplate() (*status.Template, error) {
	for _, t := range c.view.Templates {
		if t.ID == c.params[0] {
			return t, nil
		}
	}
	return nil, status.ErrNotFound
}

func (c *call) getTemplate() (any, error) {
	t, err := c.seenTemplate()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.template(t)}, nil
}

// fillIn is the message that a template makes of what a request says and of the incident as it will be.
func (c *call) fillIn(slug string, i *status.Incident) *string {
	t := c.view.Template(slug)
	if t == nil {
		c.in.fault("template", "must be the slug of one of the templates")
		return nil
	}
	vars := map[string]any{}
	for _, name := range []string{"template_vars", "vars"} {
		switch given := c.in.members[name].(type) {
		case map[string]any:
			maps.Copy(vars, given)
		case nil, []any: // none, as PHP writes that
		default:
			c.in.fault(name, "must be an object")
		}
	}
	of := map[string]any{
		"name": i.Name, "status": int(i.Phase), "message": i.Message, "visible": i.Visible, "notify": i.Notify, "stickied": i.Sticky,
		"occurred_at": c.stamp(i.Occurred),
	}
	if len(i.Components) > 0 {
		if x := c.view.Component(i.Components[0].Component); x != nil {
			of["component"] = map[string]any{"id": int(x.ID), "name": x.Name, "description": x.Description, "link": x.Link}
		}
		n, _ := statusOf(i.Components[0].Health)
		of["component_status"] = n
	}
	vars["incident"] = of
	text, err := t.Render(vars)
	if err != nil {
		c.in.fault("template", "cannot be filled in with these vars")
		return nil
	}
	return &text
}
