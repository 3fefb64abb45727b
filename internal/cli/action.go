package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/model"
)

// An action is a command that changes services and tells what happened to each.
type action struct {
	kind          model.CommandKind
	short         string
	long, example string
}

// actionCommand makes the command line of an action.
func (p *program) actionCommand(a action) *cobra.Command {
	var (
		which   selection
		noWait  bool
		timeout time.Duration
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:               string(a.kind) + " NAME... | -g GROUP | --all",
		Short:             a.short,
		Long:              a.long,
		Example:           a.example,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, names []string) error {
			if timeout < 0 {
				return usageError(cmd, "--timeout must not be negative")
			}
			return which.args(cmd, names)
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			command := which.command(a.kind, names)
			if noWait {
				return p.client().Ask(cmd.Context(), command)
			}
			outcomes, err := p.act(cmd.Context(), command, timeout)
			if err != nil {
				return err
			}
			return p.tell(outcomes, asJSON)
		},
	}
	which.flags(cmd)
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "do not wait until it is done")
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "wait at most `D` (30s, 5m); 0 waits as long as it takes")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// act has a command done. A timeout of zero is none.
func (p *program) act(ctx context.Context, c model.Command, timeout time.Duration) ([]model.Outcome, error) {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	outcomes, err := p.client().Do(ctx, c)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && errors.Is(err, context.DeadlineExceeded) {
		return nil, &exit{exitNo, fmt.Sprintf("%s is not done after %v", c.Kind, timeout), "`orderly status` tells how far it came"}
	}
	return outcomes, err
}

// tell prints what happened to each service; the answer is no when something went wrong with one.
func (p *program) tell(outcomes []model.Outcome, asJSON bool) error {
	failed := false
	for _, o := range outcomes {
		failed = failed || o.Error != ""
	}
	if asJSON {
		if err := p.json(map[string][]model.Outcome{"outcomes": outcomes}); err != nil {
			return err
		}
	} else {
		p.tellPeople(outcomes)
	}
	if failed {
		return errNo
	}
	return nil
}

func (p *program) tellPeople(outcomes []model.Outcome) {
	for _, o := range outcomes {
		if o.Error == "" {
			p.line(clean(o.Service) + ": " + clean(o.Done))
			continue
		}
		p.line(clean(o.Service) + ": " + p.paint(red, "failed") + ": " + clean(o.Error))
		for line := range strings.Lines(o.Evidence) {
			p.line("    " + clean(line))
		}
	}
	if len(outcomes) == 0 {
		p.line("nothing to do")
	}
}
