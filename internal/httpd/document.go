package httpd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
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

// A document is made by one request while the others wait.
type document struct {
	turn   chan struct{} // of capacity 1; who is in it may use all below
	of     moment
	body   []byte
	packed []byte // nil until somebody wants it
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
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return answer{}, fmt.Errorf("cannot make the document in time: %w", ctx.Err())
	}
	now, in := time.Now(), s.View.Instance()
	in.Address = addressOf(ctx)
	of := moment{s.View.Revision(), in.Incarnation.UnixNano(), now.UnixNano() / int64(maxAge), in.Address}
	if d.body == nil || d.of != of {
		services, err := s.View.Snapshots(ctx)
		if err != nil {
			return answer{}, err
		}
		body, err := produce(in, services)
		if err != nil {
			return answer{}, err
		}
		d.of, d.body, d.packed = of, body, nil
	}
	if d.packed == nil && takesGzip(q.Header.Get("Accept-Encoding")) {
		d.packed = pack(d.body)
	}
	return answer{kind: contentType, body: d.body, packed: d.packed}, nil
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
