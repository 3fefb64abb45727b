package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"orderly/internal/config/native"
)

func (p *program) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "describe orderly.yaml to editors",
		Long: `Write the JSON Schema of orderly.yaml. Editors that know it complete keys, explain them and mark mistakes.
Where the schema is, most of them learn from a comment on the first line of the file:

  # yaml-language-server: $schema=/etc/orderly/schema.json`,
		Example:           `  orderly schema > /etc/orderly/schema.json`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			if _, err := p.stdout.Write(native.Schema()); err != nil {
				return fmt.Errorf("cannot write the schema: %w", err)
			}
			return nil
		},
	}
}
