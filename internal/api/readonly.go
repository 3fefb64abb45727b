package api

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
)

// Reads has the routes that only read, for whom a door has let in.
func (s *Server) Reads() http.Handler {
	mux := http.NewServeMux()
	s.addReads(mux)
	return guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
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

// Named lets through what is asked for under a name of this host, so that a page that a browser shows cannot read what
// is here by pointing a name of its own at the listener at addr. What free says of need not be.
func Named(addr string, free func(r *http.Request) bool, h http.Handler) http.Handler {
	own := hostNames(addr)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !own.match(r.Host) && !free(r) {
			fail(w, http.StatusMisdirectedRequest, fmt.Sprintf("%q is not a name of this host", r.Host))
			return
		}
		h.ServeHTTP(w, r)
	})
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
