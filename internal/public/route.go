package public

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// The limits of one request.
const (
	maxForm       = 16 << 10         // bytes of a body
	maxPath       = 512              // bytes of a path
	writePatience = 15 * time.Second // for a client to take a reply
	readPatience  = 5 * time.Second  // for what a page is made of
)

// routes is everything that can be asked for.
func (s *Site) routes() http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, m maker) { mux.Handle("GET "+pattern, s.made(m, forPeople)) }
	data := func(pattern string, m maker) { mux.Handle("GET "+pattern, s.made(m, forPrograms)) }

	page("/{$}", s.home)
	page("/incidents/{id}", s.incident)
	page("/schedules/{id}", s.schedule)
	page("/component/{id}", s.component)
	page("/history", s.archive)
	page("/embed", s.embed)

	data("/component/{id}/shield", s.shield)
	data("/badge/{badge}", s.overallBadge)
	data("/badge/{id}/{badge}", s.componentBadge)
	for _, kind := range []string{"atom", "rss", "feed.json"} {
		data("/"+kind, s.feed(kind))
		data("/"+kind+"/{id}", s.groupFeed(kind))
		data("/component/{id}/"+kind, s.componentFeed(kind))
	}
	data("/calendar.ics", s.calendar)
	data("/summary.json", s.summary)
	data("/api/v2/{list}", s.statuspage)
	data("/metrics/{id}", s.metricData)
	data("/export.csv", s.exportCSV)
	data("/export.json", s.exportJSON)
	data("/favicon.ico", s.icon)
	data("/favicon/{icon}", s.icon)
	data("/robots.txt", s.robots)
	data("/logo", s.logo)
	data("/own.css", s.ownStyle)

	mux.Handle("GET /assets/{file}", s.files)
	mux.HandleFunc("GET /live", s.stream)
	mux.HandleFunc("POST /preferences", s.prefer)
	s.subscribing(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { // nothing made: that would be a page for another method
		s.refuse(w, s.visit(r, forPeople), r, errNowhere)
	})
	return mux
}

// bound limits what a request may send and how long a client may take, and gives every reply its headers.
func (s *Site) bound(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Security-Policy", policy("'none'"))
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	head.Set("Cache-Control", "no-store")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(readPatience + writePatience))
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
}

// policy is what pages may do in a browser, and whose pages may show them in a frame.
func policy(frames string) string {
	return "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors " + frames
}

// A refusal is why somebody does not get what they asked for: a status, and the key of a text.
type refusal struct {
	status int
	key    string
}

func (r *refusal) Error() string { return r.key }

var (
	errNowhere   = &refusal{http.StatusNotFound, "error.nowhere"}
	errLogin     = &refusal{http.StatusUnauthorized, "error.login"}
	errForm      = &refusal{http.StatusBadRequest, "error.form"}
	errTooMany   = &refusal{http.StatusTooManyRequests, "error.many"}
	errTooLarge  = &refusal{http.StatusRequestEntityTooLarge, "error.form"}
	errWentWrong = &refusal{http.StatusInternalServerError, "error.wrong"}
)

// An audience is who reads a reply, which decides how errors look and what else depends on the visitor.
type audience int

const (
	forPeople   audience = iota // a page in their language
	forPrograms                 // the same in every language, with absolute links
)

// A maker makes a reply to a visit.
type maker func(v *visit) (*reply, error)

// made answers with what a maker makes, once for all who ask for the same.
func (s *Site) made(m maker, of audience) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.EscapedPath()) > maxPath {
			http.Error(w, "that path is too long", http.StatusRequestURITooLong)
			return
		}
		v := s.visit(r, of)
		made, err := s.shelf.get(v, m)
		if err != nil {
			s.refuse(w, v, r, err)
			return
		}
		made.send(w, r, v)
	})
}

// refuse says why there is nothing else to see.
func (s *Site) refuse(w http.ResponseWriter, v *visit, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	var why *refusal
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &why):
	case errors.As(err, &tooLarge):
		why = errTooLarge
	default:
		s.Log.Error("cannot show a page of the status page", "path", r.URL.Path, "err", err)
		why = errWentWrong
	}
	if v.audience == forPrograms && !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, v.lang.T(why.key), why.status)
		return
	}
	page, err := s.page(v, "report", &report{frame: v.frame(v.lang.T(why.key)), Text: v.lang.T(why.key + ".text")})
	if err != nil {
		http.Error(w, v.lang.T(why.key), why.status)
		return
	}
	page.status, page.fleeting = why.status, true
	page.send(w, r, v)
}

// A report is a page that says one thing.
type report struct {
	*frame
	Text string
	Code string // to be copied, "": none
	To   string // where to go on
	Go   string // what that link says; "": there is none
}
