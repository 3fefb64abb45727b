package api

import (
	"context"
	"iter"
	"net/http"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A Historian tells of the past, called as a View is. Names of services are those of the configuration.
type Historian interface {
	History(ctx context.Context, q client.HistoryQuery) ([]client.Graph, error)
	// Uptime tells how well the named services were, and with days how on each of them.
	Uptime(ctx context.Context, names []string, days int, zone *time.Location) ([]client.ServiceUptime, error)
	// Export yields everything that is kept since a time.
	Export(ctx context.Context, since time.Time) iter.Seq2[client.Row, error]
}

// WithHistory has the server tell of the past. It returns the server itself.
func (s *Server) WithHistory(h Historian) *Server {
	s.historian = h
	return s
}

func (s *Server) addHistory(mux *http.ServeMux) {
	mux.HandleFunc("GET "+client.PathHistory, s.history)
	mux.HandleFunc("GET "+client.PathUptime, s.uptime)
}

// history tells what was measured. A service that is not configured any more may have a past all the same.
func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	q, err := client.ParseHistoryQuery(r.URL.Query(), time.Now())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	status, err := s.view.Status(r.Context(), nil, false)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	names, unknown := resolve(status, []string{q.Service})
	if unknown == nil {
		q.Service = names[0]
	}
	graphs, err := s.historian.History(r.Context(), q)
	switch {
	case err != nil:
		s.failWith(w, r, err)
	case len(graphs) == 0 && unknown != nil:
		fail(w, http.StatusNotFound, unknown.Error())
	default:
		if graphs == nil {
			graphs = []client.Graph{}
		}
		reply(w, http.StatusOK, client.HistoryReply{Graphs: graphs})
	}
}

func (s *Server) uptime(w http.ResponseWriter, r *http.Request) {
	q, zone, err := client.ParseUptimeQuery(r.URL.Query())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	status, err := s.view.Status(r.Context(), nil, false)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	names := namesOf(status)
	if q.Service != "" {
		if names, err = resolve(status, []string{q.Service}); err != nil {
			fail(w, http.StatusNotFound, err.Error())
			return
		}
	}
	services, err := s.historian.Uptime(r.Context(), names, q.Days, zone)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	reply(w, http.StatusOK, client.UptimeReply{Services: services})
}

func namesOf(status model.HostStatus) []string {
	names := make([]string, len(status.Services))
	for i := range status.Services {
		names[i] = status.Services[i].Name
	}
	return names
}

// export streams everything, one JSON object a line. The lines of a stream that breaks off end with a Failure.
func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	since, err := client.ParseSince(r.URL.Query().Get("since"), time.Now())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	lines := lineWriter{w, http.NewResponseController(w)}
	w.Header().Set("Content-Type", "application/x-ndjson")
	for row, err := range s.historian.Export(r.Context(), since) {
		if r.Context().Err() != nil {
			return
		}
		if err != nil {
			_ = lines.write(client.Failure{Error: err.Error()})
			return
		}
		if lines.add(row) != nil {
			return
		}
	}
	_ = lines.flush()
}
