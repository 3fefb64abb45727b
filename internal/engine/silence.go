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
	"orderly/internal/rule"
)

// maxSilences bounds how many silences there may be at once.
const maxSilences = 1000

// Silence begins a silence and returns it, with an ID if it had none, when it is in force and on disk. It takes the place
// of one with its ID. Services that are named must be configured.
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
		i := slices.IndexFunc(e.silences, func(s model.Silence) bool { return s.ID == id })
		if i < 0 {
			failed = fmt.Errorf("cannot end silence %q: %w", id, ErrNoSilence)
			return
		}
		over := e.silences[i]
		e.silences = slices.Delete(e.silences, i, i+1)
		e.endSilences([]model.Silence{over}, "was ended", now)
	})
	if err = cmp.Or(failed, err); err != nil {
		return err
	}
	return e.Keeper.Flush(ctx)
}

// Silences lists those in force, in the order in which they began.
func (e *Engine) Silences(ctx context.Context) ([]model.Silence, error) {
	var out []model.Silence
	err := e.ask(ctx, func() { out = append([]model.Silence{}, e.silences...) })
	return out, err
}

func (e *Engine) beginSilence(s model.Silence, now time.Time) (model.Silence, error) {
	switch {
	case !s.Until.After(now):
		return s, errors.New("cannot silence: the time to end it has passed")
	case len(e.silences) >= maxSilences:
		return s, fmt.Errorf("cannot silence: there are %d silences already", maxSilences)
	}
	if !s.All {
		targets, err := e.targets(model.Command{Names: s.Names, Group: s.Group})
		if err != nil {
			return s, err
		}
		if len(targets) == 0 {
			return s, errors.New("cannot silence: no service is named")
		}
	}
	if s.From.IsZero() {
		s.From = now
	}
	s.ID = cmp.Or(s.ID, e.freeID())
	i := slices.IndexFunc(e.silences, func(o model.Silence) bool { return o.ID == s.ID })
	if i >= 0 { // it goes on, differently
		s.From = e.silences[i].From
		e.silences[i] = s
		e.keepSilences()
		return s, nil
	}
	e.silences = append(e.silences, s)
	e.keepSilences()
	e.aboutSilence(s, model.EventSilenced, "nobody is told "+until(&s)+because(&s), now)
	return s, nil
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

// expire ends the silences whose time is over.
func (e *Engine) expire(now time.Time) {
	if e.config == nil {
		return
	}
	var over []model.Silence
	e.silences = slices.DeleteFunc(e.silences, func(s model.Silence) bool {
		if s.Until.After(now) {
			return false
		}
		over = append(over, s)
		return true
	})
	if over != nil {
		e.endSilences(over, "is over", now)
	}
}

// endSilences has the services looked at again, so that what is told then is as it is then.
func (e *Engine) endSilences(over []model.Silence, how string, now time.Time) {
	e.keepSilences()
	for i := range over {
		e.aboutSilence(over[i], model.EventUnsilenced, "the silence "+how+because(&over[i]), now)
	}
	for _, s := range e.order {
		if slices.ContainsFunc(over, func(o model.Silence) bool { return covers(&o, s.spec) }) {
			e.request(s, now, byRequest)
		}
	}
}

func (e *Engine) keepSilences() {
	e.revision.Add(1)
	data, err := json.Marshal(e.silences)
	if err != nil {
		panic("engine: a silence cannot be encoded: " + err.Error()) // it has texts and times only
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
	case len(s.Names) == 1 && !s.All:
		ev.Service = s.Names[0]
	case s.All:
		ev.Text += " (all services)"
	case s.Group != "":
		ev.Text += " (group " + s.Group + ")"
	default:
		ev.Text += " (" + strings.Join(s.Names, ", ") + ")"
	}
	e.Journal.Append(ev)
}

func covers(s *model.Silence, spec *model.Service) bool {
	return s.All || s.Group != "" && slices.Contains(spec.Groups, s.Group) ||
		slices.ContainsFunc(s.Names, func(n string) bool { return strings.EqualFold(n, spec.Name) })
}

// silencedBy is why nobody is told of a service now, or "".
func (e *Engine) silencedBy(s *service, now time.Time) string {
	for i := range e.silences {
		if o := &e.silences[i]; o.Until.After(now) && covers(o, s.spec) {
			return "silenced " + until(o) + because(o)
		}
	}
	return ""
}

// held tells whether rules must not act on a service now.
func (e *Engine) held(s *service, now time.Time) bool {
	return slices.ContainsFunc(e.silences, func(o model.Silence) bool {
		return o.Hold && o.Until.After(now) && covers(&o, s.spec)
	})
}

func until(s *model.Silence) string {
	return "until " + s.Until.Local().Format("15:04:05")
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

// owe notes what people are not told, and returns why they are not. Of what is again as they were told last they are
// told nothing.
func owe(st *rule.State, effect rule.Effect, hush string) string {
	switch {
	case effect != rule.BeginFail && effect != rule.Recover:
	case st.Owed != rule.None && st.Owed != effect:
		st.Owed = rule.None
		return cmp.Or(hush, "nobody was told of what came before")
	case hush != "":
		st.Owed = effect
	}
	return hush
}
