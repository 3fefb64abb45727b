package inspeqtor

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// How long a client of the pages may take.
const (
	requestTime = 5 * time.Second  // for the request to arrive
	answerTime  = 15 * time.Second // from there to the end of the answer
	farewell    = 2 * time.Second  // for answers under way when the place is left
	maxHeader   = 16 << 10         // bytes
)

// listenLoopback listens on a port for programs of this host.
func listenLoopback(ctx context.Context, port string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
}

// servePages answers on loopback until it is stopped. Each connection has one request, so that none lasts for long.
func (s *Server) servePages(l net.Listener) (stop func()) {
	server := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: requestTime, ReadTimeout: requestTime, WriteTimeout: answerTime,
		MaxHeaderBytes:               maxHeader,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(remarks{s.Log}, "", 0),
	}
	server.SetKeepAlivesEnabled(false)
	var work sync.WaitGroup
	work.Go(func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.Log.Log(context.Background(), slog.LevelWarn, "what Inspeqtor exposes is not to be had any more", "err", err)
		}
	})
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
		work.Wait()
	}
}

// remarks are what the HTTP server has to say about its clients. None of it is worth more.
type remarks struct{ log *slog.Logger }

func (r remarks) Write(b []byte) (int, error) {
	r.log.Log(context.Background(), slog.LevelDebug, strings.TrimSpace(string(b)))
	return len(b), nil
}

// handler answers the requests of programs on this host. Only names of this host are answered to, so that a page that a
// browser shows cannot read here by having a name of its own point here.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics.json", s.metricsPage)
	mux.HandleFunc("/memstats.json", s.memstatsPage)
	mux.HandleFunc("/memory/{$}", s.memoryPage)
	mux.HandleFunc("/debug/vars", s.varsPage)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		switch {
		case !isLoopback(r.Host):
			http.Error(w, "that is not a name of this host", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet:
			h.Set("Allow", http.MethodGet)
			http.Error(w, "there is only something to get here", http.StatusMethodNotAllowed)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// isLoopback tells whether a request is for this host by one of the names that cannot mean another one.
func isLoopback(hostport string) bool {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	switch strings.ToLower(strings.Trim(host, "[]")) {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	return false
}

// service is the one that a request is about; if there is none, that was answered.
func (s *Server) service(w http.ResponseWriter, r *http.Request) (*block, bool) {
	name := r.FormValue("service")
	if name == "" {
		missing(w, "service")
		return nil, false
	}
	v, err := s.view(r.Context(), patience)
	if err != nil {
		http.Error(w, "cannot tell how the services are", http.StatusServiceUnavailable)
		return nil, false
	}
	b, ok := v.find(name)
	if !ok {
		http.Error(w, "there is no such service", http.StatusNotFound)
	}
	return b, ok
}

// missing answers a request that lacks a parameter, with the status that Inspeqtor has for it.
func missing(w http.ResponseWriter, parameter string) {
	http.Error(w, "the parameter "+parameter+" is missing", http.StatusUnauthorized)
}

// metricsPage answers /metrics.json: the metrics of one family.
func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request) {
	family := r.FormValue("family")
	if family == "" {
		missing(w, "family")
		return
	}
	b, ok := s.service(w, r)
	if !ok {
		return
	}
	numbers, ok := b.numbers()[family]
	if !ok {
		http.Error(w, "nothing of that family is measured", http.StatusNotFound)
		return
	}
	sendJSON(w, map[string]map[string]float64{family: numbers})
}

func sendJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "cannot put that in JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n'))
}
