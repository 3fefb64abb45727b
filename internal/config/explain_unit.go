package config

import (
	"fmt"

	"orderly/internal/model"
)

// unit tells which service of an init system is watched.
func unit(s model.Subject) string {
	who := "the init system"
	if s.Init != "" {
		who = s.Init
	}
	text := "the service that " + who + " knows as " + s.Unit
	if s.Pidfile != "" {
		text += ", whose number may be in " + s.Pidfile
	}
	return text
}

// repairs tells how often rules may repair a service, in the order in which that is noticed.
func (x *explainer) repairs(s *model.Service) {
	r := s.Repair
	if r == nil {
		if s.Kind == model.KindUnit {
			x.became("repairs", "as often as rules want")
		}
		return
	}
	if r.Wait > 0 {
		x.became("repairs", "%v after the one before, twice as long each time, %v at most", r.Wait, max(r.MaxWait, r.Wait))
	} else {
		x.became("repairs", "at once")
	}
	if r.Times == 0 {
		x.became("", "never gives up")
		return
	}
	text := fmt.Sprintf("gives up after %d within %v that did not help", r.Times, r.Within)
	switch {
	case r.Retry == 0:
		text += ", until somebody asks for it"
	case r.Rounds == 0:
		text += fmt.Sprintf(", and tries again %v later", r.Retry)
	default:
		text += fmt.Sprintf(", and tries again %v later, until it gave up %d times", r.Retry, r.Rounds)
	}
	x.became("", "%s", text)
}
