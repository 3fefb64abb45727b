package story

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// Length is a length of time for people, as exact as they care for.
func Length(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "less than 1 ms"
	case d < time.Second:
		return model.FormatSeconds(d.Round(time.Millisecond).Seconds())
	}
	return model.FormatSeconds(d.Round(time.Second).Seconds())
}

// summary says in one line how a service is, and how its last trouble was.
func summary(s *model.ServiceStatus, t trouble, now time.Time) string {
	text := s.Name + " " + condition(s)
	if !s.Since.IsZero() && s.State != model.StateInitializing {
		text += ", for " + Length(now.Sub(s.Since))
	}
	switch {
	case s.Ails():
		if s.Problem != "" {
			text += ": " + s.Problem
		}
	case t.events == nil:
		text += "; it never failed, as far as is remembered"
	case t.ended.After(t.began):
		text += "; its last trouble lasted " + Length(t.ended.Sub(t.began))
	}
	return text
}

// condition is the state of a service in words.
func condition(s *model.ServiceStatus) string {
	switch s.State {
	case model.StateOK:
		return "is ok"
	case model.StateFailing:
		return "is failing"
	case model.StateUnmonitored:
		return "is not monitored"
	case model.StateActing:
		return "is being worked on (" + cmp.Or(s.Doing, "something runs") + ")"
	case model.StateInitializing:
		return "has not been judged yet"
	}
	return "cannot be judged"
}

// remarks are what else has to be known to understand how a service is.
func remarks(s *model.ServiceStatus, events []model.Event) []string {
	var out []string
	add := func(text string) {
		if text != "" {
			out = append(out, text)
		}
	}
	if s.State == model.StateUnmonitored {
		for _, ev := range slices.Backward(events) {
			if ev.Kind == model.EventUnmonitored {
				add(ev.Text)
				break
			}
		}
	}
	add(s.GaveUp)
	if s.Acked != "" {
		add("looked after: " + s.Acked)
	}
	add(s.Silenced)
	if s.Needs != "" {
		add(fmt.Sprintf("waits for %s, which is not well: orderly why %s", s.Needs, s.Needs))
	}
	return out
}

// Notes say more about a step, in lines for people. Times are those of the zone of now.
func (s *Step) Notes(now time.Time) []string {
	var out []string
	note := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if s.Kind == model.EventFailed || s.Kind == model.EventChanged {
		if s.Rule != "" {
			note("rule: %s", s.Rule)
		}
		out = append(out, s.counted()...)
		if s.Follows != "" {
			note("what follows: %s", s.Follows)
		}
	}
	if f := s.Failure; f != nil && s.Kind == model.EventRecovered && !f.Since.IsZero() {
		note("it had been failing for %s", Length(s.At.Sub(f.Since)))
	}
	if s.Evidence != "" {
		out = append(out, strings.Split(s.Evidence, "\n")...)
	}
	return append(out, s.tellings(now)...)
}

// counted is how often something was bad before it counted, and whom it concerns.
func (s *Step) counted() (notes []string) {
	f := s.Failure
	if f == nil {
		return nil
	}
	text := ""
	if f.Bad > 1 {
		text = fmt.Sprintf("%d bad measurements in a row", f.Bad)
	}
	if !f.LastOK.IsZero() && s.At.Sub(f.LastOK) >= time.Second {
		if text != "" {
			text += ", "
		}
		text += "seen well " + Length(s.At.Sub(f.LastOK)) + " before"
	}
	if text != "" {
		notes = append(notes, text)
	}
	if len(f.Affects) > 0 {
		notes = append(notes, "not checked meanwhile: "+strings.Join(f.Affects, ", "))
	}
	return notes
}

// late is when a message is late enough to say so.
const late = time.Minute

// tellings say who was told, who was not yet, and why nobody was.
func (s *Step) tellings(now time.Time) (out []string) {
	var reached []string
	for _, t := range s.Told {
		switch {
		case t.Arrived():
			reached = append(reached, recipient(t)+s.how(t))
		case t.Quiet.After(now):
			out = append(out, fmt.Sprintf("%s is told at %s, after quiet hours", recipient(t), clock(t.Quiet, now)))
		case t.Error == "":
			out = append(out, recipient(t)+" was not told: it was quiet hours")
		default:
			out = append(out, fmt.Sprintf("not told: %s%s: %s", recipient(t), s.how(t), t.Error))
		}
	}
	if reached != nil {
		out = slices.Insert(out, 0, "told: "+strings.Join(reached, ", "))
	}
	switch {
	case s.Untold == noAlert && now.Sub(s.At) < late:
		out = append(out, "nobody was told so far")
	case s.Untold != "":
		out = append(out, "nobody was told: "+s.Untold)
	}
	return out
}

func recipient(t model.Told) string { return strings.TrimSpace(t.Channel + " " + t.Address) }

// how a message came to somebody, if not at once, alone and directly.
func (s *Step) how(t model.Told) string {
	var ways []string
	if t.Instead != "" {
		ways = append(ways, "instead of "+t.Instead)
	}
	if later := t.At.Sub(s.At); later >= late && t.Error == "" {
		ways = append(ways, Length(later)+" later")
	}
	if t.Together > 1 {
		ways = append(ways, fmt.Sprintf("%d events in one message", t.Together))
	}
	if ways == nil {
		return ""
	}
	return " (" + strings.Join(ways, ", ") + ")"
}

// clock is a time of day, with the date where that is another one.
func clock(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) || t.Sub(now) < 12*time.Hour {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
