package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func (p *program) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "a script that completes commands in a shell",
		Long: `Print a script that teaches a shell (` + strings.Join(shells, ", ") + `) to complete the commands and flags of
orderly, and the names of services while it runs.`,
		Example: `  orderly completion bash > /etc/bash_completion.d/orderly
  orderly completion zsh > "${fpath[1]}/_orderly"
  orderly completion fish > ~/.config/fish/completions/orderly.fish`,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError(cmd, "%s needs the name of one shell: %s", cmd.CommandPath(), strings.Join(shells, ", "))
			}
			if !slices.Contains(shells, args[0]) {
				return usageError(cmd, "there is no completion for %q, only for %s", args[0], strings.Join(shells, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			generate := map[string]func() error{
				"bash":       func() error { return root.GenBashCompletionV2(p.stdout, true) },
				"zsh":        func() error { return root.GenZshCompletion(p.stdout) },
				"fish":       func() error { return root.GenFishCompletion(p.stdout, true) },
				"powershell": func() error { return root.GenPowerShellCompletionWithDesc(p.stdout) },
			}
			if err := generate[args[0]](); err != nil {
				return fmt.Errorf("cannot write the completion for %s: %w", args[0], err)
			}
			return nil
		},
	}
}
