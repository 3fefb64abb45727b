package httpd

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/user"
	"strconv"
	"strings"

	"orderly/internal/model"
	"orderly/internal/monit"
)

type runtimePage struct {
	frame
	Buttons  []button
	Sections []section
}

// runtime shows orderly itself. A POST asks it for something first.
func (s *Server) runtime(ctx context.Context, q *request) (answer, error) {
	if q.Method == http.MethodPost {
		if err := s.command(ctx, q); err != nil {
			return answer{}, err
		}
	}
	in := s.View.Instance()
	page := runtimePage{frame: frameOf(q, &in, "Runtime"), Sections: []section{
		instanceOf(&in), partsOf(in.Settings), limitsOf(&in.Settings.Limits),
	}}
	if !q.guest.readOnly {
		page.Buttons = []button{
			{"/_runtime", q.token, "validate", "Check everything now"},
			{"/_runtime", q.token, "stop", "Close the web interface"},
		}
	}
	return show("runtime", &page)
}

// command does what the runtime page has buttons for.
func (s *Server) command(ctx context.Context, q *request) error {
	action, acts := q.form.find("action")
	debug, debugs := q.form.find("debug")
	switch {
	case !acts && !debugs:
		return nil
	case q.guest.readOnly:
		return errReadOnly
	case debugs && (s.Verbose == nil || debug != "0" && debug != "1"):
		return &refusal{http.StatusBadRequest, "Invalid action"}
	case debugs:
		s.Verbose(debug == "1")
		return nil
	case strings.EqualFold(action, "validate"):
		s.Commander.Awaken(ctx)
		return nil
	case strings.EqualFold(action, "stop"):
		s.Log.Warn("the web interface is closed on user request, until the next reload")
		s.errand.Go(func() { s.shut(context.WithoutCancel(ctx), false) })
		return &refusal{http.StatusServiceUnavailable, "The web interface is being closed. A reload opens it again"}
	}
	return &refusal{http.StatusBadRequest, fmt.Sprintf("Invalid action \"%s\"", action)}
}

// instanceOf tells of the process.
func instanceOf(in *monit.Instance) section {
	var out section
	out.add("Id", in.ID)
	out.add("Host", in.Settings.Host)
	out.add("Process id", strconv.Itoa(os.Getpid()))
	out.add("Effective user running orderly", effectiveUser())
	out.add("Running since", in.Started.Local().Format("Mon, 02 Jan 2006 15:04:05"))
	out.add("Configured since", in.Incarnation.Local().Format("Mon, 02 Jan 2006 15:04:05"))
	out.add("Control file", in.Settings.Source)
	out.add("Platform", strings.TrimSpace(in.Platform.Name+" "+in.Platform.Release+" "+in.Platform.Machine))
	return out
}

func effectiveUser() string {
	id := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// partsOf tells of what goes on beside the services. Passwords have no place in it.
func partsOf(s *model.Settings) section {
	out := section{Title: "Settings"}
	out.add("Poll time", span(s.Interval))
	if s.StartDelay > 0 {
		out.add("Start delay", span(s.StartDelay))
	}
	out.add("Log file", s.Log.File)
	out.add("Syslog facility", s.Log.Facility)
	out.add("Pid file", s.Files.PID)
	out.add("Id file", s.Files.ID)
	out.add("State file", s.Files.State)
	for _, m := range s.Mail.Servers {
		out.add("Mail server", fmt.Sprintf("%s:%d", m.Host, m.Port))
	}
	for _, c := range s.Collectors {
		out.add("M/Monit", fmt.Sprintf("%s://%s:%d%s with timeout %s", c.Scheme, c.Host, c.Port, c.Path, span(c.Timeout)))
	}
	if h := s.HTTPD; h != nil {
		webOf(&out, h)
	}
	return out
}

func webOf(out *section, h *model.HTTPD) {
	if h.Port != 0 {
		text := cmp.Or(h.Address, "any address") + fmt.Sprintf(" port %d", h.Port)
		if h.TLS != nil {
			text += " using TLS"
		}
		if h.ReadOnly {
			text += ", read-only"
		}
		out.add("Web interface", text)
	}
	if u := h.Socket; u != nil {
		text := u.Path
		if u.ReadOnly {
			text += ", read-only"
		}
		out.add("Web interface", text)
	}
	logins, hosts := 0, 0
	for _, a := range h.Allow {
		if a.Kind == model.AdmitHost {
			hosts++
		} else {
			logins++
		}
	}
	var ways []string
	if logins > 0 {
		ways = append(ways, "who logs in")
	}
	if hosts > 0 {
		ways = append(ways, "from "+count(hosts, "host or network"))
	}
	if h.TLS != nil && h.TLS.ClientPEM != "" {
		ways = append(ways, "with a known certificate")
	}
	out.add("Who may come in", strings.Join(ways, ", "))
}

func limitsOf(l *model.Limits) section {
	out := section{Title: "Limits"}
	size := func(label string, n int) { out.add(label, fmt.Sprintf("%d bytes", n)) }
	size("Program output", l.ProgramOutput)
	size("Send and expect buffer", l.SendExpect)
	size("File content buffer", l.FileContent)
	size("HTTP content buffer", l.HTTPContent)
	out.add("Network timeout", span(l.NetworkTimeout))
	out.add("Check program timeout", span(l.ProgramTimeout))
	out.add("Service start timeout", span(l.StartTimeout))
	out.add("Service stop timeout", span(l.StopTimeout))
	out.add("Service restart timeout", span(l.RestartTimeout))
	return out
}
