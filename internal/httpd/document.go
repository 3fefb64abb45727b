package httpd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
	"orderly/internal/packing"
)

// documents are what was last made of all services: the status document, and the page that shows them. Clients that ask
// often, or many at a time, get the same one until there is something else to say; it is made and compressed once.
type documents struct {
	mu   sync.Mutex
	made map[documentKind]*document
}

// maxAge is how old measurements may be that nothing else has followed from.
const maxAge = 100 * time.Millisecond

// maxDocuments bounds how many are kept: each reader has a page of their own.
const maxDocuments = 16

// A documentKind tells documents apart that hold the same moment.
type documentKind struct {
	format   int    // of XML; 0: the page
	readOnly bool   // nothing in it that lets its reader change anything
	reader   string // whom the page names
}

// A document is made by one request. Meanwhile the others get the last edition if only measurements are newer, or wait.
type document struct {
	turn chan struct{} // of capacity 1: who is in it makes the next edition
	last atomic.Pointer[edition]
}

// An edition of a document does not change any more.
type edition struct {
	of     moment
	body   []byte
	packed []byte // as gzip has it; nil until somebody wants it
}

// A moment is what a document is made of: it is up to date while the moment is the same.
type moment struct {
	revision    uint64
	incarnation int64
	tick        int64  // of measurements
	address     string // by which the client reached us
}

func (d *documents) get(k documentKind) *document {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.made == nil || len(d.made) >= maxDocuments {
		d.made = map[documentKind]*document{}
	}
	if d.made[k] == nil {
		d.made[k] = &document{turn: make(chan struct{}, 1)}
	}
	return d.made[k]
}

// document answers with the status document in a format, as it is now.
func (s *Server) document(ctx context.Context, q *request, format int) (answer, error) {
	kind := documentKind{format: format, readOnly: q.guest.readOnly}
	return s.recent(ctx, q, kind, typeXML, func(in monit.Instance, services []model.Snapshot) ([]byte, error) {
		if kind.readOnly {
			in = withoutLogin(in)
		}
		return monit.Document(in, services, format, nil), nil
	})
}

// recent answers with the document of a kind: the last one if it is up to date, else with what is made now.
func (s *Server) recent(ctx context.Context, q *request, k documentKind, contentType string, produce producer) (answer, error) {
	d := s.documents.get(k)
	gzip := packing.Accepted(q.Header)
	of := s.moment(ctx)
	if e := d.last.Load(); e != nil && e.serves(of, gzip) {
		return answer{kind: contentType, body: e.body, packed: e.packed}, nil
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	default:
		if e := d.last.Load(); e != nil && e.passes(of, gzip) {
			return answer{kind: contentType, body: e.body, packed: e.packed}, nil
		}
		select {
		case d.turn <- struct{}{}:
			defer func() { <-d.turn }()
		case <-ctx.Done():
			return answer{}, fmt.Errorf("cannot make the document in time: %w", ctx.Err())
		}
	}
	e, err := s.edition(ctx, d.last.Load(), gzip, produce)
	if err != nil {
		return answer{}, err
	}
	d.last.Store(e)
	return answer{kind: contentType, body: e.body, packed: e.packed}, nil
}

// moment is now.
func (s *Server) moment(ctx context.Context) moment {
	in := s.View.Instance()
	return moment{s.View.Revision(), in.Incarnation.UnixNano(), time.Now().UnixNano() / int64(maxAge), addressOf(ctx)}
}

// serves tells whether the edition is up to date.
func (e *edition) serves(now moment, gzip bool) bool {
	return e.of == now && (e.packed != nil || !gzip)
}

// passes tells whether the edition will do while a newer one is made: nothing but measurements has changed, and lately.
func (e *edition) passes(now moment, gzip bool) bool {
	if now.tick-e.of.tick > 2 {
		return false
	}
	now.tick = e.of.tick
	return e.serves(now, gzip)
}

// edition is the last one, if that is up to date, or a new one.
func (s *Server) edition(ctx context.Context, last *edition, gzip bool, produce producer) (*edition, error) {
	e := &edition{of: s.moment(ctx)}
	if last != nil && last.of == e.of {
		*e = *last
	} else {
		in := s.View.Instance()
		in.Address = e.of.address
		services, err := s.View.Snapshots(ctx)
		if err != nil {
			return nil, err
		}
		if e.body, err = produce(in, services); err != nil {
			return nil, err
		}
	}
	if gzip && e.packed == nil {
		e.packed = pack(e.body)
	}
	return e, nil
}

// A producer makes a document of all services.
type producer func(in monit.Instance, services []model.Snapshot) ([]byte, error)

// withoutLogin takes out what the document tells collectors for their commands: who may only read must not learn how to
// do more.
func withoutLogin(in monit.Instance) monit.Instance {
	settings := *in.Settings
	settings.Collectors = nil
	in.Settings = &settings
	return in
}

// addressOf is the address of ours that a request came to, "" for a unix socket.
func addressOf(ctx context.Context) string {
	if a, ok := ctx.Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return a.IP.String()
	}
	return ""
}
