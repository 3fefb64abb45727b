package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// A listener is an open page.
type listener struct {
	mu   sync.Mutex
	code int
	text strings.Builder
	head http.Header
	gone bool // it takes nothing any more
}

func (l *listener) Header() http.Header { return l.head }

func (l *listener) WriteHeader(code int) { l.code = code }

func (l *listener) Flush() {}

func (l *listener) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return 0, http.ErrHandlerTimeout
	}
	return l.text.Write(b)
}

// heard returns what has come since the last time.
func (l *listener) heard() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// hear opens a live connection in a bubble of time; the function returned waits for its end.
func hear(t *testing.T, h http.Handler, path string) (l *listener, end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	l = &listener{head: http.Header{}}
	var open sync.WaitGroup
	open.Go(func() {
		r := httptest.NewRequest(http.MethodGet, path, nil).WithContext(ctx)
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: "of-bob"})
		h.ServeHTTP(l, r)
	})
	synctest.Wait()
	return l, func() { cancel(); open.Wait() }
}

// pass lets time go by.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := town(time.Now())
		h := New(w.options())
		all, endAll := hear(t, h, "/live")
		one, endOne := hear(t, h, "/live?service=nginx")
		journal, endJournal := hear(t, h, "/live?journal=1")
		defer func() { endAll(); endOne(); endJournal() }()
		if got := all.heard(); !strings.HasPrefix(got, "retry: ") || all.head.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("it begins with %q, %v", got, all.head)
		}
		one.heard()
		journal.heard()
		for _, step := range []struct {
			what              string
			do                func()
			all, one, journal string
		}{
			{"nothing happens", func() {}, "", "", ""},
			{"nginx is checked", func() { w.change("nginx", func(*model.ServiceStatus) {}) }, "", `{"services":["nginx"]}`, ""},
			{"redis fails", func() {
				w.change("redis", func(s *model.ServiceStatus) { s.State, s.Problem = model.StateFailing, "gone" })
			}, `{"services":["redis"]}`, "", ""},
			{"there is news", func() { w.tell(0, model.Event{Service: "redis", Kind: model.EventFailed}) }, "", `{"services":["nginx"]}`, `{"all":true}`},
			{"a service comes", func() {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.status.Services = append(w.status.Services[:len(w.status.Services):len(w.status.Services)], model.ServiceStatus{Name: "new"})
			}, `{"all":true}`, "", ""},
			{"nginx goes", func() {
				w.mu.Lock()
				defer w.mu.Unlock()
				s := w.status.Services
				w.status.Services = append(append([]model.ServiceStatus{}, s[:3]...), s[4:]...)
			}, `{"all":true}`, `{"all":true}`, ""},
		} {
			step.do()
			pass(2500 * time.Millisecond)
			for name, c := range map[string]struct {
				l    *listener
				want string
			}{"all": {all, step.all}, "one": {one, step.one}, "journal": {journal, step.journal}} {
				want := c.want
				if want != "" {
					want = "event: news\ndata: " + want + "\n\n"
				}
				if got := c.l.heard(); got != want {
					t.Errorf("%s: the page about %s hears %q, want %q", step.what, name, got, want)
				}
			}
		}
		pass(heartbit + 2*time.Second)
		if got := all.heard(); got != ": still here\n\n" {
			t.Errorf("when nothing happens, it hears %q", got)
		}
	})
}

// What a person tells the public is no event: pages about that hear of it, others do not.
func TestLiveBook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := town(time.Now())
		o := w.options()
		book := shop(t, w)
		o.Book = book
		h := New(o)
		about, endAbout := hear(t, h, liveBook)
		journal, endJournal := hear(t, h, "/live?journal=1")
		defer func() { endAbout(); endJournal() }()
		about.heard()
		journal.heard()
		const all = "event: news\ndata: {\"all\":true}\n\n"
		if _, err := book.OpenIncident(t.Context(), status.Actor{Name: "ann", Scope: model.ScopeManage}, func(i *status.Incident) {
			i.Name, i.Phase = "Slow checkout", status.Investigating
		}); err != nil {
			t.Fatal(err)
		}
		pass(2500 * time.Millisecond)
		if got := [2]string{about.heard(), journal.heard()}; got != [2]string{all, ""} {
			t.Errorf("after a person's word the pages hear %q", got)
		}
		w.tell(0, model.Event{Service: "redis", Kind: model.EventFailed})
		pass(2500 * time.Millisecond)
		if got := [2]string{about.heard(), journal.heard()}; got != [2]string{all, all} {
			t.Errorf("after an event the pages hear %q", got)
		}
	})
}

// A page that is left open hears nothing more once its visitor may not read, takes nothing more or has been there for long.
func TestLiveEnds(t *testing.T) {
	for name, end := range map[string]func(*world, *listener){
		"logged out": func(w *world, _ *listener) {
			w.mu.Lock()
			defer w.mu.Unlock()
			clear(w.logged)
		},
		"gone": func(_ *world, l *listener) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.gone = true
		},
		"for ever": func(*world, *listener) { pass(lifetime) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := town(time.Now())
				w.logged["of-bob"] = "bob"
				o := w.options()
				o.Open = nil
				d := New(o)
				l, wait := hear(t, d, "/live")
				if !strings.HasPrefix(l.heard(), "retry") {
					t.Fatal("bob may not listen")
				}
				end(w, l)
				pass(heartbit + 2*time.Second)
				w.change("redis", func(s *model.ServiceStatus) { s.State = model.StateFailing })
				l.heard()
				pass(5 * time.Second)
				if got := l.heard(); got != "" {
					t.Errorf("it still hears %q", got)
				}
				wait()
			})
		})
	}
}

func TestLiveHasRoomForSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(town(time.Now()).options())
		for range maxLive {
			_, end := hear(t, h, "/live")
			defer end()
		}
		l, end := hear(t, h, "/live")
		end()
		if l.code != http.StatusServiceUnavailable || l.head.Get("Retry-After") == "" {
			t.Errorf("one too many: %d %v", l.code, l.head)
		}
	})
}

func TestMuchNewsIsAPage(t *testing.T) {
	was, is := make([]model.ServiceStatus, 300), make([]model.ServiceStatus, 300)
	for i := range was {
		was[i].Name = fmt.Sprint(i)
		is[i] = was[i]
		is[i].State = model.StateFailing
	}
	n := differ(survey(model.HostStatus{Services: was}), survey(model.HostStatus{Services: is}), "")
	if !n.All || n.Services != nil {
		t.Errorf("the news are %+v", n)
	}
}
