package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// tellPatience is how long a service's last words are looked for, once it is known that something failed.
const tellPatience = 2 * time.Second

// Do asks an init system to start, stop, restart or reload a unit, and returns when that has happened or has failed: a
// service that was started has then stayed up for a moment. It is idle when the unit is already as it is asked to be.
// The outcome is without the name of the service, which only the caller knows; its evidence is what the service last said.
//
// What the init system has begun goes on when ctx ends, but for a job of systemd that is not done in time: it is cancelled,
// and what it has not done yet will not be done. The outcome says so.
func (u *Units) Do(ctx context.Context, ref Ref, verb Verb) (Unit, model.Outcome) {
	ctx, cancel := context.WithTimeout(ctx, u.patience)
	defer cancel()
	a := act{units: u, ref: ref, verb: verb, begin: time.Now()}
	after, err := a.run(ctx)
	if err != nil {
		return after, a.failed(ctx, after, err)
	}
	out := model.Outcome{Done: a.idle, Idle: a.idle != ""}
	if !out.Idle {
		out.Done = verb.done() + at(after.PID) + " after " + span(time.Since(a.begin))
	}
	return after, out
}

// errTakenBack is wrapped by the error of what was not done in time and will not be done later either.
var errTakenBack = errors.New("it was taken back")

// An act is one use of a verb on a unit.
type act struct {
	units *Units
	ref   Ref
	verb  Verb
	begin time.Time
	idle  string // why there was nothing to do
}

func (a *act) run(ctx context.Context) (Unit, error) {
	s, err := a.units.system(a.ref.System)
	if err != nil {
		return Unit{Ref: a.ref}, err
	}
	before, err := a.units.look(ctx, a.ref)
	if err != nil {
		return before, err
	}
	switch {
	case a.verb == VerbStart && before.State == UnitRunning:
		a.idle = "already running" + at(before.PID)
	case a.verb == VerbStop && (before.State == UnitStopped || before.State == UnitFailed):
		a.idle = "not running"
	case a.verb == VerbReload && before.State != UnitRunning:
		return before, fmt.Errorf("it %s", before.State.is())
	}
	if a.idle != "" {
		return before, nil
	}
	acted := s.do(ctx, before, a.verb)
	// How the unit is now is worth knowing even when ctx has just ended.
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookPatience)
	after, err := a.units.look(look, a.ref)
	cancel()
	switch {
	case acted != nil:
		return after, because(acted, after)
	case err != nil:
		return after, err
	}
	if err := a.check(before, after); err != nil {
		return after, err
	}
	return a.settle(ctx, after)
}

// because adds to an error how the unit ended, where the error does not say that.
func because(err error, after Unit) error {
	if after.Result == "" || after.State == UnitRunning || strings.Contains(err.Error(), after.Result) {
		return err
	}
	return fmt.Errorf("%w: %s", err, after.Result)
}

// check compares a unit with what was asked for, whatever the init system says.
func (a *act) check(before, after Unit) error {
	switch {
	case a.verb == VerbStop:
		if after.State == UnitStopped || after.State == UnitFailed {
			return nil
		}
		return fmt.Errorf("it %s still%s", after.State.is(), at(after.PID))
	case after.State == UnitStopped && after.Task && after.Result == "":
		return nil
	case after.State != UnitRunning:
		return because(fmt.Errorf("it %s", after.State.is()), after)
	case a.verb == VerbRestart && before.State == UnitRunning && before.Run != "" && before.same(&after):
		return fmt.Errorf("it is the same as before%s", at(after.PID))
	}
	return nil
}

// settle sees whether a service stays up. Init systems call a service started when its program was begun, unless it has
// a way to say that it is ready.
func (a *act) settle(ctx context.Context, first Unit) (Unit, error) {
	if first.State != UnitRunning || first.vouched && a.verb != VerbReload {
		return first, nil
	}
	pause := time.NewTimer(a.units.settle)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
		return first, ctx.Err()
	}
	now, err := a.units.look(ctx, a.ref)
	switch {
	case err != nil:
		return now, err
	case now.State != UnitRunning:
		return now, because(fmt.Errorf("it ended within %s and %s", span(a.units.settle), now.State.is()), now)
	case !first.same(&now):
		return now, fmt.Errorf("it ended within %s and %s started it again%s", span(a.units.settle), a.ref.System, at(now.PID))
	}
	return now, nil
}

// failed is the outcome of an act that did not do what was asked for.
func (a *act) failed(ctx context.Context, after Unit, err error) model.Outcome {
	text := err.Error()
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		text = fmt.Sprintf("it was not done after %s", span(time.Since(a.begin)))
		rest := a.ref.System + " goes on"
		if errors.Is(err, errTakenBack) {
			rest = "its job was cancelled"
		}
		if after.State != "" {
			text += fmt.Sprintf("; %s, and it %s%s", rest, after.State.is(), at(after.PID))
		}
	case errors.Is(err, context.Canceled):
		text = "orderly stopped waiting"
	}
	out := model.Outcome{Error: fmt.Sprintf("cannot %s %s: %s", a.verb, a.ref.Name, printable(text))}
	out.Evidence = a.units.Last(context.WithoutCancel(ctx), a.ref, a.begin)
	var said *saidError
	if out.Evidence == "" && errors.As(err, &said) {
		out.Evidence = evidence(diag.Conceal(said.output))
	}
	return out
}

// Last returns the last lines that a unit wrote since a moment, fit to be shown and at most 2 KiB. There are none where its
// init system cannot tell them, or not before ctx ends.
func (u *Units) Last(ctx context.Context, ref Ref, since time.Time) string {
	return u.log(ctx, ref, since, evidenceLimit)
}

// logLimit is for those who look for a cause, in bytes.
const logLimit = 4 << 10

// Log is Last at greater length, at most 4 KiB.
func (u *Units) Log(ctx context.Context, ref Ref, since time.Time) string {
	return u.log(ctx, ref, since, logLimit)
}

func (u *Units) log(ctx context.Context, ref Ref, since time.Time, limit int) string {
	s, err := u.system(ref.System)
	t, ok := s.(teller)
	if err != nil || !ok {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, tellPatience)
	defer cancel()
	return lastWords(t.tell(ctx, ref.Name, since), limit)
}

// lastWords is the end of a log, fit to be shown: whole lines where there are any, no secrets, and so many bytes at most.
func lastWords(log string, limit int) string {
	log = printable(diag.Conceal(strings.TrimSpace(log)))
	if len(log) <= limit {
		return log
	}
	log = log[len(log)-limit:]
	if _, rest, ok := strings.Cut(log, "\n"); ok && rest != "" {
		return rest
	}
	return strings.ToValidUTF8(log, "")
}

// at names a pid, if there is one.
func at(pid int) string {
	if pid <= 0 {
		return ""
	}
	return fmt.Sprintf(", pid %d", pid)
}
