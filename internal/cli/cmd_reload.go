package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/model"
)

func (p *program) reloadCommand() *cobra.Command {
	var (
		asJSON  bool
		timeout time.Duration
	)
	cmd := &cobra.Command{
		Use:   "reload [NAME...]",
		Short: "read the configuration again, or have services do so",
		Long: `Without names: read the configuration again and tell what changed. What did not change is not disturbed.
Returns when the new configuration is live. When it has errors they are printed, the exit status is 1,
and the old configuration goes on.

With names: have those services read theirs again, by their init system or by their reload program. Returns when they
have, with what happened to each.`,
		Example: `  orderly reload
  orderly reload nginx`,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, names []string) error {
			if slices.Contains(names, "") {
				return usageError(cmd, "the name of a service is empty")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			if len(names) > 0 {
				outcomes, err := p.act(cmd.Context(), model.Command{Kind: model.CommandReload, Names: names}, timeout)
				if err != nil {
					return err
				}
				return p.tell(outcomes, asJSON)
			}
			return p.reloadConfiguration(cmd.Context(), asJSON)
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "with names, wait at most `D` (30s, 5m); 0 waits as long as it takes")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (p *program) reloadConfiguration(ctx context.Context, asJSON bool) error {
	reply, err := p.client().Reload(ctx)
	switch {
	case err != nil:
		return err
	case reply.Refused != nil:
		return p.refused(reply, asJSON)
	case asJSON:
		return p.json(reply.Applied)
	}
	p.printApplied(reply)
	return nil
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
