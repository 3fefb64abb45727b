package httpd

import (
	"context"

	"orderly/internal/monit"
)

type aboutPage struct {
	frame
	Version string
}

func (s *Server) about(_ context.Context, q *request) (answer, error) {
	in := s.View.Instance()
	page := aboutPage{frame: frameOf(q, &in, "About")}
	if h := in.Settings.HTTPD; h == nil || !h.Anonymous {
		page.Version = monit.Version
	}
	return show("about", &page)
}

func (s *Server) icon(context.Context, *request) (answer, error) {
	return answer{kind: typeIcon, body: favicon, lasts: true}, nil
}
