package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// interfaces tells where a running orderly can be seen from outside.
func (x *explainer) interfaces(s *model.Settings) {
	for _, place := range []struct{ name, value string }{
		{"log", s.Log.File},
		{"syslog", s.Log.Facility},
		{"logs", logged[s.Log.Level]},
		{"pidfile", s.Files.PID},
		{"idfile", s.Files.ID},
		{"monit state", s.Files.State},
		{"statsd", s.Statsd},
	} {
		if place.value != "" {
			x.became(place.name, "%s", place.value)
		}
	}
	if s.Hold > 0 {
		x.became("holds", "%v what fails and depends on others, until these have been looked at again", s.Hold)
		if s.Settle > 0 {
			x.became("", "%v after these are well again what still fails", s.Settle)
		}
	}
	if s.Flapping {
		x.became("flapping", "what fails and recovers all the time is told once")
	}
	if c := s.Connectivity; c != nil {
		x.became("network", "nobody elsewhere is blamed while fewer than %d of %d reference targets answer", c.Need, len(c.Targets))
	}
	if s.Diagnosis == model.DiagnosisOn {
		x.became("diagnosis", "when something fails, how the host is goes along to mail, programs, the log and private rooms")
	}
	if s.HTTPD != nil {
		x.httpd(s.HTTPD)
	}
	for _, c := range s.Collectors {
		x.became("reports to", "%s", collector(c))
	}
	if s.AckFor > 0 {
		x.became("forgets", "that somebody looks after what fails %v later", s.AckFor)
	}
	x.maintenances(s.Maintenance)
	x.pings(s)
	x.page(s)
	if i := s.Inspeqtor; i != nil {
		x.became("deploys", "%v at most, in which nobody is told and nothing is done", i.Deploy)
		if i.Expose > 0 {
			x.became("inspeqtor", "pages and documents at port %d of loopback", i.Expose)
		}
	}
}

// logged says what a level of the log means, where it is not the usual one.
var logged = map[string]string{"warn": "only what is wrong", "debug": "also what helps to find mistakes of its own"}

func (x *explainer) httpd(h *model.HTTPD) {
	if h.Port > 0 {
		text := "port " + strconv.Itoa(h.Port)
		if h.Address != "" {
			text += " of " + h.Address
		}
		if h.TLS != nil {
			text += " with TLS, certificate " + h.TLS.Certificate
		}
		if h.TLS != nil && h.TLS.ClientPEM != "" {
			text += ", for clients with a certificate of " + h.TLS.ClientPEM
		}
		x.became("web", "%s%s", text, readOnly(h.ReadOnly))
	}
	if s := h.Socket; s != nil {
		text := "unix socket " + s.Path
		if s.User != "" {
			text += " of user " + s.User
		}
		if s.Group != "" {
			text += " of group " + s.Group
		}
		if s.Mode != 0 {
			text += fmt.Sprintf(" with mode %04o", s.Mode)
		}
		x.became("web", "%s%s", text, readOnly(s.ReadOnly))
	}
	for _, a := range h.Allow {
		x.became("lets in", "%s%s", admission(a), readOnly(a.ReadOnly))
	}
}

func readOnly(only bool) string {
	if only {
		return ", to look only"
	}
	return ""
}

func admission(a model.Admission) string {
	switch a.Kind {
	case model.AdmitHost:
		return "clients from " + a.Name
	case model.AdmitUser:
		return "user " + a.Name
	case model.AdmitGroup:
		return "nobody of group " + a.Name
	}
	who := "the users"
	if a.Users != nil {
		who = strings.Join(a.Users, ", ")
	}
	return who + " of the " + a.Hash + " file " + a.Name
}

func collector(c model.Collector) string {
	text := fmt.Sprintf("%s://%s%s%s, within %v", c.Scheme, net.JoinHostPort(c.Host, strconv.Itoa(c.Port)), c.Path, tls(c.TLS), c.Timeout)
	if c.NoCredentials {
		text += ", without telling it a login"
	}
	if c.HostGroups != nil {
		text += ", as one of " + strings.Join(c.HostGroups, ", ")
	}
	return text
}
