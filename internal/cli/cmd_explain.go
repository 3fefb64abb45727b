package cli

import (
	"github.com/spf13/cobra"

	"orderly/internal/config"
)

func (p *program) explainCommand() *cobra.Command {
	var dialect string
	cmd := &cobra.Command{
		Use:   "explain [PATH...]",
		Short: "tell what a configuration means",
		Long: `Show each statement of a configuration beside what it became, with the defaults that apply to it.

Without PATH it is the configuration that "orderly run" would use.`,
		Example: `  orderly explain /etc/monit/monitrc`,
		RunE: func(_ *cobra.Command, paths []string) error {
			found, err := config.Explain(p.stdout, config.Options{Paths: paths, Dialect: dialect})
			_ = found
			return err
		},
	}
	cmd.Flags().StringVar(&dialect, "dialect", "", dialectHelp)
	return cmd
}
