// Package ping carries signs of life over HTTP: those of jobs, at the addresses and with the answers of Healthchecks, and
// our own to a server elsewhere. Entry points are [New], whose server hears jobs, and [NewSender].
//
// The keys in the addresses are secrets: they are never logged, and who does not know one learns nothing here.
package ping

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"orderly/internal/model"
)

// Prefix is how the paths begin that a Server answers.
const Prefix = "/ping/"

const (
	bodyRead      = 100_000         // bytes of a body that are read
	bodyPatience  = 5 * time.Second // for a body
	hearPatience  = 8 * time.Second // until what was heard is on disk
	writePatience = 5 * time.Second // for a client to take the answer
	maxAgent      = 60              // characters of what a client calls itself
)

// A Hearer notes what jobs say, and returns when that is on disk. Its errors are ErrUnknown, ErrUseless, or make clients
// try again.
type Hearer interface {
	Hear(ctx context.Context, name string, sig model.Signal) error
}

// The errors of a Hearer that mean the client and not us.
var (
	ErrUnknown = errors.New("no job is known by that name")
	ErrUseless = errors.New("nothing is to be done about that signal")
)

// A Server hears jobs. Configure tells it their keys, Open gives it a door of its own.
type Server struct {
	hearer Hearer
	log    *slog.Logger
	keys   atomic.Pointer[keyring] // nil before Configure

	mu    sync.Mutex // guards below
	rates map[string]*bucket
	door  *door
}

// New returns a server that has no door, and asks for patience until it knows its keys.
func New(h Hearer, log *slog.Logger) *Server {
	return &Server{hearer: h, log: log, rates: map[string]*bucket{}}
}

// Configure makes the keys of a configuration those that count.
func (s *Server) Configure(c *model.Config) {
	ring := newKeyring(c)
	s.keys.Store(ring)
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.rates {
		if name != "" && c.Find(name) == nil {
			delete(s.rates, name)
		}
	}
}

// Hears tells whether there is any key. Configure must have run.
func (s *Server) Hears() bool { return s.keys.Load().any() }

// ServeHTTP hears one job.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		answer(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	ring := s.keys.Load()
	if ring == nil {
		answer(w, http.StatusServiceUnavailable, "try again")
		return
	}
	name, word, known := ring.find(split(r.URL.EscapedPath()))
	if !s.admit(name, known, time.Now()) {
		answer(w, http.StatusTooManyRequests, "rate limited")
		return
	}
	sig, understood := signalOf(word)
	run := r.URL.Query().Get("rid")
	switch {
	case !known:
		answer(w, http.StatusNotFound, "not found")
	case !understood:
		answer(w, http.StatusBadRequest, "invalid url format")
	case run != "" && !isUUID(run):
		answer(w, http.StatusBadRequest, "invalid uuid format")
	default:
		sig.Run, sig.By, sig.Body = strings.ToLower(run), agent(r), body(w, r)
		s.hear(r.Context(), w, name, sig)
	}
}

// hear notes a signal, also when the client does not wait for the answer.
func (s *Server) hear(ctx context.Context, w http.ResponseWriter, name string, sig model.Signal) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hearPatience)
	defer cancel()
	err := s.hearer.Hear(ctx, name, sig)
	switch {
	case err == nil:
		answer(w, http.StatusOK, "OK")
	case errors.Is(err, ErrUnknown):
		answer(w, http.StatusNotFound, "not found")
	case errors.Is(err, ErrUseless):
		answer(w, http.StatusConflict, "nothing here is about how it went")
	default:
		s.log.Warn("a sign of life may be lost", "service", name, "err", err)
		answer(w, http.StatusServiceUnavailable, "try again")
	}
}

// admit bounds how often a job may be heard, and how often somebody may guess: guesses take nothing away from jobs.
func (s *Server) admit(name string, known bool, now time.Time) bool {
	rate, burst := jobRate, jobBurst
	if !known {
		name, rate, burst = "", guessRate, guessBurst
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.rates[name]
	if b == nil {
		b = &bucket{left: burst, at: now}
		s.rates[name] = b
	}
	return b.take(now, rate, burst)
}

// body is what a job has to say. That it breaks off does not make the signal less true.
func body(w http.ResponseWriter, r *http.Request) string {
	if r.ContentLength > bodyRead {
		w.Header().Set("Connection", "close")
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyPatience))
	text, _ := io.ReadAll(io.LimitReader(r.Body, bodyRead))
	return model.Printable(string(text), model.MaxBody)
}

// agent is what the client calls itself.
func agent(r *http.Request) string {
	text := strings.Join(strings.Fields(model.Printable(r.UserAgent(), 4*maxAgent)), " ")
	if runes := []rune(text); len(runes) > maxAgent {
		return string(runes[:maxAgent])
	}
	return text
}

func answer(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Ping-Body-Limit", strconv.Itoa(model.MaxBody))
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
