package web

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
		quoted := strings.Split(step.Evidence, "\n")
		for n, note := range l.Notes {
			if !slices.Contains(quoted, note) {
				l.Notes[n] = sentence(note, "")
			}
		}
		out[i] = l
	}
	return out
}

// sentence is a word as sentences begin, or otherwise if there is none.
func sentence(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}
