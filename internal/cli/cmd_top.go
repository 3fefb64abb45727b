package cli

import (
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"orderly/internal/top"
)

func (p *program) topCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "top",
		Short: "everything, live in this terminal",
		Long: `Show live in this terminal how everything is: what fails first, with the vital signs of the host and what happened last.

The arrows choose a service and enter looks closer: its rules with what was measured, graphs, and why it is as it is.
/ searches by name, state, kind and group, r restarts, s silences for 30 minutes, m has it watched or not, q ends it.
What changes something is asked about first. When orderly goes away, this goes on and says so until it is back.`,
		Example: `  orderly top
  NO_COLOR=1 orderly top`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in, out := terminalOf(p.stdin), terminalOf(p.stdout)
			if in == nil || out == nil {
				return &exit{exitUsage, "orderly top needs a terminal", "`orderly summary` and `orderly events --follow` tell programs"}
			}
			if os.Getenv("TERM") == "dumb" {
				return &exit{exitUsage, "orderly top needs a terminal that can do more than TERM=dumb", "`orderly summary` tells the same"}
			}
			c := p.client()
			return top.Run(cmd.Context(), top.Options{
				Witness: c, Commander: c, Input: in, Output: out, Environ: os.Environ(), Colour: p.colour, User: whoAsks(),
			})
		},
	}
}

// terminalOf is a stream that is a terminal, or nil.
func terminalOf(stream any) *os.File {
	if f, ok := stream.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}
