package native

import "orderly/internal/model"

// maxRetries bounds how often a check is made again before it counts.
const maxRetries = 10

// programKeys say how the result of a command is come by.
var programKeys = []field[service]{
	{"as shell", func(d *decoder, it item, s *service) { s.entry.AsShell, s.tried = d.boolean(it), it }},
	{"retries", func(d *decoder, it item, s *service) { s.retries, s.tried = d.number(it, 0, maxRetries), it }},
}

// checkProgram reports keys of a command where there is none.
func (s *service) checkProgram(d *decoder) {
	if s.tried.key != nil && s.entry.Kind != model.KindProgram {
		d.errorf(d.span(s.tried.key), "command", "only a command has %q", s.tried.name)
	}
}

// addProgramKeys writes how the result of a command is come by.
func addProgramKeys(n *node, s model.Subject) {
	n.flag("as shell", s.AsShell)
	if s.Retries > 0 {
		n.add("retries", newInt(s.Retries))
	}
}
