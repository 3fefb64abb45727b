package engine

import (
	"slices"

	"orderly/internal/model"
)

// A step is one thing a plan does to one service.
type step struct {
	s    *service
	do   model.CommandKind
	keep bool // stop, but go on monitoring
	gate bool // must be well afterwards, or stopped if it is to be stopped: or the plan ends here
}

// capable tells whether there is anything to run at all. Without, a rule that restarts only tells.
func capable(s *model.Service, kind model.CommandKind) bool {
	switch {
	case s.Kind == model.KindUnit: // its init system does it
		return true
	case kind == model.CommandStart:
		return s.Start != nil
	case kind == model.CommandRestart:
		return s.Start != nil || s.Stop != nil || s.Restart != nil
	case kind == model.CommandReload:
		return s.Reload != nil
	}
	return true
}

// order computes what has to be done, in which order: to start, what the service needs comes first; to stop,
// what needs the service comes first.
func order(kind model.CommandKind, root *service) []step {
	var steps []step
	switch kind {
	case model.CommandStart:
		for _, p := range ancestors(root) {
			if !p.ready() {
				steps = append(steps, step{s: p, do: model.CommandStart, gate: true})
			}
		}
		steps = append(steps, step{s: root, do: model.CommandStart})
	case model.CommandStop:
		for _, c := range descendants(root) {
			steps = append(steps, step{s: c, do: model.CommandStop, gate: true})
		}
		steps = append(steps, step{s: root, do: model.CommandStop})
	case model.CommandRestart:
		var children []*service
		for _, c := range descendants(root) {
			if c.monitored {
				children = append(children, c)
				steps = append(steps, step{s: c, do: model.CommandStop, keep: true, gate: true})
			}
		}
		steps = append(steps, step{s: root, do: model.CommandRestart, gate: len(children) > 0})
		slices.Reverse(children)
		for _, c := range children {
			steps = append(steps, step{s: c, do: model.CommandStart})
		}
	case model.CommandReload:
		steps = append(steps, step{s: root, do: model.CommandReload})
	}
	return steps
}

// ancestors lists what s needs, directly or not, each before what needs it.
func ancestors(s *service) []*service {
	return reach(s, func(s *service) []*service { return s.parents })
}

// descendants lists what needs s, directly or not, each before what it needs.
func descendants(s *service) []*service {
	return reach(s, func(s *service) []*service { return s.children })
}

func reach(s *service, next func(*service) []*service) []*service {
	var out []*service
	seen := map[*service]bool{s: true}
	var visit func(*service)
	visit = func(s *service) {
		for _, n := range next(s) {
			if !seen[n] {
				seen[n] = true
				visit(n)
				out = append(out, n)
			}
		}
	}
	visit(s)
	return out
}
