package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A Witness hears who was reached by a test of alerts.
type Witness interface {
	Reached(channel, address string)
}

// WithWitness has the control socket take what tests of alerts have shown. It returns the server itself.
func (s *Server) WithWitness(w Witness) *Server {
	s.witness = w
	return s
}

// reached notes who took a test message.
func (s *Server) reached(w http.ResponseWriter, r *http.Request) {
	var all client.ReachedRequest
	if !read(w, r, "destinations", &all) {
		return
	}
	for _, each := range all.Destinations {
		s.witness.Reached(each.Channel, each.Address)
	}
	reply(w, http.StatusOK, struct{}{})
}

// healthz tells in words, and in its status, whether orderly is alive; with ?alerts=1 also whether people can be told.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	status, err := s.view.Status(r.Context(), nil, false)
	code, text := http.StatusOK, "alive\n"+alertsArrive(status)
	switch {
	case err != nil:
		code, text = http.StatusServiceUnavailable, "not alive: it is not known how the services are\n"
	case len(status.Ailing) > 0 && r.URL.Query().Has("alerts"):
		code = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience))
	w.WriteHeader(code)
	_, _ = fmt.Fprint(w, text)
}

// alertsArrive says in a line who cannot be told.
func alertsArrive(status model.HostStatus) string {
	if len(status.Ailing) == 0 {
		return "alerts arrive\n"
	}
	var who []string
	for _, a := range status.Ailing {
		who = append(who, model.Printable(strings.TrimSpace(a.Channel+" "+a.Address), maxName))
	}
	return "alerts do not arrive: " + strings.Join(who, ", ") + "\n"
}
