package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/daemon"
	"orderly/internal/diag"
)

func (p *program) explainCommand() *cobra.Command {
	var dialect string
	cmd := &cobra.Command{
		Use:   "explain [PATH...]",
		Short: "tell what a configuration means",
		Long: `Show each statement of a configuration beside what it became, with the defaults that apply to it.

Without PATH it is the configuration that "orderly run" would use. What is wrong with it goes to stderr,
and the exit status is 1 when there are errors.`,
		Example: `  orderly explain /etc/monit/monitrc`,
		RunE: func(_ *cobra.Command, paths []string) error {
			found, err := config.Explain(p.stdout, config.Options{Paths: paths, Dialect: dialect, Protocols: daemon.Speaks, Channels: alert.Check})
			if err != nil {
				return err
			}
			if err := diag.Print(p.stderr, found); err != nil {
				return fmt.Errorf("cannot print the findings: %w", err)
			}
			if found.HasErrors() {
				return errNo
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dialect, "dialect", "", dialectHelp)
	return cmd
}
