package httpd

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
)

type servicePage struct {
	frame
	Name, Type string
	Buttons    []button
	Sections   []section
}

// service shows one service. A POST does something to it first.
func (s *Server) service(ctx context.Context, q *request) (answer, error) {
	name := strings.TrimPrefix(q.URL.Path, "/")
	found, err := s.find(ctx, name)
	if err != nil {
		return answer{}, err
	}
	if q.Method == http.MethodPost {
		if q.guest.readOnly {
			return answer{}, errReadOnly
		}
		kind, err := q.action()
		if err != nil || kind == "" {
			return answer{kind: typeHTML}, err
		}
		if err := s.accept(ctx, kind, []string{found.Spec.Name}); err != nil {
			return answer{}, err
		}
		if found, err = s.find(ctx, name); err != nil {
			return answer{}, err
		}
	}
	in := s.View.Instance()
	page := servicePage{
		frame: frameOf(q, &in, found.Spec.Name), Name: found.Spec.Name, Type: monit.TypeName(found.Spec.Kind),
		Sections: []section{stateOf(found, in.Now), rulesOf(found), setupOf(found.Spec, in.Settings.Interval)},
	}
	if !q.guest.readOnly {
		page.Buttons = buttonsOf(found, q.token)
	}
	return show("service", &page)
}

// find returns the service of a name; letter case does not matter.
func (s *Server) find(ctx context.Context, name string) (*model.Snapshot, error) {
	services, err := s.View.Snapshots(ctx)
	if err != nil {
		return nil, err
	}
	for i := range services {
		if strings.EqualFold(services[i].Spec.Name, name) {
			return &services[i], nil
		}
	}
	return nil, noService(http.StatusNotFound, name)
}

func buttonsOf(s *model.Snapshot, token string) []button {
	spec := s.Spec
	var out []button
	add := func(there bool, kind model.CommandKind, text string) {
		if there {
			out = append(out, button{servicePath(spec.Name), token, string(kind), text})
		}
	}
	unit := spec.Kind == model.KindUnit
	add(unit || spec.Start != nil, model.CommandStart, "Start")
	add(unit || spec.Stop != nil, model.CommandStop, "Stop")
	add(unit || spec.Restart != nil || spec.Start != nil && spec.Stop != nil, model.CommandRestart, "Restart")
	add(s.Monitored, model.CommandUnmonitor, "Disable monitoring")
	add(!s.Monitored, model.CommandMonitor, "Enable monitoring")
	return out
}

// stateOf is what a status tells of the service.
func stateOf(s *model.Snapshot, now time.Time) section {
	var out section
	for _, l := range monit.Lines(s, now) {
		class := string(l.Tone)
		if l.Label == "status" {
			class += " state"
		}
		out.Rows = append(out.Rows, row{Label: heading(l.Label), Value: strings.TrimSpace(l.Value), Class: class})
	}
	return out
}

// rulesOf tells what is looked at, and how that stands.
func rulesOf(s *model.Snapshot) section {
	out := section{Title: "Rules"}
	for i := range s.Spec.Rules {
		r := &s.Spec.Rules[i]
		text := r.Text
		if then := actionsOf(r.Then); then != "" {
			text += "\nthen " + then
		}
		if r.Else != nil && actionsOf(r.Else) != "" {
			text += "\nelse " + actionsOf(r.Else)
		}
		stands := row{Label: heading(string(r.Topic)), Value: text}
		if i < len(s.Rules) && s.Monitored {
			stands.Class = string(toneOf(&s.Rules[i]))
		}
		out.Rows = append(out.Rows, stands)
	}
	for _, l := range s.Spec.RestartLimits {
		out.add("Timeout", fmt.Sprintf("%d restarts within %d cycles\nthen %s", l.Restarts, l.Cycles, actionsOf(l.Then)))
	}
	if out.Rows == nil {
		out.add("none", "It is only watched whether it is there")
	}
	return out
}

func toneOf(r *model.RuleSnapshot) monit.Tone {
	switch {
	case r.Failed:
		return monit.Failing
	case r.Changed:
		return monit.Warning
	case r.Unknown:
		return monit.Missing
	}
	return monit.Neutral
}

func actionsOf(list []model.Action) string {
	var words []string
	for _, a := range list {
		word := string(a.Kind)
		if a.Exec != nil {
			word += " " + programOf(a.Exec)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// setupOf is how the service is configured.
func setupOf(s *model.Service, interval time.Duration) section {
	out := section{Title: "Setup"}
	out.add("Name", s.Name)
	out.add("Path", s.Subject.Path)
	out.add("Match", s.Subject.Pattern)
	out.add("Pid file", s.Subject.Pidfile)
	out.add("Address", s.Subject.Address)
	out.add("Interface", s.Subject.Interface)
	out.add("Unit", s.Subject.Unit)
	out.add("Program", programOf(s.Subject.Program))
	for _, g := range s.Groups {
		out.add("Group", g)
	}
	for _, name := range s.Depends {
		out.Rows = append(out.Rows, row{Label: "Depends on service", Links: []link{{servicePath(name), name}}})
	}
	out.add("Start program", programOf(s.Start))
	out.add("Stop program", programOf(s.Stop))
	out.add("Restart program", programOf(s.Restart))
	out.add("Check service", scheduleOf(s.Schedule, interval))
	for _, r := range s.Routes {
		if !r.Mute {
			out.add("Alert", r.Address+": "+heardOf(r.Topics))
		}
	}
	return out
}

// heardOf says which events a recipient hears of.
func heardOf(t model.Topics) string {
	switch names, others := t.Names(), (model.AllTopics &^ t).Names(); {
	case len(others) == 0:
		return "all events"
	case len(names) > len(others):
		return "all events but " + strings.Join(others, ", ")
	default:
		return strings.Join(names, ", ")
	}
}

func scheduleOf(s model.Schedule, interval time.Duration) string {
	switch {
	case s.Cron != "" && s.Not:
		return "not every " + s.Cron
	case s.Cron != "":
		return "every " + s.Cron
	case s.Every > 0:
		return "every " + span(s.Every)
	case s.Cycles > 1:
		return fmt.Sprintf("every %d cycles of %s", s.Cycles, span(interval))
	}
	return "every cycle of " + span(interval)
}

// programOf is a command as a shell would have it, more or less; "" for none.
func programOf(p *model.Program) string {
	if p == nil {
		return ""
	}
	words := make([]string, len(p.Args))
	for i, word := range p.Args {
		if word == "" || strings.ContainsAny(word, " \t\n\"'") {
			word = fmt.Sprintf("%q", word)
		}
		words[i] = word
	}
	text := strings.Join(words, " ")
	if p.User != "" {
		text += " as user " + p.User
	}
	if p.Group != "" {
		text += " as group " + p.Group
	}
	if p.Timeout > 0 {
		text += ", timeout " + span(p.Timeout)
	}
	return text
}

// span is a duration without units that are nought: 5m rather than 5m0s.
func span(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
