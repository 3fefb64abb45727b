// Package cachet answers what programs that were made for Cachet ask of a status page: its API v1 as of 2.4.1, the older
// one without a version, and that of Cachet 3.
//
// Entry point: [New] returns the handler of everything below /api/. What is read comes from the view of a [status.Book],
// what is written goes through its methods; this package knows shapes, names and numbers, and decides nothing.
//
// A client that is hostile costs a bounded amount of memory for a bounded time: bodies, their depth and their members are
// counted, and it hears nothing but JSON.
package cachet

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"orderly/internal/access"
	"orderly/internal/model"
	"orderly/internal/status"
)

// Options are what a handler works with.
type Options struct {
	Book *status.Book
	// Identify tells who sends a request, as [access.Guard.Identify] does; nil, nil is nobody.
	Identify func(*http.Request) (*model.Account, error)
	// Root is the URL of the status page for whoever sends a request, without a slash at its end. Nil: that of the
	// configuration, or the host that was asked.
	Root    func(*http.Request) string
	Version string // of orderly, told to clients
	Log     *slog.Logger
}

// How long a client may take.
const (
	bodyPatience  = 10 * time.Second // to send a body
	writePatience = 20 * time.Second // to take an answer
	savePatience  = 20 * time.Second // for the disk
)

// A server answers requests.
type server struct {
	Options
	began time.Time
	cross *http.CrossOriginProtection
	zones sync.Map // *time.Location by name, of those that there are
}

// New returns the handler of /api/, which must be mounted without stripping that from paths.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &server{Options: o, began: time.Now(), cross: http.NewCrossOriginProtection()}
}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, w: w, r: r, view: s.Book.Read()}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-cache, private")
	body, err := c.answer()
	if err != nil {
		c.refuse(err)
		return
	}
	c.send(body)
}

// answer finds out who asks for what, and does it.
func (c *call) answer() (any, error) {
	found, params, allowed := find(c.r)
	c.face, c.params = found.face, params
	switch {
	case !acceptsJSON(c.r.Header.Values("Accept")):
		return nil, errNotAcceptable
	case allowed == nil:
		return nil, errNoPath
	}
	c.shareWithScripts(found, allowed)
	if c.r.Method == http.MethodOptions {
		c.w.Header().Set("Allow", strings.Join(append(allowed, http.MethodOptions), ", "))
		return nil, nil
	}
	if found.do == nil {
		c.w.Header().Set("Allow", strings.Join(append(allowed, http.MethodOptions), ", "))
		return nil, errMethod
	}
	if err := c.admit(found); err != nil {
		return nil, err
	}
	if err := c.readInput(); err != nil {
		return nil, err
	}
	if err := c.refuseForbidden(found); err != nil {
		return nil, err
	}
	c.zone = c.zoneOf()
	ctx, cancel := context.WithTimeout(c.r.Context(), savePatience)
	defer cancel()
	c.ctx = ctx
	return found.do(c)
}

// admit finds out who asks and whether they may. Who gives a wrong token is nobody, where that suffices (P-020).
func (c *call) admit(found route) error {
	account, err := c.Identify(c.r)
	if err == nil && access.Allows(account, model.ScopeRead) {
		c.account = account
	}
	need := found.need
	if need == public && c.view.Page.Guarded { // P-016
		need = read
	}
	if need == general || need == public {
		return nil
	}
	switch {
	case err != nil:
		return err
	case account == nil:
		return access.ErrNobody
	case !access.Allows(account, model.Scope(need)):
		return status.ErrForbidden
	case c.forged():
		return access.ErrForged
	}
	return nil
}

// forged tells whether a page of another site has a browser send what would change something.
func (c *call) forged() bool {
	h := c.r.Header
	scheme, _, _ := strings.Cut(h.Get("Authorization"), " ")
	return h.Get("X-Cachet-Token") == "" && !strings.EqualFold(scheme, "Bearer") && c.cross.Check(c.r) != nil
}
