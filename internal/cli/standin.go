package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"orderly/internal/daemon"
)

// standIn does what the command line of another program asks for, in whose place orderly was called. The command line
// has been read; err is what came of that.
func (p *program) standIn(name, help string, err error, run func() error) error {
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = fmt.Fprint(p.stdout, help)
		return nil
	case err == nil:
		err = run()
	}
	return p.endedAs(name, err)
}

// watch runs the daemon that another program would be. What is wrong with its files was printed when it returns.
func (p *program) watch(ctx context.Context, o daemon.Options) error {
	return printed(p.daemon(ctx, o))
}

// printed leaves out of an error what was printed already.
func printed(err error) error {
	if errors.Is(err, daemon.ErrConfig) {
		return errNo
	}
	return err
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

// misuse is about how such a program was called.
func misuse(name, format string, args ...any) error {
	return &exit{exitUsage, fmt.Sprintf(format, args...), fmt.Sprintf("`%s -h` tells how it is used", name)}
}

// quietFlags are options with one dash; what is wrong with them is told by whoever reads them.
func quietFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// badFlag is the error of flags that cannot be read; that help is asked for stays what it is.
func badFlag(name string, err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return misuse(name, "%v", err)
}
