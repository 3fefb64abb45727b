package api

import (
	"context"
	"net/http"

	"orderly/internal/story"
)

// A Narrator tells why a service is as it is, called as a View is.
type Narrator interface {
	Story(ctx context.Context, name string) (story.Story, error)
}

// WithStories has the server tell why services are as they are. It returns the server itself.
func (s *Server) WithStories(n Narrator) *Server {
	s.narrator = n
	return s
}

// why tells why one service is as it is.
func (s *Server) why(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("service")
	if name == "" {
		fail(w, http.StatusBadRequest, "which service? write service=NAME")
		return
	}
	status, err := s.view.Status(r.Context(), nil, false)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	names, err := resolve(status, []string{name})
	if err != nil {
		fail(w, http.StatusNotFound, err.Error())
		return
	}
	told, err := s.narrator.Story(r.Context(), names[0])
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	answer(w, status.Generation, told)
}
