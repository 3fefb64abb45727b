package alert

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/notice"
)

// lineLength bounds a line for a chat, in characters.
const lineLength = 1000

// line words an event for a chat, in one line. What Inspeqtor tells as well, it tells as Inspeqtor does (I-23), and adds
// for how long.
func line(c *model.Config, route model.Route, ev model.Event) string {
	s := c.Find(ev.Service)
	r := ruleOf(s, ev.Rule)
	subject := subjectOf(c, s, r, ev)
	var text string
	switch {
	case s != nil && s.Kind == model.KindHeartbeat && ev.Topic == model.TopicHeartbeat:
		text = jobLine(hostOf(c, ev), s.Name, ev)
	case r != nil && r.Metric == model.Exist && r.Implicit:
		text = existenceLine(subject, s.Kind, ev)
	case r != nil:
		text = ruleLine(subject, r, ev)
	}
	switch long := lasting(route, ev); {
	case text == "":
		text = plainLine(subject, ev, long)
	case long != "":
		text += " (" + long + ")"
	}
	if others := affected(ev, affectsLimit); others != "" {
		text += " [" + others + "]"
	}
	return oneLine(text, lineLength)
}

// lasting tells for how long something has been failing, and how often that was said: "for 2 h 10 min, 4th notice",
// "was down 2 h 14 min". It is empty where nobody needs to know.
func lasting(route model.Route, ev model.Event) string {
	n := notice.Of(route, ev)
	switch {
	case n.Duration < time.Second:
	case ev.Kind == model.EventStillFailing:
		return fmt.Sprintf("for %s, %s notice", notice.Span(n.Duration), ordinal(n.AlertCount))
	case ev.Kind == model.EventFailed:
		return "for " + notice.Span(n.Duration)
	case ev.Kind == model.EventRecovered:
		return "was down " + notice.Span(n.Duration)
	}
	return ""
}

// ordinal is a number in a row: 1st, 2nd, 11th.
func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

func hostOf(c *model.Config, ev model.Event) string {
	return cmp.Or(ev.Host, c.Settings.Host, "localhost")
}

// ruleOf finds the rule of an event; nil if there is none any more.
func ruleOf(s *model.Service, text string) *model.Rule {
	if s == nil || text == "" {
		return nil
	}
	for i := range s.Rules {
		if s.Rules[i].Text == text {
			return &s.Rules[i]
		}
	}
	return nil
}

// subjectOf names what an event is about: HOST, or HOST[SERVICE]. That "disk:/ > 90%" is about the host, though the
// filesystem is a service.
func subjectOf(c *model.Config, s *model.Service, r *model.Rule, ev model.Event) string {
	host := hostOf(c, ev)
	if ev.Service == "" || s != nil && s.Kind == model.KindSystem || r != nil && strings.HasPrefix(r.Text, s.Name+" ") {
		return host
	}
	return host + "[" + ev.Service + "]"
}

func jobLine(host, job string, ev model.Event) string {
	switch ev.Kind {
	case model.EventFailed:
		return fmt.Sprintf("[%s] Recurring job %q is overdue.", host, job)
	case model.EventStillFailing:
		return fmt.Sprintf("[%s] Recurring job %q is still overdue.", host, job)
	case model.EventRecovered:
		return fmt.Sprintf("[%s] Overdue job %q just ran successfully.", host, job)
	}
	return ""
}

// pidInText finds the process that an event tells of.
var pidInText = regexp.MustCompile(`\bpid (\d+)`)

// existenceLine adds to what Inspeqtor tells why the thing is gone, where that is known: it follows a colon.
func existenceLine(subject string, kind model.Kind, ev model.Event) string {
	switch ev.Kind {
	case model.EventFailed, model.EventStillFailing:
		still := map[bool]string{true: "still "}[ev.Kind == model.EventStillFailing]
		text := subject + " " + still + "does not exist."
		if _, why, _ := strings.Cut(ev.Text, ": "); why != "" {
			text += " Reason: " + why
		}
		return text
	case model.EventRecovered:
		if pid := pidInText.FindStringSubmatch(ev.Text); pid != nil {
			return subject + " now running with PID " + pid[1]
		}
		if kind == model.KindUnit || kind == model.KindProcess {
			return subject + " is now running."
		}
		return subject + " exists again."
	}
	return ""
}

// comparison is a rule as Inspeqtor has them: one word, one comparison, one amount.
var comparison = regexp.MustCompile(`^(\S+) ([<>]) (\S+)(?: for \d+ cycles)?$`)

// ruleLine words what can be said with the words of the rule alone.
func ruleLine(subject string, r *model.Rule, ev model.Event) string {
	parts := comparison.FindStringSubmatch(r.Text)
	if parts == nil {
		return ""
	}
	is := map[string]string{">": "greater than", "<": "less than"}[parts[2]]
	switch ev.Kind {
	case model.EventFailed:
		return fmt.Sprintf("%s: %s is %s %s", subject, parts[1], is, parts[3])
	case model.EventStillFailing:
		return fmt.Sprintf("%s: %s is still %s %s", subject, parts[1], is, parts[3])
	case model.EventRecovered:
		return fmt.Sprintf("%s: %s has recovered.", subject, parts[1])
	}
	return ""
}

// plainLine is the event in its own words, whether it is good news where these leave that open, and for how long, if that
// is given.
func plainLine(subject string, ev model.Event, long string) string {
	text := cmp.Or(ev.Text, ev.Rule, strings.ReplaceAll(string(ev.Kind), "_", " "))
	switch ev.Kind {
	case model.EventStillFailing:
		text = strings.TrimSpace("still failing "+long) + ": " + text
	case model.EventRecovered:
		if long != "" {
			text += " (" + long + ")"
		}
		text = "recovered: " + text
	case model.EventFailed:
		switch model.ActionKind(ev.Action) {
		case model.ActStart, model.ActStop, model.ActRestart, model.ActReload, model.ActUnmonitor:
			text += " (" + ev.Action + " follows)"
		}
	}
	return subject + ": " + text
}
