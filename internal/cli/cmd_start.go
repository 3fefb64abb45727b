package cli

import (
	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) startCommand() *cobra.Command {
	return p.actionCommand(action{
		kind:  model.CommandStart,
		short: "start services",
		long: `Start services and watch them. What they depend on is started first.

Returns when they run or failed to start, and says which.`,
		example: `  orderly start web
  orderly start -g shop --timeout 2m`,
	})
}
