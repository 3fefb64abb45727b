package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A Silencer keeps people from being told for a while, called as a View is. Its errors are for the user.
type Silencer interface {
	// Silence returns the silence when it is in force and on disk.
	Silence(ctx context.Context, s model.Silence) (model.Silence, error)
	// EndSilence ends one before its time.
	EndSilence(ctx context.Context, id string) error
	// Silences lists those in force.
	Silences(ctx context.Context) ([]model.Silence, error)
	// Acknowledge notes on disk that somebody looks after services that fail, which ends reminders and escalation.
	Acknowledge(ctx context.Context, c model.Command, by string) ([]model.Outcome, error)
}

func (s *Server) silences(w http.ResponseWriter, r *http.Request) {
	list, err := s.silencer.Silences(r.Context())
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	reply(w, http.StatusOK, client.SilencesReply{Silences: list})
}

// silence begins a silence of services that are named in any letter case.
func (s *Server) silence(w http.ResponseWriter, r *http.Request) {
	var wanted model.Silence
	if !read(w, r, "silence", &wanted) {
		return
	}
	status, err := s.view.Status(r.Context(), nil, false)
	switch {
	case err != nil:
		s.failWith(w, r, err)
		return
	case wanted.Group != "":
		wanted.Group, err = resolveGroup(status, wanted.Group)
	default:
		wanted.Names, err = resolve(status, wanted.Names)
	}
	if err != nil {
		fail(w, http.StatusNotFound, err.Error())
		return
	}
	begun, err := s.silencer.Silence(r.Context(), wanted)
	if err != nil {
		fail(w, http.StatusConflict, err.Error())
		return
	}
	reply(w, http.StatusOK, begun)
}

func (s *Server) endSilence(w http.ResponseWriter, r *http.Request) {
	if err := s.silencer.EndSilence(r.Context(), r.PathValue("id")); err != nil {
		fail(w, http.StatusNotFound, err.Error())
		return
	}
	reply(w, http.StatusOK, struct{}{})
}

// maxName bounds the name of who acknowledges, in bytes.
const maxName = 100

func (s *Server) acknowledge(w http.ResponseWriter, r *http.Request) {
	by := r.URL.Query().Get("by")
	if len(by) > maxName {
		fail(w, http.StatusBadRequest, "the name of who acknowledges is too long")
		return
	}
	c, generation, ok := s.command(w, r)
	if !ok {
		return
	}
	outcomes, err := s.silencer.Acknowledge(r.Context(), c, by)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	answer(w, generation, client.DoReply{Outcomes: outcomes})
}

// maxWord bounds what a client calls itself or a run, in bytes.
const maxWord = 80

// beat notes what a heartbeat says of itself.
func (s *Server) beat(w http.ResponseWriter, r *http.Request) {
	var b client.BeatRequest
	if !read(w, r, "sign of life", &b) {
		return
	}
	b.Kind = cmp.Or(b.Kind, model.SignalEnd)
	if !slices.Contains([]model.SignalKind{model.SignalStart, model.SignalEnd, model.SignalFail, model.SignalLog}, b.Kind) || b.Status < 0 || b.Status > 255 {
		fail(w, http.StatusBadRequest, "a sign of life is start, end, fail or log, and its status 0 to 255")
		return
	}
	b.Body, b.Run, b.By = model.Printable(b.Body, model.MaxBody), model.Printable(b.Run, maxWord), model.Printable(b.By, maxWord)
	if err := s.commander.Hear(r.Context(), b.Name, b.Signal); err != nil {
		fail(w, http.StatusNotFound, err.Error())
		return
	}
	reply(w, http.StatusOK, struct{}{})
}

// read takes one JSON value from a request; when it is no good, the client is told.
func read(w http.ResponseWriter, r *http.Request, what string, into any) bool {
	err := readBody(w, func() error {
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		return d.Decode(into)
	})
	switch tooLarge := (*http.MaxBytesError)(nil); {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("cannot read the %s: it is longer than %d bytes", what, tooLarge.Limit))
	case err != nil:
		fail(w, http.StatusBadRequest, fmt.Sprintf("cannot read the %s: %v", what, err))
	}
	return err == nil
}
