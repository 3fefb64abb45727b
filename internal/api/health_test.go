package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"orderly/internal/client"
	"orderly/internal/model"
)

// ward is a view of which only the health can be seen.
type ward struct {
	View
	status  model.HostStatus
	err     error
	reached []string
}

func (w *ward) Status(context.Context, []string, bool) (model.HostStatus, error) {
	return w.status, w.err
}

func (w *ward) Reached(channel, address string) { w.reached = append(w.reached, channel+" "+address) }

func TestHealth(t *testing.T) {
	ill := model.HostStatus{Ailing: []model.Ailment{{Channel: "mail", Error: "s3cret"}, {Channel: "slack", Address: "o\x1bps"}}}
	for _, tt := range []struct {
		path   string
		status model.HostStatus
		err    error
		code   int
		want   string
	}{
		{"/healthz", model.HostStatus{}, nil, 200, "alive\nalerts arrive\n"},
		{"/healthz?alerts=1", model.HostStatus{}, nil, 200, "alive\nalerts arrive\n"},
		{"/healthz", ill, nil, 200, "alive\nalerts do not arrive: mail, slack o�ps\n"},
		{"/healthz?alerts=1", ill, nil, 503, "alive\nalerts do not arrive: mail, slack o�ps\n"},
		{"/healthz", ill, errors.New("stuck"), 503, "not alive: it is not known how the services are\n"},
	} {
		s := New(&ward{status: tt.status, err: tt.err}, nil, nil, "", slog.New(slog.DiscardHandler))
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+tt.path, nil)
		r.RemoteAddr = "127.0.0.1:4711"
		w := httptest.NewRecorder()
		s.Reads().ServeHTTP(w, r)
		if body, _ := io.ReadAll(w.Body); w.Code != tt.code || string(body) != tt.want {
			t.Errorf("%s: %d %q, want %d %q", tt.path, w.Code, body, tt.code, tt.want)
		}
	}
}

func TestReached(t *testing.T) {
	v := &ward{}
	at := httptest.NewServer(New(v, nil, nil, "", slog.New(slog.DiscardHandler)).WithWitness(v).control())
	defer at.Close()
	post := func(body string) int {
		res, err := http.Post(at.URL+client.PathReached, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if code := post(`{"destinations":[{"channel":"slack","address":"ops"},{"channel":"log"}]}`); code != 200 || strings.Join(v.reached, ", ") != "slack ops, log " {
		t.Errorf("%d, reached %q", code, v.reached)
	}
	if code := post(`{"destinations":7}`); code != 400 {
		t.Errorf("nonsense is answered with %d", code)
	}
}
