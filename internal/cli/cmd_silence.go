package cli

import (
	"fmt"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/model"
)

func (p *program) silenceCommand() *cobra.Command {
	var (
		which  selection
		length time.Duration
		from   string
		settle time.Duration
		s      model.Silence
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "silence NAME... | -g GROUP | --all [--from TIME] --for D",
		Short: "tell nobody of services for a while",
		Long: `Tell nobody of services for a while, but that what people heard of before has recovered. Checks, history and repairs go on.

In force, and kept over restarts of orderly, when it returns. It ends by itself: whoever still fails then is
told of then, and whoever failed and recovered meanwhile is not.`,
		Example: `  orderly silence web db --for 30m --reason "new certificates"
  orderly silence --all --for 2h --hold
  orderly silence -g shop --from 22:00 --for 90m --settle 2m
  orderly silence list
  orderly silence end 1`,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, names []string) error {
			if length <= 0 {
				return usageError(cmd, "--for says how long: 30m, 2h")
			}
			var err error
			if s.From, err = beginning(from, p.now()); err != nil {
				return usageError(cmd, "%v", err)
			}
			return which.args(cmd, names)
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			s.Names, s.Group, s.All, s.By = names, which.group, which.all, whoAsks()
			s.Until = p.now().Add(length)
			if !s.From.IsZero() {
				s.Until = s.From.Add(length)
			}
			if settle > 0 {
				s.Settled = s.Until.Add(settle)
			}
			begun, err := p.client().Silence(cmd.Context(), s)
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(begun)
			}
			when := "until " + moment(begun.Until)
			if begun.Pending {
				when = "from " + moment(begun.From) + " " + when
			}
			p.line(fmt.Sprintf("silence %s: nobody is told of %s %s", begun.ID, clean(begun.Whom()), when))
			return nil
		},
	}
	which.flags(cmd)
	cmd.Flags().DurationVar(&length, "for", 0, "how long, a `D` like 30m or 2h")
	cmd.Flags().StringVar(&from, "from", "", "begin at a `TIME` to come, like 22:00 or \"2026-01-02 22:00\", not now")
	cmd.Flags().DurationVar(&settle, "settle", 0, "tell of what fails at the end only `D` later")
	cmd.Flags().BoolVar(&s.Quiet, "quiet-end", false, "do not tell at the end what still fails")
	cmd.Flags().StringVar(&s.Reason, "reason", "", "why, a `TEXT` that others read")
	cmd.Flags().BoolVar(&s.Hold, "hold", false, "have rules do nothing either")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.AddCommand(p.silenceListCommand(), p.silenceEndCommand())
	return cmd
}

func (p *program) silenceListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "which silences are in force, and which will be", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := p.client().Silences(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(map[string][]model.Silence{"silences": list})
			}
			if !slices.ContainsFunc(list, func(s model.Silence) bool { return !s.Pending }) {
				p.line("no silence is in force")
			}
			if len(list) == 0 {
				return nil
			}
			t := &table{}
			t.row("ID", "FROM", "UNTIL", "OF", "BY", "REASON")
			for _, s := range list {
				why := s.Reason
				if s.Every != "" {
					why = strings.TrimSpace(why + " (" + s.Every + ")")
				}
				t.row(s.ID, moment(s.From), moment(s.Until), s.Whom(), s.By, why)
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

// beginning reads when a silence begins: a time of day without a date is the next one there is; "" the zero time.
func beginning(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	now = now.Local()
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	at, err := time.Parse("15:04", text)
	if err != nil {
		return at, fmt.Errorf("cannot read %q as a time: write 22:00, \"2026-01-02 22:00\" or 2026-01-02T22:00:00Z", text)
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, time.Local)
	if !today.After(now) {
		today = time.Date(now.Year(), now.Month(), now.Day()+1, at.Hour(), at.Minute(), 0, 0, time.Local)
	}
	return today, nil
}

// whoAsks is the name of the user who called.
func whoAsks() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}
