package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/diag"
)

// The exit statuses of the contract.
const (
	exitDone        = 0
	exitNo          = 1
	exitUsage       = 2
	exitUnreachable = 3
)

// An exit is an error that decides the exit status.
type exit struct {
	status  int
	message string // "" when everything was said on stdout
	hint    string
}

func (e *exit) Error() string { return e.message }

// errNo ends a command whose answer, printed already, is no.
var errNo error = &exit{status: exitNo}

// report tells of an error on stderr and returns the exit status.
func (p *program) report(err error) int {
	var stop *exit
	var gone *client.Unreachable
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &stop):
		complain(p.stderr, stop.message, stop.hint)
		return stop.status
	case errors.As(err, &gone):
		complain(p.stderr, gone.Why, gone.Hint)
		return exitUnreachable
	case errors.Is(err, context.Canceled):
		complain(p.stderr, "interrupted", "")
		return exitNo
	}
	complain(p.stderr, err.Error(), "")
	return exitNo
}

func complain(w io.Writer, message, hint string) {
	if message != "" && !strings.HasPrefix(message, "orderly ") {
		message = "orderly: " + message
	}
	complainLines(w, message, hint)
}

// complainLines prints a message and below it what to do about it, both if there is one.
func complainLines(w io.Writer, message, hint string) {
	if message == "" {
		return
	}
	_, _ = fmt.Fprintln(w, clean(message))
	if hint != "" {
		_, _ = fmt.Fprintln(w, "  "+clean(hint))
	}
}

// usageError is about how the command was called; it says where to read on.
func usageError(cmd *cobra.Command, format string, args ...any) error {
	return &exit{exitUsage, fmt.Sprintf(format, args...), fmt.Sprintf("`%s --help` tells how it is used", cmd.CommandPath())}
}

var flagName = regexp.MustCompile(`--([a-z][a-z-]*)`)

// flagError explains a flag that cannot be read, and suggests the one that may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	name, found := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !found {
		return usageError(cmd, "%v", err)
	}
	var known []string
	for _, m := range flagName.FindAllStringSubmatch(cmd.Flags().FlagUsages(), -1) {
		known = append(known, m[1])
	}
	if near := diag.Nearest(name, known); near != "" {
		return usageError(cmd, "there is no flag --%s, did you mean --%s?", name, near)
	}
	return usageError(cmd, "there is no flag --%s", name)
}

// noSuchCommand is what arguments of the bare program mean, and of a command that is nothing without another one.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, c := range cmd.Commands() {
		known = append(known, c.Name())
	}
	if near := diag.Nearest(args[0], known); near != "" {
		return usageError(cmd, "there is no command %q, did you mean %q?", args[0], near)
	}
	return usageError(cmd, "there is no command %q", args[0])
}

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(cmd, "%s takes no argument, but got %q", cmd.CommandPath(), args[0])
	}
	return nil
}
