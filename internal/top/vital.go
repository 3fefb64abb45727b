package top

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// A census is how many services there are, and how many in which state.
type census struct {
	all, failing, silenced int
	in                     map[model.ServiceState]int
}

func count(services []model.ServiceStatus) census {
	c := census{all: len(services), in: map[model.ServiceState]int{}}
	for i := range services {
		v := &services[i]
		c.in[v.State]++
		if v.Ails() {
			c.failing++
		}
		if v.Silenced != "" {
			c.silenced++
		}
	}
	return c
}

// verdict is how everything is, in a few words.
func (c census) verdict() (string, style) {
	switch {
	case c.failing == 1:
		return "1 service is failing", loud
	case c.failing > 1:
		return fmt.Sprintf("%d services are failing", c.failing), loud
	case c.in[model.StateActing] > 0:
		return "something is being done", "1;33"
	case c.in[model.StateUnknown] > 0:
		return "not everything can be judged", "1;33"
	case c.in[model.StateInitializing] > 0:
		return "looking at everything for the first time", bold
	case c.in[model.StateOK] == 0:
		return "nothing is watched", bold
	}
	return "all is well", "1;32"
}

// signs are the vital signs of the host; nil: there are none.
func (s *screen) signs() line {
	var out line
	add := func(word string, values ...string) {
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		if len(values) == 0 {
			return
		}
		gap := " "
		if out != nil {
			gap = "   "
		}
		out = append(out, cell{text: gap + word + " ", style: grey}, cell{text: strings.Join(values, " ")})
	}
	i := slices.IndexFunc(s.host.Services, func(v model.ServiceStatus) bool { return v.Kind == model.KindSystem && len(v.Values) > 0 })
	if i >= 0 {
		v := s.host.Services[i].Values
		add("load", v[model.Load1], v[model.Load5], v[model.Load15])
		add("cpu", v[model.CPU])
		add("memory", v[model.MemoryPercent])
		add("swap", v[model.SwapPercent])
	}
	if name, share := s.fullest(); name != "" {
		add(name, share)
	}
	return out
}

// fullest is the filesystem of which the largest share is used.
func (s *screen) fullest() (name, share string) {
	most := -1.0
	for i := range s.host.Services {
		v := &s.host.Services[i]
		text := v.Values[model.SpacePercent]
		if part, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64); err == nil && v.Kind == model.KindFilesystem && part > most {
			name, share, most = v.Name, text, part
		}
	}
	return name, share
}
