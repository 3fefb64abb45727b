package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
)

// list shows the settings and every service. Shells complete the names of services and groups from it: they look for the
// lines with "Name" and "Group", and take what follows " = ".
func (m *monitRun) list() {
	m.listSettings()
	m.line("\nThe service list contains the following entries:\n")
	for _, s := range m.config.Services {
		m.listService(s)
		m.line("")
	}
	m.line(strings.Repeat("-", 79))
}

// setting and field are one line each of what list shows.
func (m *monitRun) setting(name, value string) {
	m.line(clean(fmt.Sprintf(" %-18s = %s", name, value)))
}

func (m *monitRun) field(label, value string) {
	m.line(clean(fmt.Sprintf(" %-20s = %s", label, value)))
}

func (m *monitRun) listSettings() {
	s := &m.config.Settings
	m.line("Runtime constants:")
	m.setting("Control file", m.file)
	m.setting("Log file", first(s.Log.File, s.Log.Facility, "-"))
	m.setting("Pid file", m.at.pidfile)
	m.setting("Id file", m.at.idfile)
	m.setting("State file", m.at.state)
	m.setting("State directory", m.at.stateDir)
	m.setting("Control socket", m.at.socket)
	m.setting("Is Daemon", capital(strconv.FormatBool(m.periodic)))
	m.listLimits(s.Limits)
	m.setting("Poll time", fmt.Sprintf("%.0f seconds with start delay %.0f seconds", s.Interval.Seconds(), s.StartDelay.Seconds()))
	for _, c := range s.Collectors {
		m.setting("M/Monit", fmt.Sprintf("%s://[%s]:%d%s", c.Scheme, c.Host, c.Port, c.Path))
	}
	for _, server := range s.Mail.Servers {
		m.setting("Mail server", fmt.Sprintf("%s:%d", server.Host, server.Port))
	}
	m.listHTTPD(s.HTTPD)
	for _, r := range m.config.Routes {
		m.setting("Alert to", r.Address)
	}
}

func (m *monitRun) listLimits(l model.Limits) {
	m.setting("Limits", "{")
	for _, size := range []struct {
		name  string
		bytes int
	}{
		{"programOutput", l.ProgramOutput},
		{"sendExpectBuffer", l.SendExpect},
		{"fileContentBuffer", l.FileContent},
		{"httpContentBuffer", l.HTTPContent},
	} {
		m.setting("", fmt.Sprintf("  %-18s %d B", size.name+":", size.bytes))
	}
	for _, limit := range []struct {
		name string
		most time.Duration
	}{
		{"networkTimeout", l.NetworkTimeout},
		{"programTimeout", l.ProgramTimeout},
		{"stopTimeout", l.StopTimeout},
		{"startTimeout", l.StartTimeout},
		{"restartTimeout", l.RestartTimeout},
	} {
		m.setting("", fmt.Sprintf("  %-18s %v", limit.name+":", limit.most))
	}
	m.setting("", "}")
}

func (m *monitRun) listHTTPD(h *model.HTTPD) {
	m.setting("Start monit httpd", capital(strconv.FormatBool(h != nil)))
	if h == nil {
		return
	}
	if h.Port != 0 {
		m.setting("httpd bind address", first(h.Address, "Any/All"))
		m.setting("httpd portnumber", strconv.Itoa(h.Port))
		m.setting("httpd net readonly", enabled(h.ReadOnly))
		m.setting("httpd net tls", enabled(h.TLS != nil))
	}
	if h.Socket != nil {
		m.setting("httpd unixsocket", h.Socket.Path)
		m.setting("httpd unix readonly", enabled(h.Socket.ReadOnly))
	}
	m.setting("httpd signature", enabled(!h.Anonymous))
}

func enabled(on bool) string {
	if on {
		return "Enabled"
	}
	return "Disabled"
}

func (m *monitRun) listService(s *model.Service) {
	m.line(clean(fmt.Sprintf("%-21s = %s", monit.TypeName(s.Kind)+" Name", s.Name)))
	m.fieldUnlessEmpty("Group", strings.Join(s.Groups, ", "))
	m.listSubject(s.Subject)
	m.field("Monitoring mode", first(string(s.Mode), "active"))
	m.field("On reboot", first(string(s.OnReboot), "start"))
	m.listProgram("Start program", s.Start)
	m.listProgram("Stop program", s.Stop)
	m.listProgram("Restart program", s.Restart)
	for i := range s.Rules {
		m.field("Rule", "if "+s.Rules[i].Text+" then "+actionWords(s.Rules[i].Then))
	}
	for _, limit := range s.RestartLimits {
		m.field("Timeout", fmt.Sprintf("if restarted %d times within %d cycle(s) then %s", limit.Restarts, limit.Cycles, actionWords(limit.Then)))
	}
	m.fieldUnlessEmpty("Every", scheduleWords(s.Schedule))
	for _, name := range s.Depends {
		m.field("Depends on Service", name)
	}
	for _, r := range s.Routes {
		m.field("Alert to", r.Address)
	}
}

func (m *monitRun) fieldUnlessEmpty(label, value string) {
	if value != "" {
		m.field(label, value)
	}
}

func (m *monitRun) listSubject(s model.Subject) {
	m.fieldUnlessEmpty("Pid file", s.Pidfile)
	m.fieldUnlessEmpty("Match", s.Pattern)
	m.fieldUnlessEmpty("Path", s.Path)
	m.fieldUnlessEmpty("Address", s.Address)
	m.fieldUnlessEmpty("Interface", s.Interface)
	m.listProgram("Path", s.Program)
}

func (m *monitRun) listProgram(label string, p *model.Program) {
	if p == nil {
		return
	}
	text := "'" + strings.Join(p.Args, " ") + "'"
	if p.User != "" {
		text += " as uid " + p.User
	}
	if p.Group != "" {
		text += " as gid " + p.Group
	}
	if p.Timeout > 0 {
		text += fmt.Sprintf(" timeout %v", p.Timeout)
	}
	m.field(label, text)
}

func actionWords(actions []model.Action) string {
	var words []string
	for _, a := range actions {
		words = append(words, string(a.Kind))
	}
	return strings.Join(words, ", ")
}

func scheduleWords(s model.Schedule) string {
	switch {
	case s.Cron != "" && s.Not:
		return "Check service not every " + s.Cron
	case s.Cron != "":
		return "Check service every " + s.Cron
	case s.Cycles > 1:
		return fmt.Sprintf("Check service every %d cycles", s.Cycles)
	}
	return ""
}
