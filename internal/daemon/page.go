package daemon

import (
	"context"
	"net/http"
	"strings"
	"time"

	"orderly/internal/access"
	"orderly/internal/cachet"
	"orderly/internal/model"
	site "orderly/internal/public"
	"orderly/internal/status"
)

// Where the status page and its API are on a web interface that has more.
const (
	pagePath = "/page/"
	apiPath  = "/api/"

	hostedPath = "/api/v2/" // as programs ask the pages of a hosted service
)

// pageCursor is the name under which the journal remembers how far the status page has read.
const pageCursor = "page"

// noted is how soon it is on disk that the page has heard of something.
const noted = 10 * time.Second

// A page is the status page: what it tells, and how it is shown.
type page struct {
	*site.Site // of visitors

	book *status.Book
	mail postman
	api  http.Handler // of scripts
}

// newPage opens the page with what an earlier run has kept. When that cannot be read there is one that keeps nothing: its
// numbers must not be mixed up with those that are there.
func (d *instance) newPage(ctx context.Context) (*page, error) {
	p := &page{}
	o := status.Options{
		Keeper: d.store, Log: d.log, Silencer: d.engine, Graph: d.front.history.Graph,
		Tell: func(n status.Notice) { p.Tell(n) }, // which Run does, and not before
	}
	book, err := status.Open(ctx, o)
	if err != nil {
		o.Keeper = unkept{}
		book, _ = status.Open(ctx, o) // there is nothing to read
	}
	p.book = book
	p.api = cachet.New(cachet.Options{Book: book, Identify: d.front.guard.Identify, Version: d.Version, Log: d.log})
	p.Site = site.New(site.Options{
		Book: book, Past: d.front.history, Subscriptions: book, Keeper: o.Keeper, Mail: &p.mail, Base: strings.TrimSuffix(pagePath, "/"),
		Insider: insider, Source: access.SourceOf, Secure: access.Secure, Log: d.log,
	})
	return p, err
}

// insider tells whether a visitor sees what is not for everybody.
func insider(r *http.Request) bool {
	return access.Allows(access.FromContext(r.Context()), model.ScopeRead)
}

// unkept is a keeper that keeps nothing.
type unkept struct{}

func (unkept) PutObject(string, int64, []byte)                           {}
func (unkept) DropObject(string, int64)                                  {}
func (unkept) Objects(context.Context, string) (map[int64][]byte, error) { return nil, nil }
func (unkept) Flush(context.Context) error                               { return nil }

// configure brings the page in line with a configuration.
func (p *page) configure(c *model.Config) {
	p.mail.config.Store(c)
	of := model.DefaultStatusPage()
	if c.Settings.Page != nil {
		of = *c.Settings.Page
	}
	p.book.Configure(of, c.Services, c.Settings.Host)
}

// pageHandler is all that is behind an address that has the status page alone.
func (d *instance) pageHandler(string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", d.front.page)
	mux.Handle(apiPath, d.front.page.api)
	mux.Handle(hostedPath, d.front.page)
	return d.front.guard.Door(mux, access.ReadAll)
}

// followJournal tells the page and the metrics of what happens, from where an earlier run has left off.
func (d *instance) followJournal(ctx context.Context) {
	from := d.store.Cursor(pageCursor)
	if from == 0 { // there was no page when that happened
		from = d.store.Last()
	}
	for ev := range d.store.Follow(ctx, from) {
		d.metrics.Happened(ev)
		d.front.page.book.Heard(ev)
		d.store.Done(pageCursor, ev.Seq, noted)
	}
}
