package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

// servicePath is where the page of a service is.
func servicePath(name string) string { return "/services/" + url.PathEscape(name) }

// stateWord is a state for people.
func stateWord(s model.ServiceState) string {
	switch s {
	case model.StateOK:
		return "OK"
	case model.StateFailing:
		return "Failing"
	case model.StateInitializing:
		return "Starting up"
	case model.StateUnmonitored:
		return "Not monitored"
	case model.StateActing:
		return "Acting"
	}
	return "Unknown"
}

// span is a length of time in the largest unit that says enough: "12 s", "4 min", "3 h", "9 days".
func span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// fullTime is a time of which nothing is left out.
const fullTime = "Mon 2 Jan 2006 15:04:05 MST"

// clock is a time as short as it can be understood beside now: the time of today, the day and time of this year.
func clock(t, now time.Time) string {
	switch {
	case t.Year() != now.Year():
		return t.Format("2 Jan 2006 15:04")
	case t.YearDay() != now.YearDay():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("15:04:05")
}

// percent shows a share. What is not everything is never rounded up to it.
func percent(share float64) string {
	p := share * 100
	switch {
	case p >= 100:
		return "100%"
	case p > 99.99:
		return "99.99%"
	case p >= 99.9:
		return strconv.FormatFloat(float64(int(p*100))/100, 'f', 2, 64) + "%"
	case p >= 99:
		return strconv.FormatFloat(float64(int(p*10))/10, 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + "%"
}

// A tone is what colour and icon something has.
type tone string

// The tones. Each has a word beside it wherever it is shown.
const (
	good    tone = "ok"
	bad     tone = "failing"
	warning tone = "warning"
	busy    tone = "acting"
	quiet   tone = "unmonitored"
	unknown tone = "unknown"
	neutral tone = "neutral"
)

// A kindWord is how an event of a kind is shown.
type kindWord struct {
	Word string
	Tone tone
}

var kindWords = map[model.EventKind]kindWord{
	model.EventFailed:       {"failed", bad},
	model.EventStillFailing: {"still failing", bad},
	model.EventRecovered:    {"recovered", good},
	model.EventChanged:      {"changed", warning},
	model.EventAction:       {"done", busy},
	model.EventActionFailed: {"could not be done", bad},
	model.EventMonitored:    {"monitored", good},
	model.EventUnmonitored:  {"not monitored", quiet},
	model.EventAdded:        {"added", neutral},
	model.EventRemoved:      {"removed", quiet},
	model.EventStarted:      {"orderly started", neutral},
	model.EventStopped:      {"orderly stopped", quiet},
	model.EventReloaded:     {"reloaded", neutral},
	model.EventFlapping:     {"flapping", warning},
	model.EventSteady:       {"steady again", good},
	model.EventAcknowledged: {"acknowledged", busy},
	model.EventSilenced:     {"silenced", quiet},
	model.EventUnsilenced:   {"no longer silenced", neutral},
	model.EventHeard:        {"heard", neutral},
	model.EventInternal:     {"orderly", warning},
}

// aboutKind is how an event is shown: what was done goes by its own name.
func aboutKind(ev model.Event) kindWord {
	w, known := kindWords[ev.Kind]
	switch {
	case !known:
		return kindWord{strings.ReplaceAll(string(ev.Kind), "_", " "), neutral}
	case ev.Kind == model.EventAction && ev.Action != "":
		w.Word = ev.Action
	case ev.Kind == model.EventActionFailed && ev.Action != "":
		w.Word = ev.Action + " failed"
	}
	return w
}
