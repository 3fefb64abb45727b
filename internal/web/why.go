package web

import (
	"strings"
	"time"

	"orderly/internal/story"
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

// chain tells how the present or the last trouble of a service went, step by step.
func chain(s story.Story, now time.Time, zone *time.Location) []link {
	now = now.In(zone)
	out := make([]link, len(s.Steps))
	for i := range s.Steps {
		step := &s.Steps[i]
		l := link{At: step.At, Tone: neutral, Title: sentence(step.Word, ""), Text: step.Text, Notes: step.Notes(now), Zone: zone, Now: now}
		if w, known := kindWords[step.Kind]; known {
			l.Tone = w.Tone
		}
		if step.More > 0 {
			l.Notes = append(l.Notes, "until "+clock(step.Until.In(zone), now))
		}
		for n := range l.Notes {
			l.Notes[n] = sentence(l.Notes[n], "")
		}
		out[i] = l
	}
	return out
}

func sentence(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
