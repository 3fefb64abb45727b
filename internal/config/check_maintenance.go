package config

import (
	"fmt"
	"slices"
	"strings"

	"orderly/internal/model"
)

// maintenances gives the services of maintenances the names as they are defined, and reports those that are not. Each has
// an ID of its own, whichever files they are from.
func (j *joiner) maintenances(incomplete bool) {
	groups := map[string]bool{}
	for _, s := range j.config.Services {
		for _, g := range s.Groups {
			groups[g] = true
		}
	}
	list := j.config.Settings.Maintenance
	for i := range list {
		m := &list[i]
		taken := func(id string) bool {
			return slices.ContainsFunc(list[:i], func(o model.Maintenance) bool { return o.ID == id })
		}
		for id, n := m.ID, 2; taken(m.ID); n++ {
			m.ID = fmt.Sprintf("%s-%d", id, n)
		}
		for n, name := range m.Services {
			on := j.known[strings.ToLower(name)]
			switch {
			case on != nil:
				m.Services[n] = on.Name
			case !incomplete:
				d := j.diags.Error(j.maintained[i], "config/service-unknown", "a maintenance is of %q, which is not defined", name)
				if near := j.nearest(name); near != "" {
					d.Hinted("did you mean %q?", near)
				}
			}
		}
		for _, g := range m.Groups {
			if !groups[g] && !incomplete {
				j.diags.Error(j.maintained[i], "config/group-unknown", "a maintenance is of the group %q, to which nothing belongs", g)
			}
		}
	}
}
