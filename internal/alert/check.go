package alert

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"orderly/internal/model"
	"orderly/internal/notice"
)

// Check tells what is wrong with a route that leads somewhere: a channel that does not exist, a template or a URL that
// cannot be read, a parameter that is missing. Nothing is sent. Secrets are not in the error.
func Check(r model.Route) error {
	if r.Mute {
		return nil
	}
	ch, known := channels[r.Channel]
	if !known {
		return fmt.Errorf("there is no channel %q", r.Channel)
	}
	if err := checkSpacing(ch, r); err != nil {
		return err
	}
	for _, f := range r.Fallback {
		if len(f.Fallback) > 0 {
			return errors.New("a fallback has no fallbacks of its own")
		}
		if err := Check(f); err != nil {
			return fmt.Errorf("fallback %s: %w", f.Channel, err)
		}
	}
	if ch.check == nil {
		return checkText(r)
	}
	return ch.check(r)
}

// checkSpacing checks how messages are spaced.
func checkSpacing(ch channel, r model.Route) error {
	group, gathers := r.Params.Find("group")
	storm, bounded := r.Params.Find("storm")
	switch {
	case !gathers && !bounded:
		return nil
	case ch.fits == nil:
		return fmt.Errorf("messages by %s are about one event each and cannot be grouped", r.Channel)
	}
	if d, err := time.ParseDuration(group.Value); gathers && (err != nil || d < 0 || d > time.Hour) {
		return fmt.Errorf("%q is no time for events to gather: write a duration up to 1h", group.Value)
	}
	if n, err := strconv.Atoi(storm.Value); bounded && (err != nil || n < 0) {
		return fmt.Errorf("%q is no number of messages", storm.Value)
	}
	return nil
}

// checkText checks the template of what is said, if there is one.
func checkText(r model.Route) error {
	if r.Text == "" {
		return nil
	}
	_, err := notice.Parse(r.Text)
	return err
}

// sample is what routes are tried with when they are read.
var sample = model.Event{
	Seq: 1, At: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Host: "localhost", Service: "sample", Rule: "does not exist",
	Kind: model.EventFailed, Topic: model.TopicNonexist, Text: "sample is not running",
}
