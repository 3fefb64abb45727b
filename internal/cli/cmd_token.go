package cli

import (
	"github.com/spf13/cobra"

	"orderly/internal/access"
)

func (p *program) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "what scripts may do from afar",
		Long:  "Make tokens for scripts that tell the status page how things are, or read what others may not.",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return usageError(cmd, "a command is missing") },
	}
	cmd.AddCommand(p.tokenAddCommand(), p.accountListCommand(tokens), p.removeAccountCommand(tokens))
	return cmd
}

func (p *program) tokenAddCommand() *cobra.Command {
	var may rights
	cmd := &cobra.Command{
		Use: "add NAME", Short: "make a token and print it, once", Args: tokens.oneName, ValidArgsFunction: cobra.NoFileCompletions,
		Long: `Make a token and print it. It is kept as a hash only, so it cannot be printed again.

With the scope "update" it may tell how components are, open incidents and add points to metrics, and nothing else.`,
		Example: `  orderly token add monit --scope update --only db --from 192.0.2.0/24 --expires 90d
  curl -X PUT -H "X-Cachet-Token: $(cat token)" -d status=3 https://status.example.org/api/v1/components/2`,
		RunE: func(cmd *cobra.Command, names []string) error {
			a, err := may.account(cmd, names[0], p.now())
			if err != nil {
				return err
			}
			var token string
			a.Token = true
			token, a.Secret = access.NewToken()
			if err := p.client().AddAccount(cmd.Context(), a); err != nil {
				return err
			}
			p.line(token)
			if p.terminal {
				complainLines(p.stderr, "keep it now: it is not shown again", "it may "+string(a.Scope))
			}
			return nil
		},
	}
	may.flags(cmd)
	return cmd
}
