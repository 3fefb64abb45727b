// Package web is the dashboard: what a browser shows of one running orderly, and what people do there.
//
// Every page is made here and is whole without a script; a small one keeps pages up to date while they are looked at.
// Who may read without a login is for the owner to say, whatever changes something needs one, or is open to those
// who may. Entry point: [New], which returns a handler for the root of a listener.
//
// Nothing a browser sends can cost more than bounded work: bodies, queries, pages, live connections and the time a
// client takes all have limits, and what is known of the services is asked for at most once a second for everybody.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"orderly/internal/history"
	"orderly/internal/layout"
	"orderly/internal/model"
	"orderly/internal/story"
)

// A View is what can be seen of the running orderly, called from many goroutines.
type View interface {
	// Status tells of the named services, or of all without names; now checks them first.
	Status(ctx context.Context, names []string, now bool) (model.HostStatus, error)
	// Snapshots tells the same in values, with what is configured.
	Snapshots(ctx context.Context, names []string) ([]model.Snapshot, uint64, error)
}

// A Commander does things to services.
type Commander interface {
	// Do returns when the command is done. What went wrong with one service is in its outcome.
	Do(ctx context.Context, c model.Command) ([]model.Outcome, error)
	// Accept returns when the command is sure to be carried out.
	Accept(ctx context.Context, c model.Command) error
}

// A Silencer keeps people from being told for a while. Its errors are for the user.
type Silencer interface {
	Silence(ctx context.Context, s model.Silence) (model.Silence, error)
	EndSilence(ctx context.Context, id string) error
	Silences(ctx context.Context) ([]model.Silence, error)
	Acknowledge(ctx context.Context, c model.Command, by string) ([]model.Outcome, error)
}

// A Journal is what happened.
type Journal interface {
	// Events returns what matches, oldest first.
	Events(ctx context.Context, q Query) ([]model.Event, error)
	// Last is the number of the newest event.
	Last() uint64
}

// A Narrator tells why a service is as it is.
type Narrator interface {
	Story(ctx context.Context, name string) (story.Story, error)
}

// A Query selects events of a Journal.
type Query struct {
	Service string    // "": of any, and of none
	Since   time.Time // not before; zero: from the beginning
	Until   time.Time // before; zero: to the end
	After   uint64    // only events numbered above it
	Limit   int       // at most so many: with After the oldest of them, otherwise the newest
}

// A Past is what is remembered of measurements.
type Past interface {
	// Series lists what is remembered of a service.
	Series(ctx context.Context, service string) ([]model.Series, error)
	// Graph is one series between two times, in about so many points.
	Graph(ctx context.Context, s model.Series, from, to time.Time, points int) ([]model.Rollup, error)
	// Spark is what a service measured lately, oldest first, from memory.
	Spark(service string) []float32
}

// An Uptime is how well services were, from memory.
type Uptime interface {
	// Days are the last n days of a zone, oldest first, the one of now last.
	Days(service string, zone *time.Location, n int, now time.Time) []history.Day
	// Uptime is the share of a time in which a service did its work, and false if none of it was measured.
	Uptime(service string, from, to time.Time) (share float64, measured bool)
}

// A Guard knows who asks.
type Guard interface {
	// Identify tells who sends a request: nil for nobody, an error for somebody who is not who they say they are.
	Identify(r *http.Request) (*model.Account, error)
	// Protect refuses changes that another site asks for.
	Protect(h http.Handler) http.Handler
	// Form is what forms of this visitor carry in a field named FormField.
	Form(r *http.Request) string
}

// A Door lets people in and out.
type Door interface {
	// Login begins a session; the error is for the user and does not tell what was wrong.
	Login(w http.ResponseWriter, r *http.Request, name, password string) error
	Logout(w http.ResponseWriter, r *http.Request)
}

// Outlets are where messages go.
type Outlets interface {
	// Destinations lists them, those that are not well first.
	Destinations() []Destination
}

// A Destination is one place that messages go to. There are no secrets in it.
type Destination struct {
	Channel   string
	Address   string    // "" where the channel serves many
	Waiting   int       // messages that are not delivered yet
	Delivered time.Time // last; zero: never, as far as is known
}

// Options are what a dashboard is made of. View, Journal and Guard must be there; of what else is missing, the pages
// say nothing.
type Options struct {
	View      View
	Journal   Journal
	Narrator  Narrator
	Guard     Guard
	Door      Door
	Commander Commander
	Silencer  Silencer
	Past      Past
	Uptime    Uptime
	Outlets   Outlets
	Book      Book
	Accounts  func() []model.Account // secrets in them are not shown
	Public    string                 // path of the status page, "/page/"; "": there is none

	Open    func(r *http.Request) bool // who may read without a login; nil: nobody
	Version string
	Zone    *time.Location // times are shown in; nil: that of this host
	Log     *slog.Logger
}

// The limits of one request and of all of them.
const (
	maxForm       = 64 << 10         // bytes of a body
	bodyPatience  = 5 * time.Second  // for it to arrive
	readPatience  = 10 * time.Second // for what a page is made of
	writePatience = 15 * time.Second // for a client to take a piece of a reply
	doPatience    = 60 * time.Second // for what is done while a browser waits
)

// A dashboard answers browsers.
type dashboard struct {
	Options
	assets assets
	pages  *layout.Pages
	board  board
	deeds  deeds
	live   chan struct{} // a place for each live connection
}

// New returns the dashboard for the root of a listener.
func New(o Options) http.Handler {
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	files := newAssets()
	d := &dashboard{
		Options: o, assets: files, pages: layout.New(templateFiles, "templates", functions(files)),
		board: board{view: o.View, turn: make(chan struct{}, 1)},
		deeds: deeds{journal: o.Journal, turn: make(chan struct{}, 1)},
		live:  make(chan struct{}, maxLive),
	}
	return d.bounded(o.Guard.Protect(d.routes()))
}

// routes is every page. What reads needs ScopeRead or an Open door, what changes something more.
func (d *dashboard) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/{file}", d.assets)
	read := func(pattern string, h handler) { mux.Handle(pattern, d.needs(model.ScopeRead, h)) }
	manage := func(pattern string, h handler) { mux.Handle(pattern, d.needs(model.ScopeManage, h)) }

	read("GET /{$}", d.overview)
	read("GET /rows", d.rows)
	read("GET /sparks", d.sparks)
	read("GET /live", d.stream)
	read("GET /services/{name}", d.service)
	read("GET /services/{name}/graph.json", d.graphData)
	read("GET /events", d.events)
	read("GET /host", d.host)
	read("GET /silences", d.silences)
	read("GET /outbox", d.outbox)
	manage("GET /services/{name}/{deed}", d.confirm)
	manage("POST /services/{name}/{deed}", d.perform)
	manage("GET /silences/new", d.silenceForm)
	manage("POST /silences", d.beginSilence)
	manage("GET /silences/{id}/end", d.confirmEnd)
	manage("POST /silences/{id}/end", d.endSilence)
	if d.Book != nil {
		d.bookRoutes(mux)
	}
	mux.Handle("GET /accounts", d.needs(model.ScopeAdmin, d.accounts))
	mux.Handle("GET /login", d.anybody(d.loginForm))
	mux.Handle("POST /login", d.anybody(d.login))
	mux.Handle("GET /logout", d.anybody(d.logoutForm))
	mux.Handle("POST /logout", d.anybody(d.logout))
	mux.Handle("POST /theme", d.anybody(d.theme))
	mux.Handle("/", d.anybody(d.nowhere))
	return mux
}
