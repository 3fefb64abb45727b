package control

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"orderly/internal/child"
	"orderly/internal/model"
)

// methodOutput is how much output of start, stop and restart programs is kept, in bytes.
const methodOutput = evidenceLimit

// A job is one run of a configured program, and what came of it.
type job struct {
	service *model.Service
	method  method
	program *model.Program
	event   model.Event
	begin   time.Time
	limit   time.Time   // when the service must be as it was asked to be
	leave   func() bool // see child.Spec.Leave
	result  child.Result
	err     error // the program could not be run or waited for
}

func (c *Controller) job(s *model.Service, m method, p *model.Program, ev model.Event) *job {
	j := &job{service: s, method: m, program: p, event: ev, begin: time.Now()}
	j.limit = j.begin.Add(m.patience(s, p))
	return j
}

// command runs the program of a job and tells whether it has ended by itself in time.
func (c *Controller) command(ctx context.Context, j *job) bool {
	var spec child.Spec
	if spec, j.err = c.spec(ctx, j.program, c.methodVariables(j)); j.err != nil {
		return false
	}
	spec.Timeout = max(time.Until(j.limit), 1)
	spec.Keep = methodOutput
	spec.Detach = true
	spec.Leave = j.leave
	j.result, j.err = child.Run(ctx, spec)
	return j.err == nil && !j.result.TimedOut
}

// spec is how a program is run as its user, with some variables added to the environment.
func (c *Controller) spec(ctx context.Context, p *model.Program, variables []string) (child.Spec, error) {
	credential, home, err := child.Lookup(ctx, p.User, p.Group)
	if err != nil {
		return child.Spec{}, err
	}
	if home != "" {
		variables = append(variables, "HOME="+home)
	}
	return child.Spec{Args: p.Args, Env: merge(c.Environment, variables), Credential: credential}, nil
}

// Exec runs a program that an event calls for and waits until it has ended, at most for its timeout if there is one. Its
// output is discarded and its exit status is no failure. It is left running when ctx ends.
func (c *Controller) Exec(ctx context.Context, s *model.Service, p *model.Program, ev model.Event) model.Outcome {
	out := model.Outcome{Service: s.Name}
	spec, err := c.spec(ctx, p, c.execVariables(s, ev))
	if err != nil {
		out.Error = "cannot exec " + name(p) + ": " + err.Error()
		return out
	}
	spec.Timeout = cmp.Or(p.Timeout, s.Limits.ExecTimeout)
	spec.Discard = true
	spec.Detach = true
	res, err := child.Run(ctx, spec)
	switch {
	case res.Left:
		out.Done = "left " + name(p) + " running"
	case err != nil:
		out.Error = "cannot exec " + name(p) + ": " + err.Error()
	case res.TimedOut:
		out.Error = fmt.Sprintf("cannot exec %s: it was not done after %s and was ended", name(p), span(spec.Timeout))
	default:
		out.Done = fmt.Sprintf("%s %s after %s", name(p), ending(res), span(res.Took))
	}
	return out
}

// succeeded is the outcome of a job that did what was asked for; a pid of 0 is not told.
func (j *job) succeeded(pid int) model.Outcome {
	out := model.Outcome{Service: j.service.Name, Done: j.method.done}
	if pid > 0 {
		out.Done += fmt.Sprintf(", pid %d", pid)
	}
	out.Done += " after " + span(time.Since(j.begin))
	if j.result.Status != 0 {
		out.Done += fmt.Sprintf("; the %s program %s", j.method.verb, ending(j.result))
		out.Evidence = evidence(output(j.result))
	}
	return out
}

// gaveUp is the outcome of a job whose program ended in time, while what it was to do did not happen.
func (j *job) gaveUp(ctx context.Context, what string) model.Outcome {
	if ctx.Err() != nil {
		return j.outcome("orderly stopped waiting")
	}
	text := fmt.Sprintf("%s after %s", what, span(time.Since(j.begin)))
	if j.result.Status != 0 {
		text += fmt.Sprintf("; the %s program %s", j.method.verb, ending(j.result))
	}
	return j.outcome(text)
}

// failed is the outcome of a job whose program could not be run or did not end in time.
func (j *job) failed(ctx context.Context) model.Outcome {
	switch {
	case j.err != nil && ctx.Err() != nil:
		return j.outcome("orderly stopped waiting for " + name(j.program))
	case j.err != nil:
		return j.outcome(j.err.Error())
	case j.result.Left:
		return j.outcome(fmt.Sprintf("%s was not done after %s; it is left running, because the process is there",
			name(j.program), span(j.result.Took)))
	}
	return j.outcome(fmt.Sprintf("%s was not done after %s and was ended", name(j.program), span(j.result.Took)))
}

// outcome is a failure with what the program said: its first line in the text, more of it as evidence.
func (j *job) outcome(why string) model.Outcome {
	out := model.Outcome{Service: j.service.Name, Error: "cannot " + j.method.verb + ": " + why}
	out.Evidence = evidence(output(j.result))
	if line := firstLine(out.Evidence); line != "" {
		out.Error += ": " + line
	}
	return out
}

func name(p *model.Program) string {
	if len(p.Args) == 0 {
		return "nothing"
	}
	return p.Args[0]
}

func ending(r child.Result) string {
	if r.Signaled {
		return fmt.Sprintf("was killed by signal %d", r.Status)
	}
	return fmt.Sprintf("exited with %d", r.Status)
}

// span shows a duration with no more digits than mean something.
func span(d time.Duration) string {
	return model.FormatSeconds(max(d.Round(time.Millisecond), time.Millisecond).Seconds())
}
