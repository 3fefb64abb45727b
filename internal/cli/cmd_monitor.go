package cli

import (
	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) monitorCommand() *cobra.Command {
	return p.actionCommand(action{
		kind:  model.CommandMonitor,
		short: "watch services again",
		long: `Watch services again, and what they depend on. Nothing is started by the command itself.

In force, and kept over restarts of orderly, when it returns.`,
		example: `  orderly monitor web
  orderly monitor --all`,
	})
}
