package cli

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"orderly/internal/alert"
	"orderly/internal/client"
	"orderly/internal/config"
	"orderly/internal/daemon"
	"orderly/internal/model"
)

func (p *program) notifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "see whether alerts arrive",
		Long:  "See whether alerts arrive where a configuration sends them.",
		Args:  noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError(cmd, "what about alerts: orderly notify test, or orderly notify list")
		},
	}
	cmd.AddCommand(p.notifyTestCommand(), p.notifyListCommand())
	return cmd
}

func (p *program) notifyListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "whom alerts reach, whom they do not, and who was never told anything",
		Long: `List everybody whom the configuration of the running orderly names, fallbacks included: when a message was taken last, or a
test; or since when none is, how many wait, and why. Who was never reached is flagged: nobody knows whether he can be.`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			status, err := p.client().Status(cmd.Context(), client.StatusQuery{})
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(map[string]any{"destinations": status.Destinations, "ailing": status.Ailing})
			}
			p.printDestinations(status)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (p *program) printDestinations(status model.HostStatus) {
	if len(status.Destinations) == 0 {
		p.line("the configuration tells nobody of anything")
		return
	}
	t := &table{}
	t.row("CHANNEL", "TO", "STATE")
	for _, d := range status.Destinations {
		state := cell{text: "was never reached so far; try: orderly notify test " + cmp.Or(d.Address, d.Channel), style: yellow}
		if !d.Reached.IsZero() {
			state = cell{text: "was reached " + moment(d.Reached)}
		}
		for _, a := range status.Ailing {
			if a.Channel == d.Channel && (a.Address == "" || strings.EqualFold(a.Address, d.Address)) {
				state = cell{fmt.Sprintf("cannot be told since %s, %d waiting: %s", moment(a.Since), a.Waiting, a.Error), red}
			}
		}
		t.add(cell{text: d.Channel}, cell{text: d.Address}, state)
	}
	p.print(t)
}

func (p *program) notifyTestCommand() *cobra.Command {
	o := &config.Options{Protocols: daemon.Speaks, Channels: alert.Check}
	cmd := &cobra.Command{
		Use:   "test [CHANNEL]",
		Short: "send a test message to everybody whom a configuration names",
		Long: `Send a test message to everybody whom a configuration names, fallbacks included, and tell what each
destination answered. With CHANNEL it goes only to that one, or to all of that kind. No daemon is needed.

Without -c it is the configuration that "orderly run" would use. The exit status is 1 when a message did not arrive, or
when nobody is named.`,
		Example: `  orderly notify test
  orderly notify test ops
  orderly notify test -c orderly.yaml webhook`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError(cmd, "one channel at a time, or all of them")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			channel := ""
			if len(args) > 0 {
				channel = args[0]
			}
			return p.notifyTest(cmd.Context(), *o, channel)
		},
	}
	cmd.Flags().StringArrayVarP(&o.Paths, "config", "c", nil, "a configuration, file or directory `PATH`; may be repeated")
	cmd.Flags().StringVar(&o.Dialect, "dialect", "", dialectHelp)
	return cmd
}

// notifyTest sends the messages. The answer is no unless somebody is reached and nobody is missed.
func (p *program) notifyTest(ctx context.Context, o config.Options, channel string) error {
	r := config.Read(o)
	if err := p.printDiagnostics(r.Diagnostics); err != nil {
		return err
	}
	if r.Diagnostics.HasErrors() {
		return errNo
	}
	var missed bool
	var reached []model.Destination
	tried := alert.Try(ctx, p.means(), r.Config, channel, "")
	for _, t := range tried {
		missed = missed || t.Err != nil
		if t.Err == nil {
			reached = append(reached, model.Destination{Channel: t.Channel, Address: t.Address})
		}
		p.line(clean(cameOf(t)))
	}
	if len(reached) > 0 {
		_ = p.client().Reached(ctx, reached) // a daemon may run, which tells of those who were never reached
	}
	switch {
	case len(tried) == 0 && channel != "":
		return &exit{exitNo, "no alert goes to " + channel, "the names are those of the configuration: orderly explain"}
	case len(tried) == 0:
		return &exit{exitNo, "the configuration tells nobody of anything", "see docs/notify.md"}
	case missed:
		return errNo
	}
	return nil
}

// means are what channels need here: programs are run as the daemon runs them, and its log is our output.
func (p *program) means() alert.Means {
	return alert.Means{Log: slog.New(slog.NewTextHandler(p.stderr, nil)), Run: daemon.Tell}
}
