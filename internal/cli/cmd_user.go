package cli

import (
	"context"

	"github.com/spf13/cobra"

	"orderly/internal/access"
)

func (p *program) userCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "who may log in from afar",
		Long: `Say who may log in: to the dashboard, to the status page, to the API with a name and a password.

The password is asked for on the terminal, or is the first line of the input. It is kept as a hash only.`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return usageError(cmd, "a command is missing") },
	}
	cmd.AddCommand(
		p.userAddCommand(), p.accountListCommand(users), p.removeAccountCommand(users), p.userHashCommand(),
		p.accountCommand(users, "password", "give a user another password and end all sessions with the old one", p.changePassword),
	)
	return cmd
}

func (p *program) userAddCommand() *cobra.Command {
	var may rights
	cmd := &cobra.Command{
		Use: "add NAME", Short: "add a user with a password", Args: users.oneName, ValidArgsFunction: cobra.NoFileCompletions,
		Example: `  orderly user add ann --scope admin
  pwgen 20 1 | orderly user add bob --scope manage --from 192.0.2.0/24`,
		RunE: func(cmd *cobra.Command, names []string) error {
			a, err := may.account(cmd, names[0], p.now())
			if err != nil {
				return err
			}
			if _, err := p.client().Version(cmd.Context()); err != nil {
				return err // before anybody types a password
			}
			if a.Secret, err = p.newPassword(cmd.Context(), a.Name); err != nil {
				return err
			}
			if err := p.client().AddAccount(cmd.Context(), a); err != nil {
				return err
			}
			p.line("user " + clean(a.Name) + " was added and may " + string(a.Scope))
			return nil
		},
	}
	may.flags(cmd)
	return cmd
}

func (p *program) userHashCommand() *cobra.Command {
	return &cobra.Command{
		Use: "hash", Short: "print the hash of a password, for a configuration", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		Long: `Print the hash of a password as accounts in orderly.yaml have it. No daemon is needed.

"htpasswd -nB NAME" prints one behind the name and a colon.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			hash, err := p.newPassword(cmd.Context(), "the configuration")
			if err != nil {
				return err
			}
			p.line(hash)
			return nil
		},
	}
}

func (p *program) changePassword(ctx context.Context, name string) error {
	hash, err := p.newPassword(ctx, name)
	if err != nil {
		return err
	}
	if err := p.client().ChangePassword(ctx, name, hash); err != nil {
		return err
	}
	p.line("user " + clean(name) + " has another password")
	return nil
}

// newPassword asks for a password and returns its hash: the password itself goes nowhere.
func (p *program) newPassword(ctx context.Context, name string) (hash string, err error) {
	password, err := p.askPassword(ctx, name)
	if err != nil {
		return "", err
	}
	return access.HashPassword(password)
}
