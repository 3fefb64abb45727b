package cachet

import "orderly/internal/status"

// routesLegacy is the API of Cachet 0.1, which had no version in its paths. Its lists are all there is, without pages (P-142).
var routesLegacy = table(legacy, "/api", []route{
	{method: "GET", path: "/components", need: public, do: (*call).listComponentsLegacy},
	{method: "POST", path: "/components", need: manage, do: (*call).addComponentLegacy},
	{method: "GET", path: "/components/{id}", need: public, do: (*call).getComponentLegacy},
	{method: "PUT", path: "/components/{id}", need: update, do: (*call).putComponentLegacy},
	{method: "DELETE", path: "/components/{id}", need: manage, do: (*call).deleteComponent},

	{method: "GET", path: "/incidents", need: public, do: (*call).listIncidentsLegacy},
	{method: "POST", path: "/incidents", need: update, do: (*call).addIncidentLegacy},
	{method: "GET", path: "/incidents/{id}", need: public, do: (*call).getIncidentLegacy},
	{method: "PUT", path: "/incidents/{id}", need: update, do: (*call).putIncidentLegacy},
	{method: "DELETE", path: "/incidents/{id}", need: manage, do: (*call).deleteIncident},

	{method: "GET", path: "/metrics", need: public, do: (*call).listMetrics},
	{method: "GET", path: "/metrics/{id}", need: public, do: (*call).getMetric},
	{method: "GET", path: "/metrics/{id}/points", need: public, do: (*call).listPoints},
	{method: "POST", path: "/metrics/{id}/points", need: update, do: (*call).addPoint},
})

// componentLegacy is a component as that API shows it (P-140).
type componentLegacy struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	Description   string `json:"description"`
	StatusID      int    `json:"status_id"`
	Status        string `json:"status"`
	IncidentCount int    `json:"incident_count"`
	CreatedAt     int64  `json:"created_at"` // Unix seconds, as all times of this API
	UpdatedAt     int64  `json:"updated_at"`
}

func (c *call) componentLegacy(x *status.Component) componentLegacy {
	n, name := statusOf(x.Health)
	return componentLegacy{
		ID: x.ID, Name: x.Name, Description: x.Description, StatusID: n, Status: name, IncidentCount: c.count(x.ID),
		CreatedAt: x.Created.Unix(), UpdatedAt: x.Updated.Unix(),
	}
}

// count is of how many incidents a component is part, that whoever asks may see.
func (c *call) count(component int64) int {
	if c.told == nil {
		c.told = map[int64]int{}
		for _, i := range c.incidents() {
			for _, a := range i.Components {
				c.told[a.Component]++
			}
		}
	}
	return c.told[component]
}

func (c *call) listComponentsLegacy() (any, error) {
	out := []componentLegacy{}
	for _, x := range narrow(c.in, c.components(), componentColumns) {
		out = append(out, c.componentLegacy(x))
	}
	return reply{Data: out}, nil
}

func (c *call) getComponentLegacy() (any, error) {
	x, err := c.seenComponent()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.componentLegacy(x)}, nil
}

func (c *call) addComponentLegacy() (any, error) {
	c.in.need("name", "status")
	return c.saveComponentLegacy(0)
}

func (c *call) putComponentLegacy() (any, error) { return c.saveComponentLegacy(c.params[0]) }

func (c *call) saveComponentLegacy(id int64) (any, error) {
	x, err := c.saveComponent(id)
	if err != nil {
		return nil, err
	}
	return reply{Data: c.componentLegacy(x)}, nil
}

// incidentLegacy is an incident as that API shows it (P-141).
type incidentLegacy struct {
	ID        int64            `json:"id"`
	Name      string           `json:"name"`
	Message   string           `json:"message"`
	Status    int              `json:"status"`
	Human     string           `json:"human_status"`
	Component *componentLegacy `json:"component"`
	CreatedAt int64            `json:"created_at"`
	UpdatedAt int64            `json:"updated_at"`
}

func (c *call) incidentLegacy(i *status.Incident) incidentLegacy {
	out := incidentLegacy{
		ID: i.ID, Name: i.Name, Message: i.Message, Status: int(i.Phase), Human: phaseName(i.Phase), CreatedAt: i.Created.Unix(),
		UpdatedAt: i.Updated.Unix(),
	}
	for _, a := range i.Components {
		if x := c.view.Component(a.Component); x != nil && c.sees(x) {
			one := c.componentLegacy(x)
			out.Component = &one
			break
		}
	}
	return out
}

func (c *call) listIncidentsLegacy() (any, error) {
	out := []incidentLegacy{}
	for _, i := range narrow(c.in, c.incidents(), incidentColumns) {
		out = append(out, c.incidentLegacy(i))
	}
	return reply{Data: out}, nil
}

func (c *call) getIncidentLegacy() (any, error) {
	i, err := c.seenIncident()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.incidentLegacy(i)}, nil
}

func (c *call) addIncidentLegacy() (any, error) { return c.wroteIncidentLegacy(c.openIncident()) }

func (c *call) putIncidentLegacy() (any, error) { return c.wroteIncidentLegacy(c.changeIncident()) }

func (c *call) wroteIncidentLegacy(i *status.Incident, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return reply{Data: c.incidentLegacy(i)}, nil
}
