package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// inspeqtorctlName is how orderly is called to ask whoever stands in for Inspeqtor.
const inspeqtorctlName = "inspeqtorctl"

const inspeqtorctlHelp = `Usage: inspeqtorctl [-s PATH] COMMAND [ARGUMENT]...

Commands:
 status                     tell what is measured, and what is wrong
 start deploy               alert nobody and repair nothing, until the deploy is finished
 finish deploy              go on as before
 job_done NAME              say that a job was done
 show host|SERVICE METRIC   tell how a measurement went in the last cycles
 export                     print all measurements as JSON
 help                       print this text

-s names the socket to ask at; $INSPEQTOR_SOCK sets the default, which else is /var/run/inspeqtor.sock.
The exit status is 0 when it is done, 1 when it could not be, 2 when the command line is wrong, 3 when nobody answers.
`

func (p *program) inspeqtorctlCommand() *cobra.Command {
	return &cobra.Command{
		Use:   inspeqtorctlName + " COMMAND [ARGUMENT]...",
		Short: "ask and tell whoever stands in for Inspeqtor",
		Long: `Understand the command line of inspeqtorctl, and answer as it does. A link with the name inspeqtorctl that leads to
orderly does the same. "orderly inspeqtorctl help" tells which commands there are.`,
		DisableFlagParsing: true,
		ValidArgsFunction:  cobra.NoFileCompletions,
		RunE:               func(cmd *cobra.Command, args []string) error { return p.inspeqtorctl(cmd.Context(), args) },
	}
}

// maxInspeqtorLine is how long a command may be, in bytes.
const maxInspeqtorLine = 4 << 10

// inspeqtorctl has a command carried out by the daemon, and prints what it says. Unlike with Inspeqtor, the exit status tells
// how that went.
func (p *program) inspeqtorctl(ctx context.Context, args []string) error {
	flags := quietFlags(inspeqtorctlName)
	socket := flags.String("s", p.places.inspeqtorSocket, "")
	err := flags.Parse(args)
	line := strings.Join(flags.Args(), " ")
	switch {
	case errors.Is(err, flag.ErrHelp) || err == nil && (line == "" || line == "help"):
		_, _ = fmt.Fprint(p.stdout, inspeqtorctlHelp)
		return nil
	case err != nil:
		err = badFlag(inspeqtorctlName, err)
	case strings.ContainsAny(line, "\r\n") || len(line) > maxInspeqtorLine:
		err = misuse(inspeqtorctlName, "a command is one line, of at most %d bytes", maxInspeqtorLine)
	default:
		err = p.askInspeqtor(ctx, *socket, line)
	}
	return p.endedAs(inspeqtorctlName, err)
}

func (p *program) askInspeqtor(ctx context.Context, socket, line string) error {
	reply, err := converse(ctx, socket, line)
	if err != nil {
		return p.noInspeqtor(socket, err)
	}
	p.line(strings.TrimSuffix(tame(reply), "\n"))
	if denies(reply) {
		return errNo
	}
	return nil
}

// denials are how replies begin that tell what is wrong with a command.
var denials = []string{"Unknown command: ", "Unknown metric: ", "Invalid target: ", "Error: ", "Usage: ", "show ["}

func denies(reply string) bool {
	for _, start := range denials {
		if strings.HasPrefix(reply, start) {
			return true
		}
	}
	return false
}
