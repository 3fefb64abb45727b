package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/model"
)

func (p *program) statusCommand() *cobra.Command {
	var now, asJSON bool
	cmd := &cobra.Command{
		Use:   "status [NAME...]",
		Short: "everything known of services",
		Long: `Tell everything known of the named services, or of all: state, measurements, and each rule.

The exit status is 1 when one that is monitored is failing.`,
		Example: `  orderly status web
  orderly status --now            check first, then tell
  orderly status --json | jq '.services[] | select(.state == "failing").name'`,
		ValidArgsFunction: p.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			status, err := p.client().Status(cmd.Context(), client.StatusQuery{Names: names, Now: now})
			if err != nil {
				return err
			}
			if asJSON {
				if err := p.json(status); err != nil {
					return err
				}
			} else {
				p.printStatus(status)
			}
			if slices.ContainsFunc(status.Services, func(s model.ServiceStatus) bool { return s.Ails() }) {
				return errNo
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&now, "now", false, "check the services first")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (p *program) printStatus(h model.HostStatus) {
	bad := 0
	for _, s := range h.Services {
		if s.Ails() {
			bad++
		}
	}
	noun := "services"
	if len(h.Services) == 1 {
		noun = "service"
	}
	p.line(fmt.Sprintf("%s: %d %s, %d failing (generation %d)", clean(h.Host), len(h.Services), noun, bad, h.Generation))
	for _, a := range h.Ailing {
		who := clean(strings.TrimSpace(a.Channel + " " + a.Address))
		p.line(p.paint(red, "cannot tell "+who) + fmt.Sprintf(" since %s, %d waiting: %s", moment(a.Since), a.Waiting, clean(a.Error)))
	}
	for i := range h.Services {
		p.line("")
		p.printService(&h.Services[i])
	}
}

func (p *program) printService(s *model.ServiceStatus) {
	p.line(p.paint(bold, clean(s.Name)))
	facts := &table{indent: "  "}
	word, look := stateWord(s)
	facts.add(cell{text: "state"}, cell{word, look})
	fact := func(name, value string) {
		if value != "" {
			facts.row(name, value)
		}
	}
	fact("problem", s.Problem)
	fact("repairs", s.GaveUp)
	fact("looked after", s.Acked)
	fact("silenced", strings.TrimPrefix(s.Silenced, "silenced "))
	switch {
	case s.Needs != "":
		fact("waiting", "for "+s.Needs)
	case s.Waiting:
		fact("waiting", "for its time")
	}
	if !s.Since.IsZero() {
		fact("since", moment(s.Since))
	}
	fact("kind", string(s.Kind))
	fact("groups", strings.Join(s.Groups, ", "))
	if s.PID > 0 {
		fact("pid", strconv.Itoa(s.PID))
	}
	if checks := strconv.FormatUint(s.Check, 10); s.Checked.IsZero() {
		fact("checks", checks)
	} else {
		fact("checks", checks+", last at "+moment(s.Checked))
	}
	fact("restarts", strconv.Itoa(s.Restarts))
	for _, m := range slices.Sorted(maps.Keys(s.Values)) {
		if m != model.PID { // the pid has a line already
			fact(string(m), s.Values[m])
		}
	}
	p.print(facts)
	p.printRules(s.Rules)
}

func (p *program) printRules(rules []model.RuleStatus) {
	if len(rules) == 0 {
		return
	}
	p.line("  rules")
	t := &table{indent: "    "}
	for _, r := range rules {
		t.add(cell{string(r.State), ruleStyle(r.State)}, cell{text: r.Text}, cell{text: first(r.Summary, r.Value)})
	}
	p.print(t)
}
