package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A selection is which services a command concerns: names, one group, or all.
type selection struct {
	group string
	all   bool
}

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&s.group, "group", "g", "", "every service of the group `GROUP`")
	cmd.Flags().BoolVar(&s.all, "all", false, "every service")
}

// args demands that services are named in exactly one way.
func (s *selection) args(cmd *cobra.Command, names []string) error {
	ways := 0
	for _, used := range []bool{len(names) > 0, s.group != "", s.all} {
		if used {
			ways++
		}
	}
	switch {
	case ways == 0:
		return usageError(cmd, "%s needs the names of services, -g GROUP or --all", cmd.CommandPath())
	case ways > 1:
		return usageError(cmd, "%s takes only one of names, -g GROUP and --all", cmd.CommandPath())
	case slices.Contains(names, ""):
		return usageError(cmd, "the name of a service is empty")
	}
	return nil
}

func (s *selection) command(kind model.CommandKind, names []string) model.Command {
	return model.Command{Kind: kind, Names: names, Group: s.group, All: s.all}
}

// completeNames offers the services of the running daemon to the shell. Without one it offers nothing.
func (p *program) completeNames(cmd *cobra.Command, used []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), time.Second)
	defer cancel()
	status, err := p.client().Status(ctx, client.StatusQuery{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []cobra.Completion
	for i := range status.Services {
		if name := status.Services[i].Name; !slices.Contains(used, name) {
			out = append(out, name)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
