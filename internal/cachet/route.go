package cachet

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"orderly/internal/model"
	"orderly/internal/status"
)

// face is one of the APIs.
type face int

const (
	v1 face = iota
	legacy
	v3
)

// need is who may go a route: a scope, or one of those who need none.
type need string

const (
	general need = "general" // everybody, even where the API tells nothing without a login
	public  need = "public"
	read    need = need(model.ScopeRead)
	update  need = need(model.ScopeUpdate)
	manage  need = need(model.ScopeManage)
)

// A route is what one method does at one path. {id} is a number.
type route struct {
	method string
	path   string
	need   need
	do     func(*call) (any, error) // nil is no content
	face   face
	parts  []string
}

// routesV1 is all of version 1.
var routesV1 = table(v1, "/api/v1", []route{
	{method: "GET", path: "/ping", need: general, do: (*call).ping},
	{method: "GET", path: "/version", need: general, do: (*call).version},
	{method: "GET", path: "/status", need: general, do: (*call).status},

	{method: "GET", path: "/components", need: public, do: (*call).listComponents},
	{method: "POST", path: "/components", need: manage, do: (*call).addComponent},
	{method: "GET", path: "/components/{id}", need: public, do: (*call).getComponent},
	{method: "PUT", path: "/components/{id}", need: update, do: (*call).putComponent},
	{method: "DELETE", path: "/components/{id}", need: manage, do: (*call).deleteComponent},

	{method: "GET", path: "/components/groups", need: public, do: (*call).listGroups},
	{method: "POST", path: "/components/groups", need: manage, do: (*call).addGroup},
	{method: "GET", path: "/components/groups/{id}", need: public, do: (*call).getGroup},
	{method: "PUT", path: "/components/groups/{id}", need: manage, do: (*call).putGroup},
	{method: "DELETE", path: "/components/groups/{id}", need: manage, do: (*call).deleteGroup},

	{method: "GET", path: "/incidents", need: public, do: (*call).listIncidents},
	{method: "POST", path: "/incidents", need: update, do: (*call).addIncident},
	{method: "GET", path: "/incidents/{id}", need: public, do: (*call).getIncident},
	{method: "PUT", path: "/incidents/{id}", need: update, do: (*call).putIncident},
	{method: "DELETE", path: "/incidents/{id}", need: manage, do: (*call).deleteIncident},

	{method: "GET", path: "/incidents/templates", need: public, do: (*call).listTemplates},
	{method: "GET", path: "/incidents/templates/{id}", need: public, do: (*call).getTemplate},

	{method: "GET", path: "/incidents/{id}/updates", need: public, do: (*call).listUpdates},
	{method: "POST", path: "/incidents/{id}/updates", need: update, do: (*call).addUpdate},
	{method: "GET", path: "/incidents/{id}/updates/{id}", need: public, do: (*call).getUpdate},
	{method: "PUT", path: "/incidents/{id}/updates/{id}", need: update, do: (*call).putUpdate},
	{method: "DELETE", path: "/incidents/{id}/updates/{id}", need: manage, do: (*call).deleteUpdate},

	{method: "GET", path: "/metrics", need: public, do: (*call).listMetrics},
	{method: "POST", path: "/metrics", need: manage, do: (*call).addMetric},
	{method: "GET", path: "/metrics/{id}", need: public, do: (*call).getMetric},
	{method: "PUT", path: "/metrics/{id}", need: manage, do: (*call).putMetric},
	{method: "DELETE", path: "/metrics/{id}", need: manage, do: (*call).deleteMetric},

	{method: "GET", path: "/metrics/{id}/points", need: public, do: (*call).listPoints},
	{method: "POST", path: "/metrics/{id}/points", need: update, do: (*call).addPoint},
	{method: "PUT", path: "/metrics/{id}/points/{id}", need: manage, do: (*call).putPoint},
	{method: "DELETE", path: "/metrics/{id}/points/{id}", need: manage, do: (*call).deletePoint},

	{method: "GET", path: "/schedules", need: public, do: (*call).listSchedules},
	{method: "POST", path: "/schedules", need: manage, do: (*call).addSchedule},
	{method: "GET", path: "/schedules/{id}", need: public, do: (*call).getSchedule},
	{method: "PUT", path: "/schedules/{id}", need: manage, do: (*call).putSchedule},
	{method: "DELETE", path: "/schedules/{id}", need: manage, do: (*call).deleteSchedule},

	{method: "GET", path: "/subscribers", need: manage, do: (*call).listSubscribers},
	{method: "POST", path: "/subscribers", need: manage, do: (*call).addSubscriber},
	{method: "DELETE", path: "/subscribers/{id}", need: manage, do: (*call).deleteSubscriber},
	{method: "DELETE", path: "/subscriptions/{id}", need: manage, do: (*call).deleteSubscription},
})

// table completes routes of one API.
func table(f face, prefix string, routes []route) []route {
	for i := range routes {
		routes[i].face = f
		routes[i].parts = strings.Split(strings.TrimPrefix(prefix+routes[i].path, "/"), "/")
	}
	return routes
}

// find returns the route of a request and the numbers in its path. Methods are those that the path has, nil if there is no
// such path; the route does nothing if the request has another.
func find(r *http.Request) (found route, params []int64, methods []string) {
	parts := strings.Split(strings.TrimPrefix(strings.TrimSuffix(r.URL.Path, "/"), "/"), "/") // P-002
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, one := range routesOf(r, parts) {
		ids, ok := match(one.parts, parts)
		if !ok {
			continue
		}
		if methods = append(methods, one.method); one.method == method {
			return one, ids, methods
		}
		found.face, found.need = one.face, one.need
	}
	if len(methods) == 0 {
		found.face = faceOf(r, parts)
	}
	return found, nil, methods
}

// faceOf is the API that a request is meant for (P-161).
func faceOf(r *http.Request, parts []string) face {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case len(parts) > 1 && parts[1] == "v1":
		return v1
	case strings.Contains(strings.Join(r.Header.Values("Accept"), ","), kindAPI), strings.EqualFold(scheme, "Bearer"):
		return v3
	case len(parts) > 1 && slices.Contains(nounsV3, parts[1]):
		return v3
	}
	return legacy
}

func routesOf(r *http.Request, parts []string) []route {
	switch faceOf(r, parts) {
	case v1:
		return routesV1
	case legacy:
		return routesLegacy
	}
	return routesV3
}

// match compares a path with that of a route.
func match(pattern, parts []string) (ids []int64, ok bool) {
	if len(pattern) != len(parts) {
		return nil, false
	}
	for i, part := range parts {
		if pattern[i] == part {
			continue
		}
		id, err := strconv.ParseUint(part, 10, 63)
		if pattern[i] != "{id}" || err != nil || id == 0 {
			return nil, false
		}
		ids = append(ids, int64(id))
	}
	return ids, true
}

// membersOfComponent are what managers may set of a component, and others not (P-352).
var membersOfComponent = []string{"name", "description", "link", "order", "group_id", "component_group_id", "enabled", "meta", "tags"}

// refuseForbidden refuses members that are not for who may only tell how things are, before anything is done.
func (c *call) refuseForbidden(found route) error {
	if found.need != update || found.method == http.MethodPost || !slices.Contains(found.parts, "components") {
		return nil
	}
	if c.account.Scope != model.ScopeUpdate {
		return nil
	}
	if slices.ContainsFunc(membersOfComponent, c.in.has) {
		return status.ErrForbidden
	}
	return nil
}
