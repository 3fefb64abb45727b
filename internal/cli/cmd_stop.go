package cli

import (
	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) stopCommand() *cobra.Command {
	return p.actionCommand(action{
		kind:  model.CommandStop,
		short: "stop services",
		long: `Stop services and no longer watch them. What depends on them is stopped first.

Returns when they are stopped or failed to stop, and says which.`,
		example: `  orderly stop web
  orderly stop --all --no-wait`,
	})
}
