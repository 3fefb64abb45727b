package cli

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/daemon"
)

func (p *program) notifyCommand() *cobra.Command {
	o := config.Options{Protocols: daemon.Speaks, Channels: alert.Check}
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "see whether alerts arrive",
		Long:  "See whether alerts arrive where a configuration sends them.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError(cmd, "what about alerts: orderly notify test")
		},
	}
	cmd.PersistentFlags().StringArrayVarP(&o.Paths, "config", "c", nil, "a configuration, file or directory `PATH`; may be repeated")
	cmd.PersistentFlags().StringVar(&o.Dialect, "dialect", "", dialectHelp)
	cmd.AddCommand(p.notifyTestCommand(&o))
	return cmd
}

func (p *program) notifyTestCommand(o *config.Options) *cobra.Command {
	return &cobra.Command{
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
	tried := alert.Try(ctx, p.means(), r.Config, channel, "")
	for _, t := range tried {
		missed = missed || t.Err != nil
		p.line(clean(cameOf(t)))
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
