package cli

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// An accountKind is what accounts are for: people, who have passwords, or scripts, which have tokens.
type accountKind struct {
	token bool
	word  string // "user", "token"
}

var (
	users  = accountKind{false, "user"}
	tokens = accountKind{true, "token"}
)

// rights are the flags that say what an account may do.
type rights struct {
	scope   string
	only    []string
	from    []string
	expires string
}

func (r *rights) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.scope, "scope", string(model.ScopeRead), "what it may do, a `SCOPE`: read, update, manage or admin; each includes the ones before")
	f.StringArrayVar(&r.only, "only", nil, "a `COMPONENT` that it may change, by name or number, or group:NAME; may be repeated; else all")
	f.StringArrayVar(&r.from, "from", nil, "a `NETWORK` or address that it may come from; may be repeated; else everywhere")
	f.StringVar(&r.expires, "expires", "", "when it ends, `WHEN`: 90d, 12h or 2027-01-31")
	_ = cmd.RegisterFlagCompletionFunc("scope", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"read", "update", "manage", "admin"}, cobra.ShellCompDirectiveNoFileComp
	})
}

// account is what the flags say of an account of a name.
func (r *rights) account(cmd *cobra.Command, name string, now time.Time) (client.Account, error) {
	a := client.Account{Name: name, Scope: model.Scope(r.scope), Only: r.only}
	if !slices.Contains(model.Scopes, a.Scope) {
		return a, usageError(cmd, "there is no scope %q: it is read, update, manage or admin", r.scope)
	}
	for _, text := range r.from {
		network, err := parseNetwork(text)
		if err != nil {
			return a, usageError(cmd, "%q is no network: write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32", text)
		}
		a.Networks = append(a.Networks, network)
	}
	var err error
	if a.Expires, err = parseEnd(r.expires, now); err != nil {
		return a, usageError(cmd, "%v", err)
	}
	return a, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// maxDays bounds how far ahead something can end.
const maxDays = 36500

// parseEnd understands in how long (90d, 12h) and on which day something ends; "" is never.
func parseEnd(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	end, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if days, found := strings.CutSuffix(text, "d"); found {
		var n int
		if n, err = strconv.Atoi(days); n > maxDays {
			n = 0
		}
		end = now.AddDate(0, 0, n)
	} else if d, bad := time.ParseDuration(text); bad == nil {
		end, err = now.Add(d), nil
	}
	if err != nil || !end.After(now) {
		return time.Time{}, fmt.Errorf("%q is no time to come: write 90d, 12h or 2027-01-31", text)
	}
	return end.UTC().Truncate(time.Second), nil
}

// accountCommand is one that is about one account.
func (p *program) accountCommand(k accountKind, use, short string, run func(ctx context.Context, name string) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " NAME", Short: short, Args: k.oneName, ValidArgsFunction: p.completeAccounts(k),
		RunE: func(cmd *cobra.Command, names []string) error {
			if err := p.knows(cmd.Context(), k, names[0]); err != nil {
				return err
			}
			return run(cmd.Context(), names[0])
		},
	}
}

func (k accountKind) oneName(cmd *cobra.Command, names []string) error {
	if len(names) != 1 {
		return usageError(cmd, "one name of a %s, please", k.word)
	}
	return nil
}

// knows makes sure that there is an account of a kind.
func (p *program) knows(ctx context.Context, k accountKind, name string) error {
	all, err := p.client().Accounts(ctx)
	if err != nil {
		return err
	}
	var known []string
	for _, a := range all {
		if a.Token == k.token {
			known = append(known, a.Name)
		}
	}
	if slices.Contains(known, name) {
		return nil
	}
	if near := diag.Nearest(name, known); near != "" {
		return fmt.Errorf("there is no %s %q, did you mean %q?", k.word, name, near)
	}
	return fmt.Errorf("there is no %s %q", k.word, name)
}

func (p *program) completeAccounts(k accountKind) cobra.CompletionFunc {
	return func(cmd *cobra.Command, given []string, _ string) (names []string, _ cobra.ShellCompDirective) {
		if len(given) == 0 {
			all, _ := p.client().Accounts(cmd.Context()) // who is not there offers nothing
			for _, a := range all {
				if a.Token == k.token {
					names = append(names, a.Name)
				}
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

func (p *program) accountListCommand(k accountKind) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "which " + k.word + "s there are", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := p.client().Accounts(cmd.Context())
			if err != nil {
				return err
			}
			all = slices.DeleteFunc(all, func(a client.Account) bool { return a.Token != k.token })
			switch {
			case asJSON:
				return p.json(client.AccountsReply{Accounts: all})
			case len(all) == 0:
				p.line("there is no " + k.word)
			default:
				p.print(accountTable(all))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func accountTable(all []client.Account) *table {
	t := &table{}
	t.row("NAME", "SCOPE", "SINCE", "LAST USED", "EXPIRES", "ONLY", "FROM")
	for _, a := range all {
		from := make([]string, len(a.Networks))
		for i, network := range a.Networks {
			from[i] = network.String()
		}
		t.row(a.Name, string(a.Scope), momentOr(a.Created, "configuration"), momentOr(a.Used, "-"), momentOr(a.Expires, "never"),
			first(strings.Join(a.Only, ", "), "all"), first(strings.Join(from, ", "), "everywhere"))
	}
	return t
}

func momentOr(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return moment(t)
}

func (p *program) removeAccountCommand(k accountKind) *cobra.Command {
	return p.accountCommand(k, "remove", "remove a "+k.word+": from now on nobody gets in with it", func(ctx context.Context, name string) error {
		if err := p.client().RemoveAccount(ctx, name); err != nil {
			return err
		}
		p.line(k.word + " " + clean(name) + " was removed")
		return nil
	})
}
