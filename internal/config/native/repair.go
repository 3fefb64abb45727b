package native

import (
	"time"

	"orderly/internal/model"
)

// repairs is what a service says of how often rules may repair it.
type repairs struct {
	given  bool
	bounds *model.Repair // nil: as often as they want
}

// Words in the places of numbers and times.
const (
	noLimit = "no limit"

	maxRepairs = 1000
)

var repairFields = []field[model.Repair]{
	{"wait", func(d *decoder, it item, r *model.Repair) { r.Wait = d.duration(it, 0) }},
	{"at most", func(d *decoder, it item, r *model.Repair) { r.MaxWait = d.duration(it, 0) }},
	{"times", func(d *decoder, it item, r *model.Repair) { r.Times = d.limit(it) }},
	{"within", func(d *decoder, it item, r *model.Repair) { r.Within = d.duration(it, time.Second) }},
	{"retry", func(d *decoder, it item, r *model.Repair) {
		if r.Retry = 0; follow(it.value).Value != never {
			r.Retry = d.duration(it, time.Second)
		}
	}},
	{"rounds", func(d *decoder, it item, r *model.Repair) { r.Rounds = d.limit(it) }},
}

// limit reads a number, or that there is none, which is 0.
func (d *decoder) limit(it item) int {
	if follow(it.value).Value == noLimit {
		return 0
	}
	return d.number(it, 1, maxRepairs)
}

// read reads bounds; what is not said is as it is for units.
func (r *repairs) read(d *decoder, it item) {
	r.given = true
	if !isMapping(it) && !isNull(follow(it.value)) {
		d.choice(it, noLimit)
		return
	}
	r.bounds = model.DefaultRepair()
	readMap(d, it, "repair", repairFields, r.bounds)
	if r.bounds.MaxWait < r.bounds.Wait {
		d.errorf(d.span(it.key), "repair", `"wait" is longer than "at most", which is %s`, formatDuration(r.bounds.MaxWait))
	}
}

// addRepair writes how often rules may repair a service, where that is not what its kind has anyway.
func addRepair(n *node, s *model.Service) {
	usual := model.DefaultRepair()
	switch {
	case s.Repair == nil && s.Kind == model.KindUnit:
		n.text("repair", noLimit)
		return
	case s.Repair == nil || s.Kind == model.KindUnit && *s.Repair == *usual:
		return
	}
	bounds := newMap()
	for _, t := range []struct {
		key       string
		is, usual time.Duration
	}{
		{"wait", s.Repair.Wait, usual.Wait},
		{"at most", s.Repair.MaxWait, usual.MaxWait},
		{"within", s.Repair.Within, usual.Within},
	} {
		if t.is != t.usual {
			bounds.text(t.key, formatDuration(t.is))
		}
	}
	addLimit(bounds, "times", s.Repair.Times, usual.Times)
	switch {
	case s.Repair.Retry == usual.Retry:
	case s.Repair.Retry == 0:
		bounds.text("retry", never)
	default:
		bounds.text("retry", formatDuration(s.Repair.Retry))
	}
	addLimit(bounds, "rounds", s.Repair.Rounds, usual.Rounds)
	n.add("repair", bounds)
}

// addLimit writes a number where it is not the usual one.
func addLimit(n *node, key string, limit, usual int) {
	switch {
	case limit == usual:
	case limit == 0:
		n.text(key, noLimit)
	default:
		n.add(key, newInt(limit))
	}
}
