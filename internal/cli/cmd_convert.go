package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/daemon"
	"orderly/internal/diag"
)

func (p *program) convertCommand() *cobra.Command {
	var dialect string
	cmd := &cobra.Command{
		Use:   "convert [PATH...]",
		Short: "write a configuration as orderly.yaml",
		Long: `Write configurations, files or directories of any dialect, as one orderly.yaml that means the same.
Passwords are in it as they were, those that are kept elsewhere as ${env:NAME} or ${file:/path}.
What cannot be said is in comments.

Without PATH it is the configuration that "orderly run" would use. What is wrong with it goes to stderr; with
errors nothing is written, and the exit status is 1.`,
		Example: `  orderly convert /etc/monit/monitrc > orderly.yaml`,
		RunE: func(_ *cobra.Command, paths []string) error {
			text, found, err := config.Convert(config.Options{Paths: paths, Dialect: dialect, Protocols: daemon.Speaks, Channels: alert.Check})
			if err != nil {
				return err
			}
			if err := diag.Print(p.stderr, found); err != nil {
				return fmt.Errorf("cannot print the findings: %w", err)
			}
			if found.HasErrors() {
				return errNo
			}
			if _, err := p.stdout.Write(text); err != nil {
				return fmt.Errorf("cannot write the configuration: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dialect, "dialect", "", dialectHelp)
	return cmd
}
