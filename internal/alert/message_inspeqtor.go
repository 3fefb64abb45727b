package alert

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"orderly/internal/model"
)

const inspeqtorFrom = "inspeqtor@$HOST"

// inspeqtorWords words an event as Inspeqtor's mails do (I-23). What Inspeqtor does not tell is told as in chats.
func inspeqtorWords(c *model.Config, ev model.Event) words {
	s := c.Find(ev.Service)
	r := ruleOf(s, ev.Rule)
	subject := subjectOf(c, s, r, ev)
	w := words{from: inspeqtorFrom, subject: plainLine(subject, ev, ""), body: ev.Text}
	switch {
	case s != nil && s.Kind == model.KindHeartbeat && ev.Topic == model.TopicHeartbeat:
		w.subject = cmp.Or(jobLine(hostOf(c, ev), s.Name, ev), w.subject)
	case r != nil && r.Metric == model.Exist && r.Implicit:
		w.existence(hostOf(c, ev), subject, ev)
	case r != nil:
		w.rule(subject, r.Text, ev)
	}
	w.subject = oneLine(w.subject, subjectLimit)
	w.body = strings.TrimRight(w.body, "\n") + "\nDate: " + ev.At.UTC().Format("2006-01-02T15:04:05Z") + "\n\n"
	return w
}

// existence words that a thing is gone, or there.
func (w *words) existence(host, subject string, ev model.Event) {
	switch ev.Kind {
	case model.EventFailed, model.EventStillFailing:
		w.subject = subject + " does not exist."
		w.body = fmt.Sprintf("Nothing was found on %s that is %s: %s\n", host, ev.Service, ev.Text)
	case model.EventRecovered:
		w.subject = subject + " is now running."
		if pid := pidInText.FindStringSubmatch(ev.Text); pid != nil {
			w.body += "\n\nPID " + pid[1]
		}
	}
}

// measured finds what was measured in the text of an event: between the name of it and the limit.
var measured = regexp.MustCompile(`^.*? is (.+?)(?: \(limit: .*|, no longer .*)?$`)

// rule words that a measurement is beyond its limit, and that it is within it again.
func (w *words) rule(subject, text string, ev model.Event) {
	parts := comparison.FindStringSubmatch(text)
	if parts == nil {
		return
	}
	metric, limit := parts[1], parts[3]
	is := map[string]string{">": "greater than ", "<": "less than "}[parts[2]] + limit + " for " + subject + "."
	switch ev.Kind {
	case model.EventFailed:
		w.subject = subject + " " + metric + " has failed its check" + following(ev.Action)
		w.body = metric + " is " + is
	case model.EventStillFailing:
		w.subject = subject + " " + metric + " still fails its check"
		w.body = metric + " is still " + is
	case model.EventRecovered:
		w.subject = subject + " " + metric + " has recovered"
		w.body = metric + " is no longer " + is
	default:
		return
	}
	current := ev.Text
	if m := measured.FindStringSubmatch(ev.Text); m != nil {
		current = m[1]
	}
	w.body += "\n\nCurrent: " + current + "\nThreshold: " + limit
}

// following says which repair follows a failure.
func following(action string) string {
	switch model.ActionKind(action) {
	case model.ActRestart:
		return ", restarting"
	case model.ActReload:
		return ", reloading"
	}
	return ""
}
