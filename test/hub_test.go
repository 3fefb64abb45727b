package test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A hub is a collector, as M/Monit is one. It reads strictly what it is sent.
type hub struct {
	t       *testing.T
	address string
	server  *http.Server
	served  sync.WaitGroup

	mu       sync.Mutex
	posts    []post
	refusals int // how many posts are still turned away
	faults   []string
}

// A post is one message.
type post struct {
	document *element
	packed   bool
}

func newHub(t *testing.T) *hub {
	h := &hub{t: t, address: fmt.Sprintf("127.0.0.1:%d", freePort(t))}
	t.Cleanup(h.close)
	return h
}

// statement is what the control file says of the hub.
func (h *hub) statement() string { return "set mmonit http://agent:secret@" + h.address + "/collector" }

// open begins to listen. Nobody listens before.
func (h *hub) open() {
	h.t.Helper()
	l, err := net.Listen("tcp", h.address)
	if err != nil {
		h.t.Fatal(err)
	}
	h.server = &http.Server{Handler: h, ReadTimeout: 10 * time.Second}
	h.served.Go(func() { _ = h.server.Serve(l) })
}

func (h *hub) close() {
	if h.server != nil {
		_ = h.server.Close()
		h.served.Wait()
		h.server = nil
	}
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, err := read(r)
	h.mu.Lock()
	defer h.mu.Unlock()
	w.Header().Set("Server", "mmonit/4.3.2")
	switch {
	case err != nil:
		h.faults = append(h.faults, err.Error())
	case h.refusals > 0:
		h.refusals--
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		h.posts = append(h.posts, p)
	}
}

// refuse has the next posts turned away.
func (h *hub) refuse(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusals = n
}

func read(r *http.Request) (post, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return post{}, err
	}
	if name, password, _ := r.BasicAuth(); r.Method != http.MethodPost || r.URL.Path != "/collector" || name != "agent" || password != "secret" ||
		r.Header.Get("Content-Type") != "text/xml" {
		return post{}, fmt.Errorf("a strange request: %s %s by %s, %v", r.Method, r.URL, name, r.Header)
	}
	var text io.Reader = bytes.NewReader(body)
	packed := r.Header.Get("Content-Encoding") == "gzip"
	if packed {
		if text, err = gzip.NewReader(text); err != nil {
			return post{}, err
		}
	}
	document, err := parse(text)
	return post{document, packed}, err
}

// received is what has arrived.
func (h *hub) received() []post {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.posts)
}

// An occurrence is an event as a collector knows it.
type occurrence struct {
	what string        // service, type, id, state and action
	at   time.Duration // since 1970
}

// events are those that have arrived, in the order in which they did.
func (h *hub) events() []occurrence {
	var out []occurrence
	for _, p := range h.received() {
		e := p.document.child("event")
		if e.XMLName.Local == "" {
			continue
		}
		number := func(name string) int64 {
			n, err := strconv.ParseInt(e.child(name).Text, 10, 64)
			if err != nil {
				h.t.Errorf("an event's %s is %q", name, e.child(name).Text)
			}
			return n
		}
		out = append(out, occurrence{
			fmt.Sprintf("%s type %d id %d state %d action %d", e.child("service").Text, number("type"), number("id"), number("state"), number("action")),
			time.Duration(number("collected_sec"))*time.Second + time.Duration(number("collected_usec"))*time.Microsecond,
		})
	}
	return out
}

// hears waits until events that begin like this have arrived so many times.
func (h *hub) hears(a *side, beginning string, times int) {
	h.t.Helper()
	a.eventually(fmt.Sprintf("event %q arrives %d times", beginning, times), func() bool {
		n := 0
		for _, e := range h.events() {
			if strings.HasPrefix(e.what, beginning) {
				n++
			}
		}
		return n >= times
	})
}
