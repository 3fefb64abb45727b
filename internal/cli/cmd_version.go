package cli

import (
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             "tell which orderly this is",
		Long:              `Tell the version of this program, what built it and for which system.`,
		Example:           `  orderly version`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			p.line(buildDetails(info))
			return nil
		},
	}
}
