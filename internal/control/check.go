package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"time"

	"orderly/internal/child"
	"orderly/internal/model"
	"orderly/internal/pattern"
)

// checkLinger is how long a check program's output is awaited after its end, for what it started and did not wait for.
const checkLinger = 100 * time.Millisecond

// Check runs the program of a program service, at most for its timeout, and measures how it ended and what it wrote. A
// program that had to be ended has the status 9. The results of content probes are those over its whole output as far as
// it is kept: not OK means that the content was found, or was not where that was asked for.
//
// What the program leaves in the background lives on, as it does under Monit: a check may start a daemon on purpose. The
// check does not wait for it, even where it holds the output open. At a timeout all of the program's group is ended.
//
// A program that failed is run again, as often as its subject says, before that is what was measured.
//
// It is an error when the program could not be run, unless its subject is to be judged as a shell judges it.
func (c *Controller) Check(ctx context.Context, s *model.Service) (model.Sample, error) {
	sample := model.Sample{At: time.Now()}
	p := s.Subject.Program
	if p == nil {
		return sample, fmt.Errorf("cannot run the program of %s: there is none", s.Name)
	}
	spec, err := c.spec(ctx, p, c.checkVariables(s))
	if err != nil {
		return sample, fmt.Errorf("cannot run %s: %w", name(p), err)
	}
	defaults := model.DefaultLimits()
	spec.Timeout = cmp.Or(p.Timeout, s.Limits.ProgramTimeout, defaults.ProgramTimeout)
	spec.Keep = cmp.Or(s.Limits.ProgramOutput, defaults.ProgramOutput)
	spec.Linger = checkLinger
	spec.DieWithParent = true
	status, text, err := repeated(ctx, s, spec)
	if err != nil {
		return sample, err
	}
	sample.Readings.Add(model.Status, model.Num(float64(status)))
	sample.Readings.Add(model.Output, model.Str(printable(text)))
	sample.Probes = content(s, text)
	return sample, nil
}

// retryAfter is between a check that failed and the same once more.
const retryAfter = time.Second

// repeated runs a program until it ends well, as often as its subject allows, and tells of the last time.
func repeated(ctx context.Context, s *model.Service, spec child.Spec) (status int, text string, err error) {
	once := plainly
	if s.Subject.AsShell {
		once = asShell
	}
	for n := 0; ; n++ {
		if status, text, err = once(ctx, spec); err == nil && status == 0 || n >= s.Subject.Retries {
			return status, text, err
		}
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
			return 0, "", fmt.Errorf("cannot try again: %w", ctx.Err())
		}
	}
}

func plainly(ctx context.Context, spec child.Spec) (status int, text string, err error) {
	res, err := child.Run(ctx, spec)
	status = res.Status
	if res.TimedOut {
		status = int(syscall.SIGKILL)
	}
	return status, output(res), err
}

// The statuses that a shell has for programs that it cannot run.
const (
	statusNotRun   = 126
	statusNotFound = 127
)

// shellGrace is how long a program has between SIGTERM and SIGKILL.
const shellGrace = 5 * time.Second

// asShell runs a program that has failed also where it could not be run, or was not done in time. What it wrote says so.
func asShell(ctx context.Context, spec child.Spec) (status int, text string, err error) {
	spec.Merge, spec.Grace = true, shellGrace
	res, err := child.Run(ctx, spec)
	text = strings.TrimRight(res.Stdout, "\r\n")
	switch {
	case err != nil && ctx.Err() != nil:
		return 0, "", err
	case errors.Is(err, fs.ErrNotExist):
		return statusNotFound, err.Error(), nil
	case err != nil:
		return statusNotRun, err.Error(), nil
	case res.TimedOut:
		if text != "" {
			text += "\n"
		}
		return int(syscall.SIGKILL), text + "timed out after " + spec.Timeout.String(), nil
	}
	return res.Status, text, nil
}

// content answers the content probes of a program service.
func content(s *model.Service, text string) []model.Result {
	probes := s.Probes()
	results := make([]model.Result, len(probes))
	for i, p := range probes {
		if p.Kind != model.ProbeContent || p.Match == nil {
			results[i].Skipped = true
			continue
		}
		results[i] = matchContent(*p.Match, text)
	}
	return results
}

func matchContent(m model.Match, text string) model.Result {
	for _, ere := range m.Patterns {
		re, err := pattern.Compile(ere)
		if err != nil {
			return model.Result{Skipped: true, Summary: fmt.Sprintf("cannot use pattern %q: %v", ere, err)}
		}
		if re.MatchString(text) {
			return found(!m.Not, fmt.Sprintf("the output matches %q", ere), text)
		}
	}
	return found(m.Not, "the output does not match "+quoted(m.Patterns), text)
}

// found is the result of a condition that holds or not. It holds while something is wrong.
func found(holds bool, summary, text string) model.Result {
	if !holds {
		return model.Result{OK: true}
	}
	return model.Result{Summary: summary, Evidence: evidence(text)}
}

func quoted(patterns []string) string {
	if len(patterns) == 1 {
		return fmt.Sprintf("%q", patterns[0])
	}
	return fmt.Sprintf("any of %d patterns", len(patterns))
}

// output is what a program wrote, as far as it was kept: standard error first, without surrounding space.
func output(r child.Result) string { return strings.TrimSpace(r.Stderr + r.Stdout) }
