package httpd

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// deciding is how long an answer may be thought about.
const deciding = 20 * time.Second

// A request is one that was let in and understood.
type request struct {
	*http.Request
	form  form
	guest guest
	token string
	now   time.Time
}

// ServeHTTP answers one request that came through a door of the server.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := r.Context().Value(visitorKey{}).(*visitor)
	now := time.Now()
	e := v.door.now.Load()
	if !e.stillLets(v, r) || !v.begin(now) {
		panic(http.ErrAbortHandler) // closes the connection
	}
	defer func() { v.end(time.Now()) }()
	ctx, cancel := context.WithTimeout(r.Context(), deciding)
	defer cancel()

	out := reply{w: w, r: r, e: e, now: now}
	q, err := s.receive(ctx, w, r, e, now)
	if err != nil {
		s.refuse(&out, err)
		return
	}
	a, err := s.route(ctx, q)
	if err != nil {
		s.refuse(&out, err)
		return
	}
	out.send(q, a)
}

// stillLets tells whether who came in by older rules may stay: they are asked again with each request.
func (e *entrance) stillLets(v *visitor, r *http.Request) bool {
	if !e.gate.lets(v.RemoteAddr()) {
		return false
	}
	if e.tls == nil {
		return r.TLS == nil
	}
	return r.TLS != nil && e.tls.VerifyConnection(*r.TLS) == nil
}

// receive decides whether a request is answered at all.
func (s *Server) receive(ctx context.Context, w http.ResponseWriter, r *http.Request, e *entrance, now time.Time) (*request, error) {
	if len(r.RequestURI) >= maxURL {
		return nil, &refusal{http.StatusBadRequest, "[error] URL too long"}
	}
	user, password, given := r.BasicAuth()
	who, why := e.gate.greet(ctx, user, password, given, now)
	if why != "" {
		if given {
			s.remarks.add(now, slog.LevelError, "HttpRequest: access denied -- client [%s]: %s", clientOf(r.RemoteAddr), why)
		}
		return nil, errUnauthorized
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return nil, &refusal{http.StatusNotImplemented, "Method not implemented"}
	}
	f, err := readForm(w, r)
	if err != nil {
		return nil, err
	}
	if r.Method == http.MethodPost {
		if why := forged(r, f); why != "" {
			s.remarks.add(now, slog.LevelError, "HttpRequest: access denied -- client [%s]: %s", clientOf(r.RemoteAddr), why)
			return nil, &refusal{http.StatusForbidden, "Invalid CSRF Token"}
		}
	}
	who.readOnly = who.readOnly || e.readOnly
	return &request{r, f, who, tokenFor(r), now}, nil
}

// refuse sends an error, and tells of it in the log.
func (s *Server) refuse(out *reply, err error) {
	r := refusalOf(err)
	if r.status != http.StatusUnauthorized {
		s.remarks.add(out.now, slog.LevelError, "HttpRequest: error -- client [%s]: HTTP/1.0 %d %s", clientOf(out.r.RemoteAddr), r.status, r.message)
	}
	out.refuse(r)
}

var (
	errUnauthorized = &refusal{http.StatusUnauthorized, "You are not authorized to access this host. Either the name or the password is wrong, or none was given"}
	errReadOnly     = &refusal{http.StatusForbidden, "You do not have sufficient privileges to access this page"}
)

// routes are the paths that are not those of services.
var routes = map[string]func(*Server, context.Context, *request) (answer, error){
	"/":            (*Server).home,
	"/_runtime":    (*Server).runtime,
	"/_viewlog":    (*Server).viewLog,
	"/_status":     (*Server).status,
	"/_status2":    (*Server).status2,
	"/_summary":    (*Server).summary,
	"/_report":     (*Server).report,
	"/_ping":       (*Server).ping,
	"/_getid":      (*Server).id,
	"/_monit":      (*Server).alive,
	"/_about":      (*Server).about,
	"/favicon.ico": (*Server).icon,
}

// route finds out what a request is about. What is no other path is the name of a service.
func (s *Server) route(ctx context.Context, q *request) (answer, error) {
	path := strings.ToLower(q.URL.Path)
	if path == "/_doaction" && q.Method == http.MethodPost {
		return s.act(ctx, q)
	}
	if f := routes[path]; f != nil {
		return f(s, ctx, q)
	}
	return s.service(ctx, q)
}
