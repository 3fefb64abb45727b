package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// An UnknownError tells that a command names a service or group that is not configured.
type UnknownError struct {
	What    string // "service" or "group"
	Name    string
	Nearest string // what may have been meant, or ""
}

func (u *UnknownError) Error() string {
	s := fmt.Sprintf("no %s is named %q", u.What, u.Name)
	if u.Nearest != "" {
		s += fmt.Sprintf("; did you mean %q?", u.Nearest)
	}
	return s
}

// Do carries out a command and returns when it is done, with an outcome for each service that it touched. What
// a command changed is on disk then. The error is of type *UnknownError, or tells that the call itself ended early.
func (e *Engine) Do(ctx context.Context, c model.Command) ([]model.Outcome, error) {
	wait, err := e.Begin(ctx, c)
	if err != nil {
		return nil, err
	}
	return wait(ctx)
}

// Begin returns when a command has its place: one that is given afterwards is carried out afterwards. The function it
// returns waits for the end, as Do does.
func (e *Engine) Begin(ctx context.Context, c model.Command) (func(context.Context) ([]model.Outcome, error), error) {
	var failed error
	var pending []chan []model.Outcome
	err := e.ask(ctx, func() {
		targets, err := e.targets(c)
		if failed = cmp.Or(err, ackable(c.Until, time.Now())); failed != nil {
			return
		}
		for _, s := range targets {
			pending = append(pending, e.command(s, c))
		}
	})
	if err = cmp.Or(failed, err); err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]model.Outcome, error) { return e.conclude(ctx, c.Kind, pending) }, nil
}

// conclude waits for the parts of a command, and for the disk.
func (e *Engine) conclude(ctx context.Context, kind model.CommandKind, pending []chan []model.Outcome) ([]model.Outcome, error) {
	var outcomes []model.Outcome
	for _, p := range pending {
		select {
		case out := <-p:
			outcomes = append(outcomes, out...)
		case <-ctx.Done():
			return outcomes, ctx.Err()
		case <-e.stopped:
			return outcomes, ErrStopped
		}
	}
	if kind != model.CommandCheck {
		if err := e.Keeper.Flush(ctx); err != nil {
			for i := range outcomes {
				if outcomes[i].Error == "" {
					outcomes[i].Error = fmt.Sprintf("%s, but that cannot be saved and will be lost at a restart: %v", outcomes[i].Done, err)
				}
			}
		}
	}
	return unique(outcomes), nil
}

// unique keeps the last outcome of each service: a command may touch one more than once on behalf of others.
func unique(all []model.Outcome) []model.Outcome {
	out := []model.Outcome{}
	for i, o := range all {
		later := slices.ContainsFunc(all[i+1:], func(p model.Outcome) bool { return p.Service == o.Service })
		if !later || o.Error != "" {
			out = append(out, o)
		}
	}
	return out
}

// targets finds the services a command is about.
func (e *Engine) targets(c model.Command) ([]*service, error) {
	switch {
	case c.All && c.Kind == model.CommandCheck:
		// Who has everything checked does not mean to end the hours in which somebody wants something left alone.
		now := time.Now()
		return slices.DeleteFunc(slices.Clone(e.order), func(s *service) bool { return !s.allowed(now) }), nil
	case c.All:
		return slices.Clone(e.order), nil
	case c.Group != "":
		return e.group(c)
	}
	var out []*service
	for _, name := range c.Names {
		s := e.services[key(name)]
		if s == nil {
			var names []string
			for _, s := range e.order {
				names = append(names, s.spec.Name)
			}
			return nil, &UnknownError{"service", name, diag.Nearest(name, names)}
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

// group finds the members of a group. To restart it, members that another member takes along are left out.
func (e *Engine) group(c model.Command) ([]*service, error) {
	var out []*service
	var groups []string
	for _, s := range e.order {
		groups = append(groups, s.spec.Groups...)
		if slices.Contains(s.spec.Groups, c.Group) {
			out = append(out, s)
		}
	}
	if out == nil {
		return nil, &UnknownError{"group", c.Group, diag.Nearest(c.Group, groups)}
	}
	if c.Kind == model.CommandRestart {
		members := slices.Clone(out)
		out = slices.DeleteFunc(out, func(s *service) bool {
			return s.monitored && slices.ContainsFunc(s.parents, func(p *service) bool { return slices.Contains(members, p) })
		})
	}
	return out, nil
}

// command begins what was asked of one service; the channel receives the outcome.
func (e *Engine) command(s *service, c model.Command) chan []model.Outcome {
	result := make(chan []model.Outcome, 1)
	now := time.Now()
	switch c.Kind {
	case model.CommandMonitor:
		result <- e.monitor(s, now)
	case model.CommandUnmonitor:
		result <- e.unmonitor(s, now, onRequest)
	case model.CommandAcknowledge:
		result <- []model.Outcome{e.acknowledge(s, "", c.Until, now)}
	case model.CommandCheck:
		e.checkNow(s, now, result)
	default:
		e.begin(newPlan(c.Kind, s, model.Event{}, func(out []model.Outcome) { result <- out }))
	}
	return result
}

// monitor enables a service and everything it needs.
func (e *Engine) monitor(s *service, now time.Time) []model.Outcome {
	var out []model.Outcome
	for _, t := range append(ancestors(s), s) {
		if t.monitored {
			if t == s {
				out = append(out, model.Outcome{Service: t.spec.Name, Done: "is monitored already"})
			}
			continue
		}
		t.monitored = true
		t.forgetState()
		if t.plan != nil {
			t.plan.mine[t] = true
		}
		e.journal(t, model.Event{Kind: model.EventMonitored, Topic: model.TopicAction, Action: "monitor", Text: "monitoring is on", Silent: t != s})
		e.touch(t, now)
		out = append(out, model.Outcome{Service: t.spec.Name, Done: "is monitored now"})
	}
	for _, t := range append(ancestors(s), s) {
		if t.initializing {
			e.request(t, now, byRequest)
		}
	}
	return out
}

// onRequest is why monitoring is off when a user wants it so.
const onRequest = "on request"

// unmonitor disables a service and everything that needs it. People are told when a user asked for it, and of the service
// that was named: of a rule's action its failure tells already.
func (e *Engine) unmonitor(s *service, now time.Time, why string) []model.Outcome {
	var out []model.Outcome
	for _, t := range append(descendants(s), s) {
		if t.plan != nil {
			t.plan.mine[t] = true
		}
		if !t.monitored {
			if t == s {
				out = append(out, model.Outcome{Service: t.spec.Name, Done: "is not monitored already"})
			}
			continue
		}
		e.off(t)
		e.journal(t, model.Event{Kind: model.EventUnmonitored, Topic: model.TopicAction, Action: "unmonitor", Text: "monitoring is off " + why, Silent: t != s || why != onRequest})
		e.touch(t, now)
		out = append(out, model.Outcome{Service: t.spec.Name, Done: "is not monitored any more"})
	}
	return out
}

// off ends the monitoring of one service at once, even while a check of it hangs.
func (e *Engine) off(s *service) {
	s.monitored, s.blocked = false, false
	e.abandon(s)
	s.parked, s.queued = false, false
	s.forgetState()
	e.Forget(s.spec.Name)
	e.finished(s)
}

// checkNow checks a service and waits for the result.
func (e *Engine) checkNow(s *service, now time.Time, result chan []model.Outcome) {
	if !s.monitored || s.plan != nil {
		result <- nil
		return
	}
	w := make(chan struct{})
	s.watches = append(s.watches, w)
	e.request(s, now, byRequest)
	e.work.Add(1)
	go func() {
		defer e.work.Done()
		e.await([]chan struct{}{w}, patience(s.spec))
		result <- nil
	}()
}
