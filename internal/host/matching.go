package host

import "orderly/internal/pattern"

// A Process is one that a pattern matches.
type Process struct {
	PID, Parent int
	Command     string // its command line, or its name if it has none
	Chosen      bool   // a service with this pattern would watch it
}

// Matching lists the processes whose command lines match an extended regular expression, this one left out, by number.
// The error tells what is wrong with the expression, or that processes cannot be listed.
func (h *Host) Matching(expression string) ([]Process, error) {
	re, err := pattern.Compile(expression)
	if err != nil {
		return nil, err
	}
	return h.matching(re)
}
