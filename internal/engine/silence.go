package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// Bounds of silences: how many there may be at once, and how long one may last or be planned ahead.
const (
	maxSilences = 1000
	maxSilence  = 366 * 24 * time.Hour
)

// Silence begins a silence and returns it, with an ID if it had none, when it is in force and on disk; one that is to begin
// later, when that is on disk. It takes the place of one with its ID. Services that are named must be configured.
func (e *Engine) Silence(ctx context.Context, s model.Silence) (model.Silence, error) {
	var failed error
	err := e.ask(ctx, func() { s, failed = e.beginSilence(s, time.Now()) })
	if err = cmp.Or(failed, err); err != nil {
		return s, err
	}
	if err := e.Keeper.Flush(ctx); err != nil {
		return s, fmt.Errorf("silenced, but that cannot be saved and will be lost at a restart: %w", err)
	}
	return s, nil
}

// ErrNoSilence tells that there is no silence of an ID.
var ErrNoSilence = errors.New("there is no such silence")

// EndSilence ends a silence before its time. The services are checked at once, and people are told what they do not know.
func (e *Engine) EndSilence(ctx context.Context, id string) error {
	var failed error
	err := e.ask(ctx, func() {
		now := time.Now()
		i := slices.IndexFunc(e.silences, func(s model.Silence) bool { return s.ID == id && !s.Ended })
		if i < 0 {
			failed = fmt.Errorf("cannot end silence %q: %w", id, ErrNoSilence)
			return
		}
		over := e.silences[i]
		if over.Every != "" { // or it would begin again at once
			s := &e.silences[i]
			s.Ended, s.Hold, s.Settled = true, false, time.Time{}
		} else {
			e.silences = slices.Delete(e.silences, i, i+1)
		}
		e.endSilences([]model.Silence{over}, "was ended", now)
	})
	if err = cmp.Or(failed, err); err != nil {
		return err
	}
	return e.Keeper.Flush(ctx)
}

// Silences lists those in force, in the order in which they began, and behind them those to come, which are pending: of a
// maintenance the next occurrence.
func (e *Engine) Silences(ctx context.Context) ([]model.Silence, error) {
	out := []model.Silence{}
	err := e.ask(ctx, func() {
		var later []model.Silence
		for _, s := range e.silences {
			switch {
			case s.Pending:
				later = append(later, s)
			case !s.Ended:
				out = append(out, s)
			}
		}
		later = append(later, e.nextMaintenances(time.Now())...)
		slices.SortStableFunc(later, func(a, b model.Silence) int { return a.From.Compare(b.From) })
		out = append(out, later...)
	})
	return out, err
}

func (e *Engine) beginSilence(s model.Silence, now time.Time) (model.Silence, error) {
	if s.From.Before(now) {
		s.From = now
	}
	switch {
	case !s.Until.After(s.From):
		return s, errors.New("cannot silence: the time to end it has passed")
	case s.Over().Sub(now) > maxSilence:
		return s, errors.New("cannot silence: that would end more than a year from now")
	case len(e.silences) >= maxSilences:
		return s, fmt.Errorf("cannot silence: there are %d silences already", maxSilences)
	}
	if err := e.whom(s); err != nil {
		return s, err
	}
	s.ID, s.Pending, s.Every, s.Ended = cmp.Or(s.ID, e.freeID()), s.From.After(now), "", false
	e.putSilence(s, now)
	return s, nil
}

// whom tells what is wrong with whom a silence names.
func (e *Engine) whom(s model.Silence) error {
	if s.All {
		return nil
	}
	targets, err := e.targets(model.Command{Names: s.Names, Group: s.Group})
	if err == nil && len(targets) == 0 {
		err = errors.New("cannot silence: no service is named")
	}
	return err
}

// putSilence puts a silence in force, or has it begin at its time.
func (e *Engine) putSilence(s model.Silence, now time.Time) {
	i := slices.IndexFunc(e.silences, func(o model.Silence) bool { return o.ID == s.ID })
	if i < 0 {
		e.silences = append(e.silences, s)
		e.keepSilences()
		if !s.Pending {
			e.aboutSilence(s, model.EventSilenced, "nobody is told "+until(&s)+because(&s), now)
		}
		return
	}
	before := e.silences[i]
	if !before.Pending { // it goes on, differently
		s.From, s.Pending = before.From, false
	}
	e.silences[i] = s
	e.keepSilences()
	if before.Pending && !s.Pending {
		e.aboutSilence(s, model.EventSilenced, "nobody is told "+until(&s)+because(&s), now)
	}
	if before.Holds(now) && !s.Holds(now) {
		e.lookAgain([]model.Silence{before}, now)
	}
}

// freeID is the smallest number that no silence has.
func (e *Engine) freeID() string {
	for n := 1; ; n++ {
		id := fmt.Sprint(n)
		if !slices.ContainsFunc(e.silences, func(s model.Silence) bool { return s.ID == id }) {
			return id
		}
	}
}

// expire begins the silences whose time has come and ends those whose time is over.
func (e *Engine) expire(now time.Time) {
	if e.config == nil {
		return
	}
	var over, settling []model.Silence
	e.silences = slices.DeleteFunc(e.silences, func(s model.Silence) bool {
		if s.Over().After(now) {
			return false
		}
		if !s.Ended {
			over = append(over, s)
		}
		return true
	})
	begun := false
	for i := range e.silences {
		s := &e.silences[i]
		switch {
		case s.Pending && !s.From.After(now):
			s.Pending, begun = false, true
			e.aboutSilence(*s, model.EventSilenced, "nobody is told "+until(s)+because(s), now)
		case s.Hold && s.Active(now) && !s.Holds(now): // what was held back is done now
			s.Hold = false
			settling = append(settling, *s)
		}
	}
	if begun || settling != nil {
		e.keepSilences()
	}
	e.lookAgain(settling, now)
	if over != nil {
		e.endSilences(over, "is over", now)
	}
}

// endSilences has the services looked at again, so that what is told then is as it is then.
func (e *Engine) endSilences(over []model.Silence, how string, now time.Time) {
	e.keepSilences()
	for i := range over {
		if s := &over[i]; !s.Pending {
			e.aboutSilence(*s, model.EventUnsilenced, "the silence "+how+because(s), now)
			e.waive(s, now)
		}
	}
	for _, s := range e.order {
		if slices.ContainsFunc(over, func(o model.Silence) bool { return !o.Pending && covers(&o, s.spec) }) {
			s.hushed = ", in a silence that is over"
		}
	}
	e.lookAgain(over, now)
}

// lookAgain has the services of silences checked.
func (e *Engine) lookAgain(silences []model.Silence, now time.Time) {
	for _, s := range e.order {
		if slices.ContainsFunc(silences, func(o model.Silence) bool { return covers(&o, s.spec) }) {
			e.request(s, now, byRequest)
		}
	}
}

// nextSilence is when a silence begins, ceases to hold actions back or ends, at most so long from now.
func (e *Engine) nextSilence(now time.Time, wait time.Duration) time.Duration {
	for i := range e.silences {
		s := &e.silences[i]
		switch {
		case s.Pending:
			wait = min(wait, s.From.Sub(now))
		case s.Hold && s.Until.After(now):
			wait = min(wait, s.Until.Sub(now))
		default:
			wait = min(wait, s.Over().Sub(now))
		}
	}
	return wait
}

func (e *Engine) keepSilences() {
	e.revision.Add(1)
	data, err := json.Marshal(e.silences)
	if err != nil {
		e.Log.Error("cannot encode the silences: they will be lost at a restart", "err", err)
		return
	}
	e.Keeper.SaveSilences(data)
}

// restoreSilences goes on with those that an earlier run kept.
func (e *Engine) restoreSilences() {
	if len(e.Options.Silences) > 0 && json.Unmarshal(e.Options.Silences, &e.silences) != nil {
		e.silences = nil
	}
}

// aboutSilence journals that a silence began or ended, of the one service that it is about or of the host.
func (e *Engine) aboutSilence(s model.Silence, kind model.EventKind, text string, now time.Time) {
	ev := model.Event{Kind: kind, At: now, Host: e.config.Settings.Host, Topic: model.TopicAction, Text: text, Silent: true}
	switch {
	case len(s.Names) == 1 && len(s.Groups) == 0 && !s.All:
		ev.Service = s.Names[0]
	default:
		ev.Text += " (" + s.Whom() + ")"
	}
	e.Journal.Append(ev)
}

func covers(s *model.Silence, spec *model.Service) bool {
	inGroup := func(group string) bool { return slices.Contains(spec.Groups, group) }
	return s.All || s.Group != "" && inGroup(s.Group) || slices.ContainsFunc(s.Groups, inGroup) ||
		slices.ContainsFunc(s.Names, func(n string) bool { return strings.EqualFold(n, spec.Name) })
}

// silencedBy is why nobody is told of a service now, or "". That something is over which people know of, only mute silences
// keep back.
func (e *Engine) silencedBy(s *service, over bool, now time.Time) string {
	for i := range e.silences {
		if o := &e.silences[i]; o.Active(now) && covers(o, s.spec) && (o.Mute || !over) {
			return "silenced " + until(o) + because(o)
		}
	}
	return ""
}

// held tells whether rules must not act on a service now.
func (e *Engine) held(s *service, now time.Time) bool {
	return slices.ContainsFunc(e.silences, func(o model.Silence) bool {
		return o.Holds(now) && covers(&o, s.spec)
	})
}

func until(s *model.Silence) string {
	return "until " + s.Over().Local().Format("15:04:05")
}

func because(s *model.Silence) string {
	text := ""
	if s.By != "" {
		text = " by " + s.By
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}
