package cli

import (
	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) restartCommand() *cobra.Command {
	return p.actionCommand(action{
		kind:  model.CommandRestart,
		short: "restart services",
		long: `Restart services and watch them. What depends on them is stopped before and started after them.

Returns when they run again or failed to, and says which.`,
		example: `  orderly restart web
  orderly restart web db && echo both run again`,
	})
}
