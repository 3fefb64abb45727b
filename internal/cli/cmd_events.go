package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/model"
)

func (p *program) eventsCommand() *cobra.Command {
	var (
		q      client.EventQuery
		since  string
		asJSON bool
		much   bool
	)
	cmd := &cobra.Command{
		Use:   "events",
		Short: "what happened",
		Long:  `Tell what happened, oldest first: failures, recoveries, changes, actions, and what was asked of orderly.`,
		Example: `  orderly events --since 1h
  orderly events --service web --since 2026-01-02T15:00:00Z
  orderly events --follow --json | jq -r .text`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if q.Since, err = client.ParseSince(since, p.now()); err != nil {
				return usageError(cmd, "%v", err)
			}
			show := p.eventPrinter(asJSON, much)
			for ev, err := range p.client().Events(cmd.Context(), q) {
				if err != nil {
					return err
				}
				if err := show(ev); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&q.Service, "service", "", "only those of the service `NAME`")
	cmd.Flags().StringVar(&since, "since", "", "how long ago (90m, 12h, 7d) or a `TIME` like 2006-01-02T15:04:05Z")
	cmd.Flags().BoolVarP(&q.Follow, "follow", "f", false, "go on with what happens from now on, until interrupted")
	cmd.Flags().BoolVarP(&much, "verbose", "v", false, "show as well what was seen, and how the host was")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON, one object a line")
	return cmd
}

// eventPrinter writes events one line each. For people, a line with the date comes before the first event of
// each day but today.
func (p *program) eventPrinter(asJSON, much bool) func(model.Event) error {
	if asJSON {
		return func(ev model.Event) error { return p.jsonLine(ev) }
	}
	day := p.now().Local().Format(time.DateOnly)
	return func(ev model.Event) error {
		at := ev.At.Local()
		if d := at.Format(time.DateOnly); d != day {
			day = d
			p.line(p.paint(grey, "-- "+day))
		}
		p.line(p.eventLine(at, ev))
		if much {
			p.indented(ev.Evidence)
			p.indented(ev.Diagnosis)
		}
		return nil
	}
}

// indented writes a text of several lines below what it belongs to.
func (p *program) indented(text string) {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if line != "" {
			p.line(p.paint(grey, "         | "+clean(line)))
		}
	}
}

// eventLine tells one event: when, of whom, what, and what follows from it.
func (p *program) eventLine(at time.Time, ev model.Event) string {
	text, word := ev.Text, string(ev.Kind)
	switch ev.Kind {
	case model.EventAction:
		word = first(ev.Action, word)
	case model.EventActionFailed:
		word = first(ev.Action, "action") + " failed"
	case model.EventFailed, model.EventChanged, model.EventStillFailing:
		if ev.Action != "" && ev.Action != string(model.ActAlert) {
			text += " -> " + ev.Action
		}
	}
	if f := ev.Failure; f != nil && f.Affects != nil && ev.Kind == model.EventFailed {
		text += " (not checked meanwhile: " + strings.Join(f.Affects, ", ") + ")"
	}
	if ev.Silenced != "" {
		text += " (nobody was told: " + ev.Silenced + ")"
	}
	word = p.paint(eventStyle(ev.Kind), fmt.Sprintf("%-14s", clean(word)))
	return fmt.Sprintf("%s %-16s %s %s", at.Format(time.TimeOnly), clean(first(ev.Service, "orderly")), word, clean(text))
}
