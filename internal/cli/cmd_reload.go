package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"orderly/internal/client"
)

func (p *program) reloadCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "read the configuration again",
		Long: `Read the configuration again and tell what changed. What did not change is not disturbed.

Returns when the new configuration is live. When it has errors they are printed, the exit status is 1,
and the old configuration goes on.`,
		Example: `  orderly reload
  orderly reload --json`,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, names []string) error {
			if len(names) > 0 {
				return &exit{
					exitNo, "cannot ask " + strings.Join(names, ", ") + " to reload: that is not available yet",
					"`orderly reload` without names reads the configuration of orderly",
				}
			}
			reply, err := p.client().Reload(cmd.Context())
			if err != nil {
				return err
			}
			if reply.Refused != nil {
				return p.refused(reply, asJSON)
			}
			if asJSON {
				return p.json(reply.Applied)
			}
			p.printApplied(reply)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// refused shows why a configuration did not become the live one.
func (p *program) refused(reply client.ReloadReply, asJSON bool) error {
	if asJSON {
		if err := p.json(reply.Refused); err != nil {
			return err
		}
	} else {
		for line := range strings.Lines(reply.Findings) {
			p.line(clean(line))
		}
	}
	return &exit{
		exitNo, fmt.Sprintf("cannot use the new configuration: it has %d errors", reply.Refused.Errors),
		fmt.Sprintf("generation %d goes on", reply.Generation),
	}
}

func (p *program) printApplied(reply client.ReloadReply) {
	for _, w := range reply.Warnings {
		for line := range strings.Lines(w) {
			p.line(clean(line))
		}
	}
	p.line(fmt.Sprintf("generation %d is live", reply.Generation))
	t := &table{indent: "  "}
	for _, part := range []struct {
		name  string
		names []string
	}{{"added", reply.Added}, {"changed", reply.Changed}, {"removed", reply.Removed}} {
		t.row(part.name, fmt.Sprint(len(part.names)), strings.Join(part.names, ", "))
	}
	t.row("unchanged", fmt.Sprint(reply.Unchanged), "")
	p.print(t)
}
