package cli

import (
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) acknowledgeCommand() *cobra.Command {
	var (
		which  selection
		length time.Duration
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:     "acknowledge NAME... | -g GROUP | --all [--for D]",
		Aliases: []string{"ack"},
		Short:   "tell others that you look after what fails",
		Long: `Tell others that you look after services that fail: until they are well, nobody is reminded of them, and nobody
further is called. Their recovery is told, and their next failure is another.

Who says for how long and is late is reminded. Said again, it is for so long from then on. Otherwise it is for as long as
the configuration says ("acknowledged for").

In force, and kept over restarts of orderly, when it returns.`,
		Example: `  orderly acknowledge web
  orderly ack web --for 4h
  orderly ack --all`,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, names []string) error {
			if cmd.Flags().Changed("for") && length <= 0 {
				return usageError(cmd, "--for says how long: 30m, 4h")
			}
			return which.args(cmd, names)
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			c := which.command(model.CommandAcknowledge, names)
			if length > 0 {
				c.Until = p.now().Add(length)
			}
			outcomes, err := p.client().Acknowledge(cmd.Context(), c, whoAsks())
			if err != nil {
				return err
			}
			return p.tell(outcomes, asJSON)
		},
	}
	which.flags(cmd)
	cmd.Flags().DurationVar(&length, "for", 0, "until when you look after it, from now: a `D` like 30m or 4h")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}
