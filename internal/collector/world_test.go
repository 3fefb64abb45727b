package collector

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
)

// A world is what an agent lives in: a journal, services, and collectors behind addresses.
type world struct {
	t      *testing.T
	agent  *Agent
	log    *bytes.Buffer
	logged sync.Mutex

	serving sync.WaitGroup // the collectors' ends of connections

	mu         sync.Mutex
	events     []model.Event
	more       chan struct{}
	cursors    map[string]uint64
	services   []model.Snapshot
	gone       bool // nobody knows the services any more
	instance   monit.Instance
	collectors map[string]*fake
}

func newWorld(t *testing.T, addresses ...string) *world {
	w := &world{t: t, log: &bytes.Buffer{}, more: make(chan struct{}), cursors: map[string]uint64{}, collectors: map[string]*fake{}}
	for _, a := range addresses {
		w.collectors[a] = &fake{answer: func(int, *message) string { return "HTTP/1.1 200 OK\r\n\r\n" }}
	}
	w.services = []model.Snapshot{w.service("web"), w.service("db")}
	w.instance = monit.Instance{ID: "0123", Incarnation: time.Now(), Settings: &model.Settings{
		Host: "h", HTTPD: &model.HTTPD{Port: 2812, Allow: []model.Admission{{Kind: model.AdmitUser, Name: "admin", Password: "monit"}}},
	}}
	w.restart()
	t.Cleanup(w.serving.Wait)
	return w
}

func (w *world) service(name string) model.Snapshot {
	spec := &model.Service{Name: name, Kind: model.KindProcess, Rules: []model.Rule{
		{Text: "cpu > 90%", Topic: model.TopicResource, Metric: model.CPU, Then: []model.Action{{Kind: model.ActAlert}}},
		{Text: "memory > 90%", Topic: model.TopicResource, Metric: model.Memory, Then: []model.Action{{Kind: model.ActIgnore}}},
	}}
	return model.Snapshot{Spec: spec, Monitored: true, Since: time.Now(), Rules: make([]model.RuleSnapshot, 2)}
}

// restart makes a new agent, as a daemon that is started again does.
func (w *world) restart() {
	w.agent = New(Options{Journal: w, Backend: w, Log: slog.New(slog.NewTextHandler(w, nil))})
	w.agent.dial = w.dial
}

// run runs the agent while body does something.
func (w *world) run(body func()) {
	ctx, stop := context.WithCancel(w.t.Context())
	var agent sync.WaitGroup
	agent.Go(func() { _ = w.agent.Run(ctx) })
	body()
	stop()
	agent.Wait()
	synctest.Wait()
}

// link is one that nobody runs.
func (w *world) link(c model.Collector) *link {
	l := newLink(w.agent, nameOf(&c), 0, setting{c, time.Minute})
	l.adopt(time.Now())
	return l
}

// Write takes the log.
func (w *world) Write(p []byte) (int, error) {
	w.logged.Lock()
	defer w.logged.Unlock()
	return w.log.Write(p)
}

func (w *world) logText() string {
	w.logged.Lock()
	defer w.logged.Unlock()
	return w.log.String()
}

func (w *world) append(ev model.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ev.Seq, ev.At = uint64(len(w.events)+1), time.Now()
	w.events = append(w.events, ev)
	close(w.more)
	w.more = make(chan struct{})
}

// fail appends the event of a rule that fails.
func (w *world) fail(service, text string) {
	w.append(model.Event{Service: service, Kind: model.EventFailed, Topic: model.TopicResource, Rule: "cpu > 90%", Action: "alert", Text: text})
}

func (w *world) started() {
	w.append(model.Event{Kind: model.EventStarted, Topic: model.TopicInstance, Action: "start"})
}

func (w *world) Follow(ctx context.Context, from uint64) iter.Seq[model.Event] {
	return func(yield func(model.Event) bool) {
		for ctx.Err() == nil {
			w.mu.Lock()
			batch, more := slices.Clone(w.events[from:]), w.more
			w.mu.Unlock()
			for _, ev := range batch {
				if from = ev.Seq; !yield(ev) {
					return
				}
			}
			if len(batch) == 0 {
				select {
				case <-more:
				case <-ctx.Done():
				}
			}
		}
	}
}

func (w *world) Cursor(name string) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cursors[name]
}

func (w *world) Done(name string, seq uint64, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cursors[name] = max(w.cursors[name], seq)
}

func (w *world) Last() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return uint64(len(w.events))
}

func (w *world) Instance() monit.Instance {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := w.instance
	in.Now = time.Now()
	return in
}

func (w *world) Snapshots(ctx context.Context) ([]model.Snapshot, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return nil, errors.New("the engine has stopped")
	}
	return slices.Clone(w.services), ctx.Err()
}

func (w *world) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f := w.collectors[address]
	if f == nil || f.isDown() {
		return nil, fmt.Errorf("dial %s: connection refused", address)
	}
	ours, theirs := net.Pipe()
	w.serving.Go(func() { f.serve(theirs) })
	return ours, nil
}

// A fake is a collector.
type fake struct {
	answer func(n int, m *message) string // to message n, from 0; "" answers nothing and hangs
	behave func(net.Conn)                 // instead, if it is set

	mu       sync.Mutex
	down     bool
	count    int
	messages []*message
}

// A message is what a collector got.
type message struct {
	at     time.Time
	head   string // request line and headers, as they came
	zipped bool
	doc    document
	body   string
}

// A document is the part of a message that tests look at.
type document struct {
	ID       string `xml:"id,attr"`
	Services []struct {
		Name string `xml:"name,attr"`
	} `xml:"services>service"`
	Groups   []string `xml:"hostgroups>name"`
	Password string   `xml:"server>credentials>password"`
	Address  string   `xml:"server>httpd>address"`
	Event    *struct {
		Sec     int64  `xml:"collected_sec"`
		Service string `xml:"service"`
		State   int    `xml:"state"`
		Message string `xml:"message"`
	} `xml:"event"`
}

// what tells what a message is about: "status", or service and text of its event.
func (m *message) what() string {
	if m.doc.Event == nil {
		return "status"
	}
	return m.doc.Event.Service + ": " + m.doc.Event.Message
}

func (f *fake) isDown() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down
}

func (f *fake) setDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

func (f *fake) setAnswer(answer func(n int, m *message) string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// told lists what the messages were about; of those that are about events only if so wanted.
func (f *fake) told(eventsOnly bool) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, m := range f.messages {
		if what := m.what(); !eventsOnly || what != "status" {
			out = append(out, what)
		}
	}
	return out
}

func (f *fake) all() []*message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.messages)
}

// serve takes one message. Only what is answered with success counts as taken.
func (f *fake) serve(conn net.Conn) {
	defer conn.Close()
	if f.behave != nil {
		f.behave(conn)
		return
	}
	m, err := read(conn)
	if err != nil {
		return
	}
	f.mu.Lock()
	answer := f.answer(f.count, m)
	f.count++
	if strings.HasPrefix(answer, "HTTP/1.1 200") {
		f.messages = append(f.messages, m)
	}
	f.mu.Unlock()
	if answer != "" {
		_, _ = io.WriteString(conn, answer)
		return
	}
	_, _ = io.Copy(io.Discard, conn) // until the other end has had enough
}

func read(conn net.Conn) (*message, error) {
	var head bytes.Buffer
	req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &head)))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	m := &message{at: time.Now(), zipped: req.Header.Get("Content-Encoding") == "gzip"}
	m.head, _, _ = strings.Cut(head.String(), "\r\n\r\n")
	if m.zipped {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(z); err != nil {
			return nil, err
		}
	}
	m.body = string(body)
	return m, xml.Unmarshal(body, &m.doc)
}

func collectorAt(host string) model.Collector {
	return model.Collector{Scheme: "http", Host: host, Port: 8080, Path: "/collector", Timeout: 5 * time.Second}
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
