package config

import (
	"strings"

	"orderly/internal/model"
)

// maintenances tells when nobody is told of which services, and what follows.
func (x *explainer) maintenances(list []model.Maintenance) {
	for i := range list {
		m := &list[i]
		of := model.Silence{Names: m.Services, Groups: m.Groups, All: m.All()}
		x.became("maintenance", "%s of %s, %s", m.ID, of.Whom(), comesAgain(m))
		done := "nobody is told, rules do as ever"
		if m.Hold {
			done = "nobody is told, rules do nothing"
		}
		if m.Reason != "" {
			done += ": " + m.Reason
		}
		x.became("", "%s", done)
		end := "what fails at the end is told then"
		if m.Settle > 0 {
			end = "what fails " + model.FormatSeconds(m.Settle.Seconds()) + " after the end is told then"
		}
		if m.Quiet {
			end = "what fails at the end is not told, until it is well and fails again"
		}
		x.became("", "%s", end)
	}
}

func comesAgain(m *model.Maintenance) string {
	if m.Cron == "" {
		return strings.Join(m.Hours, ", ")
	}
	zone := "this host"
	if m.Zone != "" {
		zone = m.Zone
	}
	return "when the time of " + zone + " is " + m.Cron + ", for " + model.FormatSeconds(m.For.Seconds())
}
