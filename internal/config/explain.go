package config

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// Explain writes what a configuration means: each statement as it was written, and below it what it became, with
// the defaults that apply. What is wrong with the configuration is returned, not written.
func Explain(w io.Writer, o Options) (diag.List, error) {
	r := Read(o)
	if len(r.Files) == 0 && r.Diagnostics.HasErrors() {
		return r.Diagnostics, nil
	}
	x := explainer{secrets: r.secrets}
	x.settings(r)
	for _, s := range r.Config.Services {
		x.service(r, s)
	}
	if _, err := w.Write(x.Bytes()); err != nil {
		return r.Diagnostics, fmt.Errorf("cannot write the explanation: %w", err)
	}
	return r.Diagnostics, nil
}

// An explainer collects the text. What a user wrote is indented once, what it became twice.
type explainer struct {
	bytes.Buffer
	secrets []string // values that nobody may see, beside those that look like it
}

func (x *explainer) heading(format string, args ...any) {
	if x.Len() > 0 {
		x.WriteByte('\n')
	}
	fmt.Fprintf(x, format+"\n", args...)
}

func (x *explainer) became(name, format string, args ...any) {
	text := strings.ToValidUTF8(fmt.Sprintf(format, args...), "\uFFFD")
	for _, secret := range x.secrets {
		text = strings.ReplaceAll(text, secret, diag.Hidden)
	}
	fmt.Fprintf(x, "        %-12s %s\n", name, diag.Conceal(text))
}

// wrote shows a statement, its lines moved to the left together.
func (x *explainer) wrote(sp diag.Span) {
	indent := sp.Pos().Column - 1
	for line := range strings.Lines(printable(sp.Shown())) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			blanks := len(line) - len(strings.TrimLeft(line, " "))
			fmt.Fprintf(x, "    %s\n", line[min(indent, blanks):])
		}
	}
}

// printable keeps control characters of a file from reaching a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func (x *explainer) settings(r *Reading) {
	s := r.Config.Settings
	x.heading("settings")
	for _, origin := range r.Origins {
		x.became("origin", "%s", origin)
	}
	for _, sp := range r.statements {
		x.wrote(sp)
	}
	x.became("host", "%s", s.Host)
	x.became("checks", "every %v", s.Interval)
	if s.StartDelay > 0 {
		x.became("", "the first %v after a reboot", s.StartDelay)
	}
	for _, m := range s.Mail.Servers {
		x.became("mail server", "%s port %d%s, within %v", m.Host, m.Port, tls(m.TLS), s.Mail.Timeout)
	}
	for _, route := range r.Config.Routes {
		x.became("tells", "%s", recipient(route))
	}
	x.interfaces(&s)
	l := s.Limits
	x.became("keeps", "%s of program output, %s of a line, %s of a page, %s of a reply",
		model.FormatBytes(float64(l.ProgramOutput)), model.FormatBytes(float64(l.FileContent)),
		model.FormatBytes(float64(l.HTTPContent)), model.FormatBytes(float64(l.SendExpect)))
	x.became("waits", "%v for the network, %v for check programs", l.NetworkTimeout, l.ProgramTimeout)
	x.became("", "%v to start, %v to stop, %v to restart", l.StartTimeout, l.StopTimeout, l.RestartTimeout)
}

func recipient(r model.Route) string {
	switch {
	case r.Mute && r.Address == "":
		return "nobody else"
	case r.Mute:
		return r.Address + " of nothing"
	}
	who := r.Address
	if r.Channel != "mail" && who != r.Channel {
		who = r.Channel + " " + who
	}
	text := who + " of everything"
	named, others := r.Topics.Names(), (model.AllTopics &^ r.Topics).Names()
	switch {
	case len(others) == 0:
	case len(others) < len(named):
		text += " but " + strings.Join(others, ", ")
	default:
		text = who + " of " + strings.Join(named, ", ")
	}
	if r.Calls != "" {
		text += ", called " + r.Calls + " there"
	}
	if r.Server != nil {
		text += fmt.Sprintf(", through %s port %d%s", r.Server.Host, r.Server.Port, tls(r.Server.TLS))
	}
	if text += choice(r) + moments(r.Kinds); r.Reminder != (model.Reminder{}) && reminds(r.Kinds) {
		text += ", again " + reminder(r.Reminder)
	}
	for i, f := range r.Fallback {
		text += map[bool]string{true: ", or else ", false: ", "}[i == 0] + strings.TrimSuffix(recipient(f), " of everything")
	}
	return text
}

// choice says of which services, when and how soon somebody hears.
func choice(r model.Route) (text string) {
	if r.Least != "" {
		text += ", if it is " + leastOf(r.Least)
	}
	if r.Groups != nil {
		text += ", of the groups " + strings.Join(r.Groups, ", ")
	}
	if r.Hours != nil {
		text += ", at " + strings.Join(r.Hours, ", ")
	}
	if r.Quiet != nil {
		text += ", at " + strings.Join(r.Quiet, ", ") + " only if it is " + leastOf(cmp.Or(r.QuietBut, model.Critical)) + " and of the rest at the end"
	}
	if r.After > 0 {
		text += ", once it has been failing for " + model.FormatSeconds(r.After.Seconds())
	}
	return text
}

func leastOf(s model.Severity) string {
	if s == model.Critical {
		return string(s)
	}
	return "at least " + string(s)
}

// moments says which kinds of event somebody hears of, where that is not all of them.
func moments(kinds []model.EventKind) string {
	var when []string
	for _, k := range kinds {
		if k != model.EventStillFailing {
			when = append(when, string(k))
		}
	}
	if when == nil {
		return ""
	}
	return ", when it has " + strings.Join(when, " or ")
}

// reminds tells whether who hears of these kinds is told again of what goes on failing.
func reminds(kinds []model.EventKind) bool {
	return kinds == nil || slices.Contains(kinds, model.EventStillFailing)
}

// inTime says how much later the first reminders that are counted in cycles come, for a service with a time of its own.
func inTime(r model.Route, every time.Duration) string {
	const shown, farthest = 4, 2000
	if r.Reminder.Cycles == 0 || every == 0 || !reminds(r.Kinds) {
		return ""
	}
	var after []string
	for n := 1; n < farthest && len(after) < shown; n++ {
		if r.Reminder.Due(n, time.Time{}, time.Time{}, time.Time{}) {
			after = append(after, model.FormatSeconds((time.Duration(n-r.Reminder.Lag) * every).Seconds()))
		}
	}
	if len(after) == 0 {
		return ""
	}
	return "that is " + strings.Join(after, ", ") + " ... after the first message"
}

// reminder says when people are told again.
func reminder(r model.Reminder) string {
	text := fmt.Sprintf("every %d cycles", r.Cycles)
	switch {
	case r.Cycles == 1 && r.Doubling:
		text = "every 1 cycle"
	case r.Cycles == 1:
		text = "every cycle"
	}
	if r.Every > 0 {
		text = "every " + model.FormatSeconds(r.Every.Seconds())
	}
	switch {
	case r.Lag > 0:
		text += " after the first message"
	}
	if !r.Doubling {
		return text
	}
	text = strings.Replace(text, "every", "after", 1) + ", each time after twice as long"
	switch {
	case r.MaxGap > 0:
		text += fmt.Sprintf(", at most %d cycles", r.MaxGap)
	case r.MaxWait > 0:
		text += ", at most " + model.FormatSeconds(r.MaxWait.Seconds())
	}
	return text
}

func (x *explainer) service(r *Reading, s *model.Service) {
	origin := "nobody wrote it"
	if s.Pos.Line > 0 {
		origin = fmt.Sprintf("%s:%d", s.Pos.File, s.Pos.Line)
	}
	x.heading("%s %s (%s)", s.Kind, s.Name, origin)
	for _, sp := range r.places[s].statements {
		x.wrote(sp)
	}
	x.became("watches", "%s", subject(s.Kind, s.Subject))
	x.heartbeat(s.Heartbeat)
	x.face(s)
	x.became("checked", "%s", schedule(s.Schedule, r.Config.Settings))
	x.became("monitored", "%s", monitored(s))
	for _, p := range []struct {
		name    string
		program *model.Program
	}{{"start", s.Start}, {"stop", s.Stop}, {"restart", s.Restart}, {"reload", s.Reload}} {
		if p.program != nil {
			x.became(p.name, "%s", command(p.program))
		}
	}
	x.repairs(s)
	if s.Expose != nil {
		x.became("shows", "the memory of the program, from %s", question(s.Expose))
	}
	if len(s.Depends) > 0 {
		x.became("needs", "%s", strings.Join(s.Depends, ", "))
	}
	if len(s.Groups) > 0 {
		x.became("groups", "%s", strings.Join(s.Groups, ", "))
	}
	for _, route := range s.Routes {
		x.became("tells", "%s", recipient(route))
		if text := inTime(route, s.Schedule.Every); text != "" {
			x.became("", "%s", text)
		}
	}
	for _, l := range s.RestartLimits {
		x.became("gives up", "after %s: %s", l.Text, actions(l.Then))
	}
	for i := range s.Rules {
		x.rule(r, i+1, &s.Rules[i])
	}
}

func subject(kind model.Kind, s model.Subject) string {
	switch {
	case kind == model.KindUnit:
		return unit(s)
	case kind == model.KindHeartbeat:
		return "signs of life"
	case s.Pidfile != "":
		return "the process whose number is in " + s.Pidfile
	case s.Pattern != "":
		return "the oldest process whose command line matches " + s.Pattern
	case s.Path != "":
		return s.Path
	case s.Program != nil:
		text := "the result of " + command(s.Program)
		if s.Retries > 0 {
			text += fmt.Sprintf(", tried %d times more when it fails", s.Retries)
		}
		return text
	case s.Address != "":
		return s.Address
	case s.Interface != "":
		return "the interface " + s.Interface
	}
	return "this host"
}

func schedule(s model.Schedule, settings model.Settings) string {
	switch {
	case s.Cron != "" && s.Not:
		return fmt.Sprintf("every %v, except while the time is %s", settings.Interval, s.Cron)
	case s.Cron != "":
		return "when the time is " + s.Cron
	case s.Every > 0:
		return fmt.Sprintf("every %v", s.Every)
	case s.Cycles > 1:
		return fmt.Sprintf("every %d cycles of %v", s.Cycles, settings.Interval)
	}
	return fmt.Sprintf("every %v", settings.Interval)
}

func monitored(s *model.Service) string {
	text := map[model.OnReboot]string{
		model.RebootStart:     "also after a reboot",
		model.RebootNoStart:   "only when asked to, also after a reboot",
		model.RebootUnlessNew: "after a reboot only when asked to",
		model.RebootLastState: "after a reboot as before it",
	}[s.OnReboot]
	if s.Mode == model.Passive {
		text += "; passive: it is never started, stopped or restarted by itself"
	}
	return text
}
