package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// control has every route.
func (s *Server) control() http.Handler {
	mux := http.NewServeMux()
	s.addReads(mux)
	mux.HandleFunc("GET "+client.PathMonit, s.monit)
	mux.HandleFunc("POST "+client.PathReload, s.reload)
	mux.HandleFunc("GET "+client.PathSilences, s.silences)
	mux.HandleFunc("POST "+client.PathSilences, s.silence)
	mux.HandleFunc("DELETE "+client.PathSilences+"/{id}", s.endSilence)
	mux.HandleFunc("POST "+client.PathAcknowledge, s.acknowledge)
	mux.HandleFunc("POST "+client.PathBeat, s.beat)
	if s.witness != nil {
		mux.HandleFunc("POST "+client.PathReached, s.reached)
	}
	if s.historian != nil {
		mux.HandleFunc("GET "+client.PathExport, s.export)
	}
	if s.registrar != nil {
		s.addAccounts(mux)
	}
	if s.exporter != nil {
		mux.HandleFunc("GET "+client.PathPage, s.exportPage)
	}
	mux.HandleFunc("POST "+client.PathDo, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("wait") == "0" {
			s.accept(w, r)
			return
		}
		s.do(w, r)
	})
	return guarded(mux)
}

func (s *Server) addReads(mux *http.ServeMux) {
	mux.HandleFunc("GET "+client.PathStatus, s.status)
	mux.HandleFunc("GET "+client.PathEvents, s.events)
	mux.HandleFunc("GET "+client.PathVersion, s.about)
	if s.historian != nil {
		s.addHistory(mux)
	}
	if s.narrator != nil {
		mux.HandleFunc("GET "+client.PathWhy, s.why)
	}
	mux.HandleFunc("GET "+client.PathHealth, s.healthz)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, fmt.Sprintf("there is no %s %s", r.Method, r.URL.Path))
	})
}

// guarded bounds what a request may send and how long a client may take for the reply.
func guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		h.ServeHTTP(w, r)
	})
}

func (s *Server) about(w http.ResponseWriter, r *http.Request) {
	status, err := s.view.Status(r.Context(), nil, false)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	answer(w, status.Generation, client.About{Version: s.version, Host: status.Host, Generation: status.Generation})
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	q, err := client.ParseStatusQuery(r.URL.Query())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	status, err := s.view.Status(r.Context(), nil, false)
	if err == nil && (len(q.Names) > 0 || q.Now) {
		var names []string
		if names, err = resolve(status, q.Names); err != nil {
			fail(w, http.StatusNotFound, err.Error())
			return
		}
		status, err = s.view.Status(r.Context(), names, q.Now)
	}
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	if status.Services == nil {
		status.Services = []model.ServiceStatus{}
	}
	answer(w, status.Generation, status)
}

func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	reply, err := s.commander.Reload(r.Context())
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	if reply.Refused != nil {
		send(w, http.StatusUnprocessableEntity, reply.Generation, reply)
		return
	}
	answer(w, reply.Generation, reply)
}

// do carries a command out while its client waits: when the client goes away, the command is cancelled.
func (s *Server) do(w http.ResponseWriter, r *http.Request) {
	c, generation, ok := s.command(w, r)
	if !ok {
		return
	}
	outcomes, err := s.commander.Do(r.Context(), c)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	if outcomes == nil {
		outcomes = []model.Outcome{}
	}
	answer(w, generation, client.DoReply{Outcomes: outcomes})
}

// accept answers before the command is done, but not before it is sure to be.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	c, generation, ok := s.command(w, r)
	if !ok {
		return
	}
	if err := s.commander.Accept(r.Context(), c); err != nil {
		s.failWith(w, r, err)
		return
	}
	send(w, http.StatusAccepted, generation, client.DoReply{Outcomes: []model.Outcome{}})
}

// monit answers in the words of Monit.
func (s *Server) monit(w http.ResponseWriter, r *http.Request) {
	text, err := s.view.Monit(r.Context(), client.ParseMonitQuery(r.URL.Query()))
	if err != nil {
		fail(w, http.StatusNotFound, err.Error())
		return
	}
	reply(w, http.StatusOK, client.MonitReply{Text: text})
}

// command reads the command of a request and finds its services; when it is no good, the client is told.
func (s *Server) command(w http.ResponseWriter, r *http.Request) (c model.Command, generation uint64, ok bool) {
	c, err := readCommand(w, r)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("cannot read the command: it is longer than %d bytes", tooLarge.Limit))
		return c, 0, false
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return c, 0, false
	}
	status, err := s.view.Status(r.Context(), nil, false)
	if err != nil {
		s.failWith(w, r, err)
		return c, 0, false
	}
	if c.Group != "" {
		c.Group, err = resolveGroup(status, c.Group)
	} else {
		c.Names, err = resolve(status, c.Names)
	}
	if err != nil {
		fail(w, http.StatusNotFound, err.Error())
		return c, 0, false
	}
	return c, status.Generation, true
}

func readCommand(w http.ResponseWriter, r *http.Request) (c model.Command, err error) {
	err = readBody(w, func() error {
		c, err = DecodeCommand(r.Body)
		return err
	})
	return c, err
}

// readBody gives the client a limited time for the body. The limit is lifted afterwards, because from then
// on reading is how the server notices that the client went away.
func readBody(w http.ResponseWriter, read func() error) error {
	conn := http.NewResponseController(w)
	if err := conn.SetReadDeadline(time.Now().Add(bodyPatience)); err != nil {
		return fmt.Errorf("cannot read the request: %w", err)
	}
	if err := read(); err != nil {
		return err
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("cannot read the request: %w", err)
	}
	return nil
}

func answer(w http.ResponseWriter, generation uint64, body any) {
	send(w, http.StatusOK, generation, body)
}

func send(w http.ResponseWriter, status int, generation uint64, body any) {
	w.Header().Set(client.GenerationHeader, strconv.FormatUint(generation, 10))
	reply(w, status, body)
}

func fail(w http.ResponseWriter, status int, why string) {
	reply(w, status, client.Failure{Error: why})
}

// failWith answers for an error of what runs.
func (s *Server) failWith(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		fail(w, http.StatusServiceUnavailable, "orderly is stopping")
		return
	}
	fail(w, http.StatusInternalServerError, err.Error())
}

// reply writes a whole reply. A client that does not take it in time loses its connection.
func reply(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"cannot encode the reply"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience))
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}
