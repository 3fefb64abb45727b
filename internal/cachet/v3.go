package cachet

import (
	"cmp"
	"slices"

	"orderly/internal/status"
)

// versionOf3 is the version that Cachet 3 is told to be.
const versionOf3 = "3.0.0"

// nounsV3 are those that no other API has below the same paths.
var nounsV3 = []string{"ping", "version", "status", "component-groups", "incident-templates", "schedules", "subscribers"}

// routesV3 is the API of Cachet 3. Templates are read only, as they come from the configuration.
var routesV3 = table(v3, "/api", []route{
	{method: "GET", path: "/ping", need: general, do: (*call).ping},
	{method: "GET", path: "/version", need: general, do: (*call).versionV3},
	{method: "GET", path: "/status", need: general, do: (*call).statusV3},

	{method: "GET", path: "/components", need: public, do: (*call).listComponentsV3},
	{method: "POST", path: "/components", need: manage, do: (*call).addComponentV3},
	{method: "GET", path: "/components/{id}", need: public, do: (*call).getComponentV3},
	{method: "PUT", path: "/components/{id}", need: update, do: (*call).putComponentV3},
	{method: "PATCH", path: "/components/{id}", need: update, do: (*call).putComponentV3},
	{method: "DELETE", path: "/components/{id}", need: manage, do: (*call).deleteComponent},

	{method: "GET", path: "/component-groups", need: public, do: (*call).listGroupsV3},
	{method: "POST", path: "/component-groups", need: manage, do: (*call).addGroupV3},
	{method: "GET", path: "/component-groups/{id}", need: public, do: (*call).getGroupV3},
	{method: "PUT", path: "/component-groups/{id}", need: manage, do: (*call).putGroupV3},
	{method: "PATCH", path: "/component-groups/{id}", need: manage, do: (*call).putGroupV3},
	{method: "DELETE", path: "/component-groups/{id}", need: manage, do: (*call).deleteGroup},

	{method: "GET", path: "/incidents", need: public, do: (*call).listIncidentsV3},
	{method: "POST", path: "/incidents", need: update, do: (*call).addIncidentV3},
	{method: "GET", path: "/incidents/{id}", need: public, do: (*call).getIncidentV3},
	{method: "PUT", path: "/incidents/{id}", need: update, do: (*call).putIncidentV3},
	{method: "PATCH", path: "/incidents/{id}", need: update, do: (*call).putIncidentV3},
	{method: "DELETE", path: "/incidents/{id}", need: manage, do: (*call).deleteIncident},

	{method: "GET", path: "/incidents/{id}/updates", need: public, do: (*call).listUpdatesV3},
	{method: "POST", path: "/incidents/{id}/updates", need: update, do: (*call).addUpdateV3},
	{method: "GET", path: "/incidents/{id}/updates/{id}", need: public, do: (*call).getUpdateV3},
	{method: "PUT", path: "/incidents/{id}/updates/{id}", need: update, do: (*call).putUpdateV3},
	{method: "PATCH", path: "/incidents/{id}/updates/{id}", need: update, do: (*call).putUpdateV3},
	{method: "DELETE", path: "/incidents/{id}/updates/{id}", need: manage, do: (*call).deleteUpdate},

	{method: "GET", path: "/incident-templates", need: public, do: (*call).listTemplatesV3},
	{method: "GET", path: "/incident-templates/{id}", need: public, do: (*call).getTemplateV3},

	{method: "GET", path: "/metrics", need: public, do: (*call).listMetricsV3},
	{method: "POST", path: "/metrics", need: manage, do: (*call).addMetricV3},
	{method: "GET", path: "/metrics/{id}", need: public, do: (*call).getMetricV3},
	{method: "PUT", path: "/metrics/{id}", need: manage, do: (*call).putMetricV3},
	{method: "PATCH", path: "/metrics/{id}", need: manage, do: (*call).putMetricV3},
	{method: "DELETE", path: "/metrics/{id}", need: manage, do: (*call).deleteMetric},

	{method: "GET", path: "/metrics/{id}/points", need: public, do: (*call).listPointsV3},
	{method: "POST", path: "/metrics/{id}/points", need: update, do: (*call).addPointV3},
	{method: "GET", path: "/metrics/{id}/points/{id}", need: public, do: (*call).getPointV3},
	{method: "DELETE", path: "/metrics/{id}/points/{id}", need: manage, do: (*call).deletePoint},

	{method: "GET", path: "/schedules", need: public, do: (*call).listSchedulesV3},
	{method: "POST", path: "/schedules", need: manage, do: (*call).addScheduleV3},
	{method: "GET", path: "/schedules/{id}", need: public, do: (*call).getScheduleV3},
	{method: "PUT", path: "/schedules/{id}", need: manage, do: (*call).putScheduleV3},
	{method: "PATCH", path: "/schedules/{id}", need: manage, do: (*call).putScheduleV3},
	{method: "DELETE", path: "/schedules/{id}", need: manage, do: (*call).deleteSchedule},

	{method: "GET", path: "/schedules/{id}/updates", need: public, do: (*call).listScheduleUpdatesV3},
	{method: "POST", path: "/schedules/{id}/updates", need: manage, do: (*call).addScheduleUpdateV3},
	{method: "GET", path: "/schedules/{id}/updates/{id}", need: public, do: (*call).getScheduleUpdateV3},
	{method: "PUT", path: "/schedules/{id}/updates/{id}", need: manage, do: (*call).putScheduleUpdateV3},
	{method: "PATCH", path: "/schedules/{id}/updates/{id}", need: manage, do: (*call).putScheduleUpdateV3},
	{method: "DELETE", path: "/schedules/{id}/updates/{id}", need: manage, do: (*call).deleteScheduleUpdate},

	{method: "GET", path: "/subscribers", need: manage, do: (*call).listSubscribersV3},
	{method: "POST", path: "/subscribers", need: manage, do: (*call).addSubscriberV3},
	{method: "GET", path: "/subscribers/{id}", need: manage, do: (*call).getSubscriberV3},
	{method: "DELETE", path: "/subscribers/{id}", need: manage, do: (*call).deleteSubscriber},
})

func (c *call) versionV3() (any, error) {
	return reply{Data: map[string]string{"version": versionOf3}}, nil
}

// The words for how everything is, and how many per cent of major outages make one of the whole.
const (
	wordOperational = "operational"
	wordPartial     = "partial_outage"
	wordMajor       = "major_outage"
	wordMaintenance = "under_maintenance"

	majorPerCent = 25
)

func (c *call) statusV3() (any, error) {
	seen := c.view.Seen(c.guest())
	majors, under := 0, 0
	for _, x := range seen {
		majors += int(asInt(x.Health == status.Major))
		under += int(asInt(x.Health == status.Maintenance))
	}
	summary := c.view.Summary(c.guest(), c.now())
	word, message := wordPartial, summary.Message()
	switch {
	case majors > 0 && majors*100 >= majorPerCent*len(seen):
		word, message = wordMajor, status.Summary{Level: status.LevelDanger, Total: len(seen)}.Message()
	case summary.Level == status.LevelSuccess:
		word = wordOperational
	case under > 0 && summary.Worst == status.Maintenance && !slices.ContainsFunc(c.incidents(), (*status.Incident).Open):
		word = wordMaintenance
	}
	of := map[string]string{"name": c.view.Page.Title, "label": message, "status": word}
	return document{Data: resource{ID: "status", Type: "status", Attributes: of}}, nil
}

// problemV3 is an error as version 3 tells it.
type problemV3 struct {
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors,omitempty"`
}

func problem(text string, wrong faults) problemV3 {
	out := problemV3{Message: text}
	for _, f := range wrong {
		if out.Errors == nil {
			out.Errors = map[string][]string{}
		}
		name := cmp.Or(f.member, "request")
		out.Errors[name] = append(out.Errors[name], f.text)
	}
	return out
}
