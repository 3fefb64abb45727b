// Package cli is the command line of orderly: one file for each command.
//
// Entry point: [Main]. Data goes to stdout, messages to stderr, and the exit status is part of the contract:
// 0 done, 1 the answer is no, 2 usage, 3 the daemon cannot be reached.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/daemon"
	"orderly/internal/model"
)

// Main runs the command line of this process until it is done or interrupted, and returns the exit status.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{
		stdin:    os.Stdin,
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		terminal: isTerminal(os.Stdout),
		colour:   wantsColour(os.Stdout, os.Getenv),
		places:   defaultPlaces(os.Geteuid(), os.Getenv),
		daemon:   daemon.Run,
		once:     daemon.Once,
		now:      time.Now,
	}
	args := os.Args[1:]
	if name := filepath.Base(os.Args[0]); slices.Contains([]string{monitName, inspeqtorName, inspeqtorctlName, minitorName}, name) {
		args = append([]string{name}, args...)
	}
	return p.main(ctx, args)
}

// A program is one run of the command line.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool                                        // on stdout
	colour         bool                                        // on stdout
	places         places                                      // the defaults of flags
	socket         string                                      // where the daemon listens
	daemon         func(context.Context, daemon.Options) error // what `orderly run` runs
	once           func(context.Context, daemon.Options, model.Command) ([]model.Outcome, error)
	now            func() time.Time
}

func (p *program) main(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	return p.report(root.ExecuteContext(ctx))
}

// The groups of commands in the help.
const (
	groupWatch  = "watch"
	groupAct    = "act"
	groupConfig = "config"
)

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "orderly COMMAND",
		Short: "watch this host and heal it",
		Long: `orderly watches processes, files, filesystems, hosts and programs, and acts when something is wrong.
It understands the files of Monit, of Inspeqtor and of Minitor as they are.`,
		Example: `  orderly check /etc/monit/monitrc    does this configuration hold?
  orderly run                         watch, in the foreground
  orderly summary                     how is everything?`,
		Args:          noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return usageError(cmd, "a command is missing") },
		SilenceErrors: true, DisableFlagsInUseLine: true,
		SilenceUsage: true,
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageText)
	root.PersistentFlags().StringVar(&p.socket, "socket", p.places.socket, "where the daemon listens, a `PATH`; $ORDERLY_SOCKET sets the default")
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddGroup(
		&cobra.Group{ID: groupWatch, Title: "See what is going on:"},
		&cobra.Group{ID: groupAct, Title: "Act:"},
		&cobra.Group{ID: groupConfig, Title: "Configure:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupWatch, p.topCommand(), p.statusCommand(), p.summaryCommand(), p.whyCommand(), p.eventsCommand(), p.historyCommand(), p.pageCommand())
	add(groupAct, p.startCommand(), p.stopCommand(), p.restartCommand(), p.monitorCommand(), p.unmonitorCommand(),
		p.acknowledgeCommand(), p.silenceCommand(), p.maintenanceCommand(), p.beatCommand())
	add(groupConfig, p.runCommand(), p.checkCommand(), p.notifyCommand(), p.explainCommand(), p.reloadCommand(),
		p.convertCommand(), p.discoverCommand(), p.schemaCommand(), p.userCommand(), p.tokenCommand())
	add("", p.monitCommand(), p.inspeqtorCommand(), p.inspeqtorctlCommand(), p.minitorCommand(), p.versionCommand(), p.completionCommand())
	root.SetHelpCommand(p.helpCommand())
	return root
}

func (p *program) client() *client.Client { return client.New(p.socket) }
