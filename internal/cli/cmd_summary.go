package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/diag"
	"orderly/internal/model"
)

func (p *program) summaryCommand() *cobra.Command {
	var group string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "summary [NAME...] [-g GROUP]",
		Short: "one line for each service",
		Long:  `Tell name, state and kind of each service, and what is wrong with it, one line each.`,
		Example: `  orderly summary
  orderly summary -g shop
  orderly summary | grep "not monitored"`,
		ValidArgsFunction: p.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			status, err := p.client().Status(cmd.Context(), client.StatusQuery{Names: names})
			if err != nil {
				return err
			}
			if group != "" {
				if status.Services, err = members(status.Services, group); err != nil {
					return err
				}
			}
			if asJSON {
				return p.json(status)
			}
			p.printSummary(status.Services)
			return nil
		},
	}
	cmd.Flags().StringVarP(&group, "group", "g", "", "only services of the group `GROUP`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (p *program) printSummary(services []model.ServiceStatus) {
	t := &table{}
	for i := range services {
		s := &services[i]
		word, look := stateWord(s)
		t.add(cell{text: s.Name}, cell{word, look}, cell{text: string(s.Kind)}, cell{text: trouble(s)})
	}
	p.print(t)
}

// trouble is what is wrong with a service, in a few words.
func trouble(s *model.ServiceStatus) string {
	switch {
	case s.GaveUp != "":
		return s.Problem + "; " + s.GaveUp
	case s.Problem != "":
		return s.Problem
	case s.Needs != "":
		return "waits for " + s.Needs
	case s.Waiting && s.State == model.StateInitializing:
		return "waits for its time"
	}
	return ""
}

// members are the services of a group.
func members(services []model.ServiceStatus, group string) ([]model.ServiceStatus, error) {
	var known []string
	out := []model.ServiceStatus{}
	for _, s := range services {
		known = append(known, s.Groups...)
		if slices.ContainsFunc(s.Groups, func(g string) bool { return strings.EqualFold(g, group) }) {
			out = append(out, s)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	if near := diag.Nearest(group, known); near != "" {
		return nil, fmt.Errorf("no service is in a group %q, did you mean %q?", group, near)
	}
	return nil, fmt.Errorf("no service is in a group %q", group)
}
