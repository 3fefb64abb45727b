package monit

import (
	"slices"

	"orderly/internal/model"
)

// Summary tells in a table how services are, in the order given, or by their types first.
func Summary(in Instance, services []model.Snapshot, byType bool) string {
	if byType {
		services = slices.Clone(services)
		slices.SortStableFunc(services, func(a, b model.Snapshot) int { return rank(a.Spec.Kind) - rank(b.Spec.Kind) })
	}
	table := Table{
		Columns: []Column{{Title: "Service Name", Width: 31}, {Title: "Status", Width: 26}, {Title: "Type", Width: 13}},
		Rows:    make([][]Cell, len(services)),
	}
	for i := range services {
		s := &services[i]
		table.Rows[i] = []Cell{{Text: s.Spec.Name}, {Words(s), ToneOf(s)}, {Text: TypeName(s.Spec.Kind)}}
	}
	return headline(in) + table.String()
}

// rank is the place of a kind among the others.
func rank(k model.Kind) int {
	for i, t := range types {
		if t.kind == k {
			return i
		}
	}
	return len(types)
}
