package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"orderly/internal/child"
	"orderly/internal/diag"
)

// toolOutput is how much output of an init system's command is kept, in bytes.
const toolOutput = 16 << 10

// defaultEnvironment is what the commands of init systems get when nothing else is configured: what an init system
// itself gives to services, so that a service started by orderly does not differ from one started at boot.
var defaultEnvironment = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

// tools are the commands of init systems that have no API.
type tools struct {
	env  []string
	sudo bool // acts need the help of sudo
}

func newTools(o UnitOptions) tools {
	env := o.Environment
	if env == nil {
		env = defaultEnvironment
	}
	return tools{env: merge(env, []string{"LC_ALL=C"}), sudo: os.Geteuid() != 0}
}

// ask runs a command that only looks. It is ended when ctx ends.
func (t tools) ask(ctx context.Context, args ...string) (child.Result, error) {
	return child.Run(ctx, child.Spec{Args: args, Env: t.env, Keep: toolOutput, DieWithParent: true})
}

// act runs a command that changes something, by sudo where we are not root, and fails when it does. It goes on when
// ctx ends, as do the daemons it starts.
func (t tools) act(ctx context.Context, args ...string) error {
	spec := child.Spec{Args: args, Env: t.env, Keep: toolOutput, Detach: true}
	if t.sudo {
		spec.Args = append([]string{"sudo", "-n"}, args...)
	}
	res, err := child.Run(ctx, spec)
	switch {
	case t.sudo && (errors.Is(err, fs.ErrNotExist) || err == nil && res.Status != 0 && strings.Contains(res.Stderr, "sudo:")):
		return denied("as an ordinary user orderly needs a line for " + args[0] + " in sudoers, see least-privilege.md")
	case err != nil:
		return err
	case res.Status == 0 && !res.Signaled:
		return nil
	}
	return said(args, res)
}

// said is the failure of a command.
func said(args []string, res child.Result) error {
	text := fmt.Sprintf("%s %s", strings.Join(args, " "), ending(res))
	out := output(res)
	if line := firstLine(printable(diag.Conceal(out))); line != "" {
		text += ": " + line
	}
	return &saidError{text, out}
}

// A saidError is the failure of a command, with all that the command said.
type saidError struct{ text, output string }

func (e *saidError) Error() string { return e.text }
