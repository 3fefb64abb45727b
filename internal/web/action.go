package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"orderly/internal/model"
)

// A deed is what can be done to a service.
type deed struct {
	kind model.CommandKind
	word string
	says string // what it means, after "NAME: "
	long bool   // it may take longer than a browser waits
}

// theDeeds are in the order in which they are offered.
var theDeeds = []deed{
	{model.CommandRestart, "Restart", "It is stopped and started again, in the order of what depends on it.", true},
	{model.CommandStart, "Start", "It is started, after what it depends on, and monitored from then on.", true},
	{model.CommandStop, "Stop", "It is stopped, after what depends on it, and is not monitored until somebody starts it.", true},
	{model.CommandReload, "Reload", "It reads its own configuration again.", true},
	{model.CommandCheck, "Check now", "It is measured at once, besides its schedule.", false},
	{model.CommandMonitor, "Monitor", "It is looked at again.", false},
	{model.CommandUnmonitor, "Stop monitoring", "It is left running, but nobody looks at it until somebody monitors it again.", false},
	{model.CommandAcknowledge, "Acknowledge", "You look after it: no more reminders, and nobody else is called, until it recovers.", false},
}

func deedOf(kind string) (deed, bool) {
	i := slices.IndexFunc(theDeeds, func(d deed) bool { return string(d.kind) == kind })
	if i < 0 {
		return deed{}, false
	}
	return theDeeds[i], true
}

// offered are the deeds that make sense for a service as it is.
func (d *dashboard) offered(s *model.ServiceStatus, spec *model.Service) []deedLink {
	if d.Commander == nil {
		return nil
	}
	var out []deedLink
	for _, one := range theDeeds {
		if makesSense(one.kind, s, spec) && (one.kind != model.CommandAcknowledge || d.Silencer != nil) {
			out = append(out, deedLink{string(one.kind), one.word, servicePath(s.Name) + "/" + string(one.kind)})
		}
	}
	if d.Silencer != nil {
		out = append(out, deedLink{"silence", "Silence", "/silences/new?service=" + url.QueryEscape(s.Name)})
	}
	return out
}

func makesSense(kind model.CommandKind, s *model.ServiceStatus, spec *model.Service) bool {
	unit := s.Kind == model.KindUnit
	has := func(p func(*model.Service) *model.Program) bool { return unit || spec != nil && p(spec) != nil }
	start := has(func(s *model.Service) *model.Program { return s.Start })
	stop := has(func(s *model.Service) *model.Program { return s.Stop })
	switch kind {
	case model.CommandStart:
		return start
	case model.CommandStop:
		return stop
	case model.CommandRestart:
		return start && stop || has(func(s *model.Service) *model.Program { return s.Restart })
	case model.CommandReload:
		return has(func(s *model.Service) *model.Program { return s.Reload })
	case model.CommandMonitor:
		return !s.Monitored
	case model.CommandUnmonitor, model.CommandCheck:
		return s.Monitored
	case model.CommandAcknowledge:
		return s.State == model.StateFailing && s.Acked == ""
	}
	return false
}

// A question is asked before something is done.
type question struct {
	Title, Says string
	Affected    []string // services that feel it as well
	To, Back    string
	Word        string
	Grave       bool
	Outcomes    []model.Outcome // of what was done, if that did not work
}

func (d *dashboard) confirm(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	s, one, err := d.wantedDeed(ctx, v)
	if err != nil {
		return err
	}
	q := d.question(s, one)
	d.show(w, v, page{Title: q.Title, Here: "services"}, "confirm", q)
	return nil
}

func (d *dashboard) question(s *model.ServiceStatus, one deed) question {
	grave := one.kind == model.CommandStop || one.kind == model.CommandRestart || one.kind == model.CommandUnmonitor
	return question{
		Title: one.word + " " + s.Name + "?", Says: one.says, Word: one.word, Grave: grave,
		To: servicePath(s.Name) + "/" + string(one.kind), Back: servicePath(s.Name),
	}
}

// wantedDeed finds the service and the deed of an address.
func (d *dashboard) wantedDeed(ctx context.Context, v *visit) (*model.ServiceStatus, deed, error) {
	s, err := d.called(ctx, v)
	if err != nil {
		return nil, deed{}, err
	}
	one, known := deedOf(v.r.PathValue("deed"))
	if !known || d.Commander == nil || one.kind == model.CommandAcknowledge && d.Silencer == nil {
		return nil, deed{}, refuse(http.StatusNotFound, "There is no such thing to do.")
	}
	return s, one, nil
}

// perform does what was confirmed. What may take long is sure to be carried out when the browser goes on, and the page of
// the service shows how it goes; the rest is done by then.
func (d *dashboard) perform(w http.ResponseWriter, v *visit) error {
	ctx, cancel := context.WithTimeout(v.r.Context(), doPatience)
	defer cancel()
	s, one, err := d.wantedDeed(ctx, v)
	if err != nil {
		return err
	}
	d.Log.Info("asked for on the dashboard", "do", one.kind, "service", s.Name, "by", v.name())
	c := model.Command{Kind: one.kind, Names: []string{s.Name}}
	var outcomes []model.Outcome
	switch {
	case one.kind == model.CommandAcknowledge:
		outcomes, err = d.Silencer.Acknowledge(ctx, c, v.name())
	case one.long:
		err = d.Commander.Accept(ctx, c)
	default:
		outcomes, err = d.Commander.Do(ctx, c)
	}
	d.board.stale(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if err != nil {
		outcomes = []model.Outcome{{Service: s.Name, Error: err.Error()}}
	}
	if i := slices.IndexFunc(outcomes, func(o model.Outcome) bool { return o.Error != "" }); i >= 0 {
		q := d.question(s, one)
		q.Title, q.Outcomes = fmt.Sprintf("%s: that did not work", cmp.Or(outcomes[i].Service, s.Name)), outcomes
		d.show(w, v, page{Title: q.Title, Here: "services", Status: http.StatusConflict}, "confirm", q)
		return nil
	}
	http.Redirect(w, v.r, servicePath(s.Name)+"?asked="+string(one.kind), http.StatusSeeOther)
	return nil
}

// askedFor is what the page of a service says after something was confirmed.
func askedFor(kind string) string {
	one, known := deedOf(kind)
	switch {
	case !known:
		return ""
	case one.long:
		return one.word + ": under way. What comes of it shows here."
	case one.kind == model.CommandCheck:
		return "It was just measured."
	}
	return one.word + ": done."
}
