package cli

import (
	"fmt"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) silenceCommand() *cobra.Command {
	var (
		which  selection
		length time.Duration
		s      model.Silence
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "silence NAME... | -g GROUP | --all --for D",
		Short: "tell nobody of services for a while",
		Long: `Tell nobody of services for a while. Checks, history and repairs go on.

In force, and kept over restarts of orderly, when it returns. It ends by itself: whoever still fails then is
told of then, and whoever failed and recovered meanwhile is not.`,
		Example: `  orderly silence web db --for 30m --reason "new certificates"
  orderly silence --all --for 2h --hold
  orderly silence list
  orderly silence end 1`,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, names []string) error {
			if length <= 0 {
				return usageError(cmd, "--for says how long: 30m, 2h")
			}
			return which.args(cmd, names)
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			s.Names, s.Group, s.All, s.By = names, which.group, which.all, whoAsks()
			s.Until = p.now().Add(length)
			begun, err := p.client().Silence(cmd.Context(), s)
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(begun)
			}
			p.line(fmt.Sprintf("silence %s: nobody is told of %s until %s", begun.ID, clean(ofWhom(begun)), moment(begun.Until)))
			return nil
		},
	}
	which.flags(cmd)
	cmd.Flags().DurationVar(&length, "for", 0, "how long, a `D` like 30m or 2h")
	cmd.Flags().StringVar(&s.Reason, "reason", "", "why, a `TEXT` that others read")
	cmd.Flags().BoolVar(&s.Hold, "hold", false, "have rules do nothing either")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.AddCommand(p.silenceListCommand(), p.silenceEndCommand())
	return cmd
}

func (p *program) silenceListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "which silences are in force", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := p.client().Silences(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(map[string][]model.Silence{"silences": list})
			}
			if len(list) == 0 {
				p.line("no silence is in force")
				return nil
			}
			t := &table{}
			t.row("ID", "UNTIL", "OF", "BY", "REASON")
			for _, s := range list {
				t.row(s.ID, moment(s.Until), ofWhom(s), s.By, s.Reason)
			}
			p.print(t)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (p *program) silenceEndCommand() *cobra.Command {
	return &cobra.Command{
		Use: "end ID...", Short: "end silences before their time", ValidArgsFunction: cobra.NoFileCompletions,
		Args: func(cmd *cobra.Command, ids []string) error {
			if len(ids) == 0 {
				return usageError(cmd, "which silence is to end? `orderly silence list` tells their IDs")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, ids []string) error {
			for _, id := range ids {
				if err := p.client().EndSilence(cmd.Context(), id); err != nil {
					return err
				}
				p.line("silence " + clean(id) + " has ended")
			}
			return nil
		},
	}
}

// ofWhom says which services a silence is about.
func ofWhom(s model.Silence) string {
	switch {
	case s.All:
		return "all services"
	case s.Group != "":
		return "the group " + s.Group
	}
	return strings.Join(s.Names, ", ")
}

// whoAsks is the name of the user who called.
func whoAsks() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}
