package api

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"orderly/internal/client"
)

// ReadOnly has the routes that only read, for programs on this host that ask the listener at addr. It answers
// loopback addresses only, because there is no login, and only under names of this host, so that a page a
// browser shows cannot read it by pointing a name of its own here.
func (s *Server) ReadOnly(addr string) http.Handler {
	mux := http.NewServeMux()
	s.addReads(mux)
	mux.HandleFunc("GET /{$}", s.front)
	own := hostNames(addr)
	return guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !fromLoopback(r.RemoteAddr):
			fail(w, http.StatusForbidden, "only programs on this host may read here")
		case !own.match(r.Host):
			fail(w, http.StatusMisdirectedRequest, fmt.Sprintf("%q is not a name of this host", r.Host))
		case s.pings != nil && strings.HasPrefix(r.URL.Path, client.PathPing):
			s.pings.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "nothing can be changed here: use the control socket")
		case r.URL.Query().Has("now"):
			fail(w, http.StatusForbidden, "checks can be asked for on the control socket only")
		default:
			mux.ServeHTTP(w, r)
		}
	}))
}

// front tells a person who came with a browser what this is.
func (s *Server) front(w http.ResponseWriter, r *http.Request) {
	status, err := s.view.Status(r.Context(), nil, false)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience))
	_, _ = fmt.Fprintf(w, `This is orderly %s on %s. It watches %d services (generation %d).

GET %s   what is known of the services, as JSON
GET %s   what happened; ?since=1h, ?service=NAME, ?follow=1
GET %s  who answers

Nothing can be changed here. On this host: orderly --help
`, s.version, status.Host, len(status.Services), status.Generation, client.PathStatus, client.PathEvents, client.PathVersion)
}

func fromLoopback(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// names are those this host may be asked by.
type names []string

func hostNames(addr string) names {
	own := names{"localhost"}
	if host, _, err := net.SplitHostPort(addr); err == nil && host != "" {
		own = append(own, host)
	}
	if name, err := os.Hostname(); err == nil {
		own = append(own, name)
	}
	return own
}

// match tells whether the Host of a request is an address, which no foreign name can stand for, or a known name.
func (n names) match(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if net.ParseIP(host) != nil {
		return true
	}
	for _, name := range n {
		if strings.EqualFold(host, name) {
			return true
		}
	}
	return false
}
