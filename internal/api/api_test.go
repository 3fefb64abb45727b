package api

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A backend is one running orderly.
type backend interface {
	View
	Commander
	Silencer
}

// A fakeBackend answers from its fields. do and reload may be nil.
type fakeBackend struct {
	status model.HostStatus
	do     func(context.Context, model.Command) ([]model.Outcome, error)
	reload client.ReloadReply
	events []model.Event
	err    error

	mu       sync.Mutex
	now      []string // guarded by mu: services checked now
	accepted []model.Command
	silences []model.Silence
	beats    []string
}

func (b *fakeBackend) Silence(_ context.Context, s model.Silence) (model.Silence, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.ID = fmt.Sprint(len(b.silences) + 1)
	b.silences = append(b.silences, s)
	return s, b.err
}

func (b *fakeBackend) EndSilence(_ context.Context, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.silences)
	b.silences = slices.DeleteFunc(b.silences, func(s model.Silence) bool { return s.ID == id })
	if len(b.silences) == before {
		return fmt.Errorf("cannot end silence %q", id)
	}
	return nil
}

func (b *fakeBackend) Silences(context.Context) ([]model.Silence, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.silences), b.err
}

func (b *fakeBackend) Acknowledge(_ context.Context, c model.Command, by string) ([]model.Outcome, error) {
	var out []model.Outcome
	for _, name := range c.Names {
		done := "acknowledged by " + by
		if !c.Until.IsZero() {
			done += " until " + c.Until.String()
		}
		out = append(out, model.Outcome{Service: name, Done: done})
	}
	return out, b.err
}

func (b *fakeBackend) Hear(_ context.Context, name string, sig model.Signal) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name == "nobody" {
		return errors.New("no heartbeat is named so")
	}
	b.beats = append(b.beats, fmt.Sprintf("%s %s %d %s %q", name, sig.Kind, sig.Status, sig.Run, sig.Body))
	return nil
}

func (b *fakeBackend) Accept(_ context.Context, c model.Command) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accepted = append(b.accepted, c)
	return b.err
}

func (b *fakeBackend) Monit(_ context.Context, q client.MonitQuery) (string, error) {
	if q.What == "poem" {
		return "", errors.New("there is no poem")
	}
	return fmt.Sprintf("%+v", q), b.err
}

func (b *fakeBackend) Status(_ context.Context, names []string, now bool) (model.HostStatus, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.status
	if len(names) > 0 {
		out.Services = nil
		for _, s := range b.status.Services {
			for _, name := range names {
				if s.Name == name {
					out.Services = append(out.Services, s)
				}
			}
		}
	}
	if now {
		b.now = append(b.now, names...)
	}
	return out, b.err
}

func (b *fakeBackend) Do(ctx context.Context, c model.Command) ([]model.Outcome, error) {
	if b.do != nil {
		return b.do(ctx, c)
	}
	var out []model.Outcome
	for _, name := range c.Names {
		out = append(out, model.Outcome{Service: name, Done: string(c.Kind) + " done"})
	}
	return out, nil
}

func (b *fakeBackend) Reload(context.Context) (client.ReloadReply, error) { return b.reload, b.err }

func (b *fakeBackend) Events(ctx context.Context, q client.EventQuery) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		for _, ev := range b.events {
			if (q.Service == "" || ev.Service == q.Service) && !ev.At.Before(q.Since) && !yield(ev, nil) {
				return
			}
		}
		if b.err != nil {
			yield(model.Event{}, b.err)
			return
		}
		if q.Follow {
			<-ctx.Done()
		}
	}
}

var epoch = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)

func twoServices() model.HostStatus {
	return model.HostStatus{Generation: 3, Host: "web1", Services: []model.ServiceStatus{
		{Name: "web", Kind: model.KindProcess, State: model.StateOK, Monitored: true, Since: epoch, Rules: []model.RuleStatus{}, Groups: []string{"Front"}},
		{Name: "db", Kind: model.KindProcess, State: model.StateFailing, Monitored: true, Since: epoch, Rules: []model.RuleStatus{}},
	}}
}

// serve starts a server on a socket of its own and returns the path; the test waits for its end.
func serve(t *testing.T, b backend) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run", "o.sock")
	ctx, cancel := context.WithCancel(t.Context())
	l, err := ListenControl(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- New(b, b, b, "1.2.3", slog.New(slog.DiscardHandler)).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return path
}

func TestClientAndServer(t *testing.T) {
	b := &fakeBackend{
		status: twoServices(),
		reload: client.ReloadReply{Applied: model.Applied{Generation: 4, Added: []string{"mail"}, Unchanged: 2}},
		events: []model.Event{
			{Seq: 1, At: epoch, Service: "web", Kind: model.EventFailed, Text: "cannot connect"},
			{Seq: 2, At: epoch.Add(time.Minute), Service: "db", Kind: model.EventRecovered, Text: "works again"},
		},
	}
	c := client.New(serve(t, b))
	ctx := t.Context()

	about, err := c.Version(ctx)
	if err != nil || about != (client.About{Version: "1.2.3", Host: "web1", Generation: 3}) {
		t.Errorf("Version = %+v, %v", about, err)
	}
	status, err := c.Status(ctx, client.StatusQuery{Names: []string{"DB"}, Now: true})
	if err != nil || len(status.Services) != 1 || status.Services[0].Name != "db" || status.Generation != 3 {
		t.Errorf("Status = %+v, %v", status, err)
	}
	if b.mu.Lock(); fmt.Sprint(b.now) != "[db]" {
		t.Errorf("checked now: %v, want the name as it is configured", b.now)
	}
	b.mu.Unlock()
	outcomes, err := c.Do(ctx, model.Command{Kind: model.CommandRestart, Names: []string{"Web"}})
	if err != nil || len(outcomes) != 1 || outcomes[0] != (model.Outcome{Service: "web", Done: "restart done"}) {
		t.Errorf("Do = %+v, %v", outcomes, err)
	}
	reply, err := c.Reload(ctx)
	if err != nil || reply.Generation != 4 || fmt.Sprint(reply.Added) != "[mail]" || reply.Refused != nil {
		t.Errorf("Reload = %+v, %v", reply, err)
	}
	var seen []uint64
	for ev, err := range c.Events(ctx, client.EventQuery{Since: epoch.Add(time.Second)}) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, ev.Seq)
	}
	if fmt.Sprint(seen) != "[2]" {
		t.Errorf("events since: %v, want [2]", seen)
	}
}

func TestReloadRefused(t *testing.T) {
	src := diag.NewSource("web.conf", []byte("check nonsense\n"))
	var found diag.List
	found.Error(diag.Span{Src: src, Start: 6, End: 14}, "monit/syntax", "unexpected word")
	c := client.New(serve(t, &fakeBackend{reload: client.Refuse(3, found)}))
	reply, err := c.Reload(t.Context())
	if err != nil || reply.Refused == nil || reply.Refused.Errors != 1 || reply.Generation != 3 {
		t.Fatalf("Reload = %+v, %v", reply, err)
	}
	if !strings.Contains(reply.Findings, "^^^^^^^^") {
		t.Errorf("findings lack the caret:\n%s", reply.Findings)
	}
}

func TestErrorsReachTheClient(t *testing.T) {
	b := &fakeBackend{status: twoServices(), do: func(context.Context, model.Command) ([]model.Outcome, error) {
		return nil, errors.New("cannot start anything: the disk is full")
	}}
	c := client.New(serve(t, b))
	for _, tt := range []struct {
		name string
		call func() error
		want string
	}{
		{"unknown service", func() error {
			_, err := c.Status(t.Context(), client.StatusQuery{Names: []string{"wbe"}})
			return err
		}, `there is no service "wbe", did you mean "web"?`},
		{"unknown group", func() error {
			_, err := c.Do(t.Context(), model.Command{Kind: model.CommandStop, Group: "frnt"})
			return err
		}, `there is no group "frnt", did you mean "Front"?`},
		{"no selection", func() error {
			_, err := c.Do(t.Context(), model.Command{Kind: model.CommandStop})
			return err
		}, "cannot read the command: it must have one of names, group and all"},
		{"backend", func() error {
			_, err := c.Do(t.Context(), model.Command{Kind: model.CommandStop, All: true})
			return err
		}, "cannot start anything: the disk is full"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call()
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if unreachable := (*client.Unreachable)(nil); errors.As(err, &unreachable) {
				t.Error("a refusal counts as unreachable")
			}
		})
	}
}

func TestEventsBreakOff(t *testing.T) {
	b := &brokenEvents{&fakeBackend{status: twoServices(), events: []model.Event{{Seq: 1}}}}
	c := client.New(serve(t, b))
	var got []string
	for ev, err := range c.Events(t.Context(), client.EventQuery{}) {
		got = append(got, fmt.Sprint(ev.Seq, err))
	}
	if want := "[1 <nil> 0 cannot read the journal: bad block]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

type brokenEvents struct{ *fakeBackend }

func (b *brokenEvents) Events(context.Context, client.EventQuery) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		_ = yield(b.events[0], nil) && yield(model.Event{}, errors.New("cannot read the journal: bad block"))
	}
}

func TestCancelledRequestCancelsTheCommand(t *testing.T) {
	started, ended := make(chan struct{}), make(chan struct{})
	b := &fakeBackend{status: twoServices(), do: func(ctx context.Context, _ model.Command) ([]model.Outcome, error) {
		close(started)
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}}
	c := client.New(serve(t, b))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	if _, err := c.Do(ctx, model.Command{Kind: model.CommandRestart, All: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("Do = %v, want cancelled", err)
	}
	<-ended
}

func TestAcceptedCommandIsNotWaitedFor(t *testing.T) {
	b := &fakeBackend{status: twoServices(), do: func(context.Context, model.Command) ([]model.Outcome, error) {
		return nil, errors.New("nobody waits for the end")
	}}
	c := client.New(serve(t, b))
	if err := c.Ask(t.Context(), model.Command{Kind: model.CommandRestart, All: true}); err != nil {
		t.Fatal(err)
	}
	if len(b.accepted) != 1 || !b.accepted[0].All || b.accepted[0].Kind != model.CommandRestart {
		t.Errorf("accepted %+v", b.accepted)
	}
}

func TestMonitTextsTravel(t *testing.T) {
	b := &fakeBackend{status: twoServices()}
	c := client.New(serve(t, b))
	q := client.MonitQuery{What: "status", Services: []string{"a.*", "b"}, Group: "g", Type: "up"}
	text, err := c.Monit(t.Context(), q)
	if err != nil || text != fmt.Sprintf("%+v", q) {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := c.Monit(t.Context(), client.MonitQuery{What: "poem"}); err == nil || err.Error() != "there is no poem" {
		t.Errorf("got %v", err)
	}
}

func TestFollowSeesEventsAtOnce(t *testing.T) {
	b := &fakeBackend{status: twoServices(), events: []model.Event{{Seq: 7, Text: "first"}}}
	c := client.New(serve(t, b))
	for ev, err := range c.Events(t.Context(), client.EventQuery{Follow: true}) {
		if err != nil || ev.Seq != 7 {
			t.Fatalf("%+v, %v", ev, err)
		}
		break // the stream goes on: had the line not been flushed, this would hang
	}
}

func TestListenControl(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "o.sock")
	l, err := ListenControl(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if _, err := ListenControl(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another orderly answers there") {
		t.Errorf("a second one may listen: %v", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = l.Close()
	l, err = ListenControl(t.Context(), path)
	if err != nil {
		t.Fatalf("a stale socket is in the way: %v", err)
	}
	_ = l.Close()

	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{file, "", "@abstract", filepath.Join(dir, strings.Repeat("x", 200)), filepath.Join(file, "o.sock")} {
		if l, err := ListenControl(t.Context(), bad); err == nil {
			_ = l.Close()
			t.Errorf("listens on %q", bad)
		} else if !strings.HasPrefix(err.Error(), "cannot listen on ") {
			t.Errorf("error %q", err)
		}
	}
	if text, _ := os.ReadFile(file); string(text) != "precious" {
		t.Error("a file that is no socket was replaced")
	}
}

func TestListenWebTaken(t *testing.T) {
	l, err := ListenWeb(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := ListenWeb(t.Context(), l.Addr().String()); err == nil || !strings.Contains(err.Error(), "another program does") {
		t.Errorf("error %v", err)
	}
	if _, err := ListenWeb(t.Context(), "nonsense"); err == nil {
		t.Error("an address without a port is accepted")
	}
}

func TestPeer(t *testing.T) {
	for _, tt := range []struct {
		p    peer
		want bool
	}{
		{peer{uid: 0}, true},
		{peer{uid: 1000}, true},
		{peer{uid: 1001}, false},
		{peer{uid: 0, err: errors.New("not known")}, false},
	} {
		if got := tt.p.allowed(1000); got != tt.want {
			t.Errorf("%+v allowed = %v", tt.p, got)
		}
	}
}

func TestStrangersAreRefused(t *testing.T) {
	s := New(&fakeBackend{status: twoServices()}, nil, nil, "", slog.New(slog.DiscardHandler))
	h := s.onlyOwner(s.control())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/status", nil))
	if w.Code != http.StatusForbidden {
		t.Errorf("a connection of nobody gets %d", w.Code)
	}
}
