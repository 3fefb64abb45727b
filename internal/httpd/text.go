package httpd

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"orderly/internal/model"
	"orderly/internal/monit"
)

func (s *Server) status(ctx context.Context, q *request) (answer, error) {
	return s.statusIn(ctx, q, 1)
}

func (s *Server) status2(ctx context.Context, q *request) (answer, error) {
	return s.statusIn(ctx, q, 2)
}

// statusIn answers with the status as a document in a format, or as text.
func (s *Server) statusIn(ctx context.Context, q *request, format int) (answer, error) {
	if strings.HasPrefix(q.form.last("format"), "xml") {
		return s.document(ctx, q, format)
	}
	chosen, err := s.chosen(ctx, q)
	if err != nil {
		return answer{}, err
	}
	return text(monit.Status(s.View.Instance(), chosen)), nil
}

func (s *Server) summary(ctx context.Context, q *request) (answer, error) {
	chosen, err := s.chosen(ctx, q)
	if err != nil {
		return answer{}, err
	}
	byType := q.form.last("service") == "" && q.form.last("group") == ""
	return text(monit.Summary(s.View.Instance(), chosen, byType)), nil
}

// report counts nothing in a group that does not exist, rather than to complain.
func (s *Server) report(ctx context.Context, q *request) (answer, error) {
	services, err := s.View.Snapshots(ctx)
	if err != nil {
		return answer{}, err
	}
	if chosen, err := monit.Select(services, nil, q.form.last("group")); err == nil {
		services = chosen
	} else {
		services = nil
	}
	counts, err := monit.Report(services, q.form.last("type"))
	if err != nil {
		return answer{}, &refusal{http.StatusBadRequest, err.Error()}
	}
	return text(counts), nil
}

// chosen are the services that a request for a text names.
func (s *Server) chosen(ctx context.Context, q *request) ([]model.Snapshot, error) {
	services, err := s.View.Snapshots(ctx)
	if err != nil {
		return nil, err
	}
	chosen, err := monit.Select(services, q.form.all("service"), q.form.last("group"))
	var unknown *monit.NotFoundError
	if errors.As(err, &unknown) {
		return nil, &refusal{http.StatusBadRequest, unknown.Error()}
	}
	return chosen, err
}

func text(body string) answer { return answer{kind: typeText, body: []byte(body)} }

func (s *Server) ping(context.Context, *request) (answer, error) {
	return answer{kind: typeHTML, body: []byte("pong")}, nil
}

func (s *Server) id(context.Context, *request) (answer, error) {
	return answer{kind: typeHTML, body: []byte(s.View.Instance().ID)}, nil
}

// alive is asked by who wants to know whether there is a daemon: this answer comes from it.
func (s *Server) alive(context.Context, *request) (answer, error) {
	return answer{kind: typeHTML}, nil
}
