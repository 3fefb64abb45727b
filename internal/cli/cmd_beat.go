package cli

import (
	"github.com/spf13/cobra"
)

func (p *program) beatCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "beat NAME",
		Short: "give a sign of life of a heartbeat",
		Long: `Give a sign of life of a heartbeat: a job that ran, a backup that worked. When the next one is overdue, people are told.

Noted, and kept over restarts of orderly, when it returns.`,
		Example:           `  backup.sh && orderly beat backup`,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, names []string) error {
			if len(names) != 1 || names[0] == "" {
				return usageError(cmd, "which heartbeat? One is named")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			return p.client().Beat(cmd.Context(), names[0])
		},
	}
}
