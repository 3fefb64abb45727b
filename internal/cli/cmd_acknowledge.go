package cli

import (
	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) acknowledgeCommand() *cobra.Command {
	var (
		which  selection
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:     "acknowledge NAME... | -g GROUP | --all",
		Aliases: []string{"ack"},
		Short:   "tell others that you look after what fails",
		Long: `Tell others that you look after services that fail: until they are well, nobody is reminded of them, and nobody
further is called. Their recovery is told, and their next failure is another.

In force, and kept over restarts of orderly, when it returns.`,
		Example: `  orderly acknowledge web
  orderly ack --all`,
		ValidArgsFunction: p.completeNames,
		Args:              which.args,
		RunE: func(cmd *cobra.Command, names []string) error {
			outcomes, err := p.client().Acknowledge(cmd.Context(), which.command(model.CommandAcknowledge, names), whoAsks())
			if err != nil {
				return err
			}
			return p.tell(outcomes, asJSON)
		},
	}
	which.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}
