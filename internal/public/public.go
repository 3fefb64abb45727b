// Package public is the status page as people see it: whether everything works, what does not, what is planned, how it was,
// and the ways to be told of all that. It shows what a status.Book says and nothing else.
//
// Pages are made on the server and are whole without a script; they are kept for a minute, or until something changes, so that
// many visitors cost what one does. All links are relative: it works below every path and behind every proxy. Entry point:
// [New], which returns a handler; Site.Tell and Site.Run tell subscribers, Site.Export writes a copy for any web server.
//
// Nothing in here knows of hosts, rules or addresses of what is watched, so that it cannot tell of them (P-235).
package public

import (
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"orderly/internal/history"
	"orderly/internal/layout"
	"orderly/internal/model"
	"orderly/internal/status"
)

// A Book is what the public is told.
type Book interface {
	Read() *status.View
	// Points are those of a metric between two times, oldest first.
	Points(ctx context.Context, m *status.Metric, from, to time.Time) ([]status.Point, error)
}

// Subscriptions are changed by visitors themselves. Whoever has the code of a subscriber is that subscriber.
type Subscriptions interface {
	// Subscribe returns false with a subscriber that was there before.
	Subscribe(ctx context.Context, by status.Actor, edit func(*status.Subscriber)) (*status.Subscriber, bool, error)
	Verify(ctx context.Context, code string) (*status.Subscriber, error)
	Resubscribe(ctx context.Context, code string, to []status.Subscription) (*status.Subscriber, error)
	Leave(ctx context.Context, code string) error
}

// A Past is how well services were, and what was measured of them.
type Past interface {
	// Days are the last n days of a zone, oldest first, the one of now last. They are the caller's.
	Days(service string, zone *time.Location, n int, now time.Time) []history.Day
	Tally(service string, from, to time.Time) model.Tally
	// Series are the measurements that there are of a service.
	Series(ctx context.Context, service string) ([]model.Series, error)
	// Graph is what was measured in a time, oldest first, in at most so many points.
	Graph(ctx context.Context, s model.Series, from, to time.Time, points int) ([]model.Rollup, error)
}

// A Keeper keeps what subscribers have not been told yet.
type Keeper interface {
	PutObject(kind string, id int64, data []byte)
	DropObject(kind string, id int64)
	// Objects returns those of a kind. With an error it returns what it could read.
	Objects(ctx context.Context, kind string) (map[int64][]byte, error)
	// Flush returns when everything before is on disk.
	Flush(ctx context.Context) error
}

// Options are what a status page is made of. Book and Past must be there.
type Options struct {
	Book          Book
	Past          Past
	Subscriptions Subscriptions // nil: nobody can subscribe
	Keeper        Keeper        // nil: what subscribers have not been told is lost with the process
	Mail          Mail          // nil: nobody is told by mail

	Base    string                           // path below which it is found beside "/", as in "/page"; "": none
	Insider func(r *http.Request) bool       // who sees what is not public; nil: nobody
	Source  func(r *http.Request) netip.Addr // where a request comes from, for limits; nil: the other end of the connection
	Secure  func(r *http.Request) bool       // whether it came over TLS; nil: if it did
	Log     *slog.Logger
}

// A Site is a status page. It is a handler of what visitors ask for.
type Site struct {
	Options
	handler http.Handler
	files   assets
	pages   *layout.Pages
	shelf   shelf
	live    chan struct{} // a place for each page that listens
	box     *outbox
	gate    gate
}

// New returns a status page. Its Run must be called for subscribers to be told.
func New(o Options) *Site {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Source == nil {
		o.Source = remote
	}
	if o.Secure == nil {
		o.Secure = func(r *http.Request) bool { return r.TLS != nil }
	}
	s := &Site{Options: o, files: newAssets(), live: make(chan struct{}, maxLive)}
	s.pages = layout.New(templateFiles, "templates", template.FuncMap{"asset": s.files.path, "health": healthMark})
	s.box = newOutbox(s)
	s.handler = http.NewCrossOriginProtection().Handler(s.routes())
	return s
}

// ServeHTTP answers a visitor, at the root of an address or below Options.Base.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.bound(w, r)
	if s.Base != "" && strings.HasPrefix(r.URL.Path, s.Base+"/") {
		http.StripPrefix(s.Base, s.handler).ServeHTTP(w, r)
		return
	}
	s.handler.ServeHTTP(w, r)
}

// remote is the other end of a connection.
func remote(r *http.Request) netip.Addr {
	at, _ := netip.ParseAddrPort(r.RemoteAddr) // what cannot be read is not valid
	return at.Addr().Unmap().WithZone("")
}
