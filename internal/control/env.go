package control

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"orderly/internal/child"
	"orderly/internal/model"
)

// Facts are what programs are told of a service.
type Facts struct {
	PID           int     // -1: unknown
	MemoryKiB     int     // 0: unknown
	Children      int     // -1: unknown
	CPUPercent    float64 // -1: unknown
	ProgramStatus int     // of the last run of a check program
}

// Unknown are the facts of a service that was not measured yet.
var Unknown = Facts{PID: -1, Children: -1, CPUPercent: -1}

// dateLayout is Monit's: local time, no zone.
const dateLayout = "Mon, 02 Jan 2006 15:04:05"

// methodVariables are what start, stop and restart programs get.
func (c *Controller) methodVariables(j *job) []string {
	return c.variables(j.service, j.event, j.method.event, j.method.event)
}

// execVariables are what programs get that an event calls for.
func (c *Controller) execVariables(s *model.Service, ev model.Event) []string {
	return c.variables(s, ev, ev.Topic.EventText(ev.Kind), ev.Text)
}

// checkVariables are what check programs get.
func (c *Controller) checkVariables(s *model.Service) []string {
	return []string{child.Marker(c.Instance), "MONIT_SERVICE=" + s.Name}
}

func (c *Controller) variables(s *model.Service, ev model.Event, event, description string) []string {
	at := ev.At
	if at.IsZero() {
		at = time.Now()
	}
	out := []string{
		"MONIT_SERVICE=" + s.Name,
		"MONIT_DATE=" + at.Local().Format(dateLayout),
		"MONIT_HOST=" + cmp.Or(ev.Host, c.Host),
		"MONIT_EVENT=" + event,
		"MONIT_DESCRIPTION=" + noZero(description),
	}
	switch s.Kind {
	case model.KindProcess, model.KindUnit:
		f := c.Facts(s)
		out = append(out,
			"MONIT_PROCESS_PID="+strconv.Itoa(f.PID),
			"MONIT_PROCESS_MEMORY="+strconv.Itoa(f.MemoryKiB),
			"MONIT_PROCESS_CHILDREN="+strconv.Itoa(f.Children),
			fmt.Sprintf("MONIT_PROCESS_CPU_PERCENT=%.1f", f.CPUPercent))
	case model.KindProgram:
		out = append(out, "MONIT_PROGRAM_STATUS="+strconv.Itoa(c.Facts(s).ProgramStatus))
	}
	return out
}

// noZero drops what no environment can hold; descriptions quote what others wrote.
func noZero(s string) string { return strings.ReplaceAll(s, "\x00", "") }

// merge is an environment with some variables added or replaced.
func merge(base, variables []string) []string {
	replaced := make(map[string]bool, len(variables))
	for _, v := range variables {
		replaced[key(v)] = true
	}
	out := make([]string, 0, len(base)+len(variables))
	for _, v := range base {
		if !replaced[key(v)] {
			out = append(out, v)
		}
	}
	return append(out, variables...)
}

func key(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}
