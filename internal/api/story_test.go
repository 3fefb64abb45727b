package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"orderly/internal/client"
	"orderly/internal/story"
)

// A teller tells one story of every service.
type teller struct{ err error }

func (n teller) Story(_ context.Context, name string) (story.Story, error) {
	return story.Story{Service: name, Summary: name + " is ok"}, n.err
}

func TestWhy(t *testing.T) {
	b := &fakeBackend{status: twoServices()}
	for _, tt := range []struct {
		query string
		err   error
		code  int
		text  string
	}{
		{"?service=WEB", nil, http.StatusOK, `"summary":"web is ok"`},
		{"", nil, http.StatusBadRequest, "which service?"},
		{"?service=wbe", nil, http.StatusNotFound, "did you mean"},
		{"?service=web", errors.New("cannot read events: disk"), http.StatusInternalServerError, "cannot read events: disk"},
	} {
		s := New(b, nil, nil, "1", slog.New(slog.DiscardHandler)).WithStories(teller{tt.err})
		w := httptest.NewRecorder()
		s.Reads().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, client.PathWhy+tt.query, nil))
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.text) {
			t.Errorf("%q: %d %s", tt.query, w.Code, w.Body)
		}
	}
}

// Where nobody tells stories there is no such route.
func TestNoWhy(t *testing.T) {
	b := &fakeBackend{status: twoServices()}
	w := httptest.NewRecorder()
	New(b, nil, nil, "1", slog.New(slog.DiscardHandler)).Reads().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, client.PathWhy+"?service=web", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
