package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// A link is one step of how a service came to be as it is.
type link struct {
	At    time.Time
	Tone  tone
	Title string
	Text  string
	Notes []string
	Zone  *time.Location
	Now   time.Time
}

// chain tells, from the events of one service, oldest first, how its last failure went: what was measured, what
// followed, who was told, and how it ended.
func chain(events []model.Event, now time.Time, zone *time.Location) []link {
	begin := beginning(events)
	if begin < 0 {
		return nil
	}
	var out []link
	for _, ev := range events[begin:] {
		if l, tells := step(ev); tells {
			l.At, l.Zone, l.Now = ev.At, zone, now
			out = append(out, l)
		}
	}
	const most = 14 // the first ones say why, the last ones how it is now
	if len(out) > most {
		left := len(out) - most
		out = slices.Concat(out[:4], []link{{At: out[4].At, Tone: neutral, Title: fmt.Sprintf("%d more of the same kind", left), Zone: zone, Now: now}}, out[len(out)-most+4:])
	}
	return out
}

// beginning is where the last time of trouble begins: the first failure after everything was well; -1: there was none.
func beginning(events []model.Event) int {
	begin, failing := -1, map[string]bool{}
	for i, ev := range events {
		switch ev.Kind {
		case model.EventFailed:
			if len(failing) == 0 {
				begin = i
			}
			failing[ev.Rule] = true
		case model.EventRecovered:
			delete(failing, ev.Rule)
		case model.EventMonitored, model.EventAdded:
			clear(failing)
		}
	}
	return begin
}

// step is what an event adds to the story; reminders add nothing.
func step(ev model.Event) (link, bool) {
	l := link{Text: ev.Text, Tone: aboutKind(ev).Tone}
	switch ev.Kind {
	case model.EventFailed:
		l.Title = "Failed"
		if ev.Rule != "" {
			l.Notes = append(l.Notes, "Rule: "+ev.Rule)
		}
		l.Notes = append(l.Notes, counted(ev.Failure)...)
		if ev.Action != "" && ev.Action != "alert" && ev.Action != "ignore" {
			l.Notes = append(l.Notes, "What follows: "+ev.Action)
		}
		l.Notes = append(l.Notes, told(ev))
	case model.EventAction:
		l.Title = sentence(ev.Action, "Done")
	case model.EventActionFailed:
		l.Title = sentence(ev.Action, "What was tried") + " did not work"
		if ev.Evidence != "" {
			l.Notes = append(l.Notes, model.Printable(ev.Evidence, 400))
		}
	case model.EventRecovered:
		l.Title = "Recovered"
		if f := ev.Failure; f != nil && !f.Since.IsZero() {
			l.Notes = append(l.Notes, "It had been failing for "+span(ev.At.Sub(f.Since)))
		}
		l.Notes = append(l.Notes, told(ev))
	case model.EventAcknowledged, model.EventFlapping, model.EventSteady, model.EventUnmonitored, model.EventMonitored,
		model.EventSilenced, model.EventUnsilenced:
		l.Title = sentence(aboutKind(ev).Word, "")
	default:
		return link{}, false
	}
	return l, true
}

// counted is how often something was bad before it counted.
func counted(f *model.Failure) (notes []string) {
	if f == nil {
		return nil
	}
	if f.Bad > 1 {
		notes = append(notes, fmt.Sprintf("%d bad measurements in a row", f.Bad))
	}
	if len(f.Affects) > 0 {
		notes = append(notes, "Not looked at meanwhile: "+strings.Join(f.Affects, ", "))
	}
	return notes
}

// told is whether people heard of an event.
func told(ev model.Event) string {
	switch {
	case ev.Silenced != "":
		return "Nobody was told: " + ev.Silenced
	case ev.Silent:
		return "Nobody is told of this"
	}
	return "Those who are to know were told"
}

func sentence(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
