package daemon

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"orderly/internal/access"
	"orderly/internal/api"
	"orderly/internal/client"
	"orderly/internal/history"
	"orderly/internal/metrics"
	"orderly/internal/model"
	"orderly/internal/status"
	"orderly/internal/store"
	"orderly/internal/web"
)

// A front is what people see in a browser: who may see it, and what is remembered of measurements.
type front struct {
	guard   *access.Guard
	history *history.History
	page    *page
}

// newFront makes it, with what an earlier run has kept.
func (d *instance) newFront() {
	ctx, cancel := context.WithTimeout(context.Background(), recalling)
	defer cancel()
	f := &d.front
	f.guard = access.New(d.store, d.log)
	f.guard.OnEvent(func(ev model.Event) {
		ev.Host = d.host.Hostname()
		d.journal().Append(ev)
	})
	f.history = history.New(d.store, model.DefaultRetention(), d.log)
	page, err := d.newPage(ctx)
	f.page = page
	if err := errors.Join(f.guard.Load(ctx), f.history.Load(ctx), err); err != nil {
		d.log.Warn("not all that was kept can be read", "err", err)
	}
}

// recalling bounds how long reading what was kept may take.
const recalling = 20 * time.Second

// runFront keeps it going until ctx ends.
func (d *instance) runFront(ctx context.Context, parts *sync.WaitGroup) {
	parts.Go(func() { d.front.history.Run(ctx) })
	parts.Go(func() { d.front.page.book.Run(ctx) })
	parts.Go(func() { d.front.page.Run(ctx) })
	parts.Go(func() { d.followJournal(ctx) })
}

// historian tells programs of the past.
func (f *front) historian(s *store.Store) historian { return historian{f.history, s} }

// configureFront brings it in line with a configuration.
func (d *instance) configureFront(c *model.Config) {
	keep := model.DefaultRetention()
	if c.Settings.Retention != nil {
		keep = *c.Settings.Retention
	}
	d.front.guard.Configure(c.Settings.Accounts)
	d.front.history.Retain(keep)
	d.store.Retain(keep)
	d.front.page.configure(c)
}

// webHandler is all that is behind the web interface at addr.
func (d *instance) webHandler(addr string) http.Handler {
	mux := http.NewServeMux()
	reads := api.New(public{d}, nil, nil, d.Version, d.log).WithHistory(d.front.historian(d.store)).WithStories(public{d}).Reads()
	mux.Handle("/v1/", d.front.guard.Door(reads, access.ReadLocal))
	mux.Handle("GET /metrics", d.front.guard.Door(d.metrics, access.ReadLocal))
	mux.Handle(client.PathHealth, reads)
	mux.Handle(client.PathPing, d.pings)
	mux.Handle(pagePath, d.front.page)
	mux.Handle(apiPath, d.front.page.api)
	mux.Handle("/", d.dashboard())
	return d.front.guard.Door(api.Named(addr, anyName, mux), access.ReadAll)
}

// anyName tells whether a request may come under any name: who shows who they are, or comes from elsewhere and must do so,
// is not tricked into it by the name of another site, and what is public is no secret.
func anyName(r *http.Request) bool {
	open := strings.HasPrefix(r.URL.Path, pagePath) || strings.HasPrefix(r.URL.Path, apiPath)
	return open || access.FromContext(r.Context()) != nil || !access.Local(r)
}

// dashboard is what administrators see.
func (d *instance) dashboard() http.Handler {
	return web.New(web.Options{
		View: sight{d}, Journal: past{d.store}, Narrator: d, Guard: d.front.guard, Door: d.front.guard, Commander: d, Silencer: d.engine,
		Past: d.front.history, Uptime: d.front.history, Outlets: outlets{d}, Book: d.front.page.book,
		Accounts: d.front.guard.Accounts, Public: pagePath, Open: access.Local, Version: d.Version, Log: d.log,
	})
}

// sight is what can be seen of the services, as the dashboard asks for it.
type sight struct{ *instance }

// Snapshots answers web.View.
func (s sight) Snapshots(ctx context.Context, names []string) ([]model.Snapshot, uint64, error) {
	s.host.Look(time.Now())
	return s.engine.Snapshots(ctx, names)
}

// Silences answers metrics.View.
func (s sight) Silences(ctx context.Context) ([]model.Silence, error) { return s.engine.Silences(ctx) }

// newMetrics makes what Prometheus is told.
func (d *instance) newMetrics() *metrics.Metrics {
	return metrics.New(metrics.Options{
		View: sight{d}, Last: d.store.Last, Waiting: d.alert.Waiting, Version: d.Version, Log: d.log,
		Open: func() int {
			view := d.front.page.book.Read()
			return len(slices.DeleteFunc(slices.Clone(view.Incidents), func(i *status.Incident) bool { return !i.Open() }))
		},
	})
}

// past is the journal as the dashboard asks for it.
type past struct{ *store.Store }

// Events answers web.Journal.
func (p past) Events(ctx context.Context, q web.Query) ([]model.Event, error) {
	return p.Store.Events(ctx, store.Query{Service: q.Service, Since: q.Since, Until: q.Until, After: q.After, Limit: q.Limit})
}

// outlets are the destinations of alerts, as the dashboard shows them.
type outlets struct{ *instance }

// Destinations answers web.Outlets.
func (o outlets) Destinations() []web.Destination {
	var out []web.Destination
	for _, a := range o.alert.Destinations() {
		out = append(out, web.Destination{Channel: a.Channel, Address: a.Address, Delivered: a.Reached})
	}
	return out
}

// openWeb opens the web interface, unless it is off, or taken, or the configuration has one of its own.
func (d *instance) openWeb(c *model.Config) {
	at := d.Listen
	if at == "off" || c.Settings.HTTPD != nil {
		at = ""
	}
	d.openDoor(&d.doors.web, at, "the web interface", d.webHandler)
	own := ""
	if p := c.Settings.Page; p != nil {
		own = p.Listen
	}
	d.openDoor(&d.doors.page, own, "the status page", d.pageHandler)
}

// openDoor has what a handler shows at an address from now on, and nowhere without one.
func (d *instance) openDoor(door *webDoor, at, what string, handler func(addr string) http.Handler) {
	if door.at == at {
		return
	}
	if door.shut != nil {
		door.shut()
	}
	*door = webDoor{}
	if at == "" {
		return
	}
	ctx, shut := context.WithCancel(d.doors.ctx)
	l, err := api.ListenWeb(ctx, at)
	if err != nil {
		shut()
		d.log.Warn(what+" is not open", "err", err)
		return
	}
	*door = webDoor{at: at, shut: shut}
	d.doors.open.Go(func() {
		if err := api.Serve(ctx, l, sealed(handler(addressOf(l))), d.log); err != nil {
			d.log.Error(what+" has stopped", "err", err)
		}
	})
}

func addressOf(l net.Listener) string { return l.Addr().String() }
