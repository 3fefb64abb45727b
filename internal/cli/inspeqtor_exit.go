package cli

import (
	"errors"
	"fmt"
)

// inspeqtorUsage is about how one of Inspeqtor's programs was called.
func inspeqtorUsage(name, format string, args ...any) error {
	return &exit{exitUsage, fmt.Sprintf(format, args...), fmt.Sprintf("`%s -h` tells how it is used", name)}
}

// endedAs tells of an error in the name of the program that stands where orderly was called; what is left is its status.
func (p *program) endedAs(name string, err error) error {
	stop := &exit{status: exitNo}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stop):
	default:
		stop.message = err.Error()
	}
	if stop.message != "" {
		complainLines(p.stderr, name+": "+stop.message, stop.hint)
	}
	return &exit{status: stop.status}
}
