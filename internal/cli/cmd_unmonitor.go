package cli

import (
	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) unmonitorCommand() *cobra.Command {
	return p.actionCommand(action{
		kind:  model.CommandUnmonitor,
		short: "leave services alone",
		long: `No longer watch services, nor act on them. Nothing is stopped.

In force, and kept over restarts of orderly, when it returns.`,
		example: `  orderly unmonitor web
  orderly unmonitor -g shop`,
	})
}
