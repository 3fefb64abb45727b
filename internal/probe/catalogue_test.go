package probe

import (
	"slices"
	"strings"
)

// Protocols returns the catalogue in the order of names.
func Protocols() []Protocol {
	return slices.SortedFunc(slices.Values(catalogue), func(a, b Protocol) int { return strings.Compare(a.Name, b.Name) })
}
