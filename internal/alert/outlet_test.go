package alert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// town has many destinations: a chat whose hooks are served one by one, and mail.
type town struct {
	t       *testing.T
	journal *memory
	keeper  Journal // takes the place of journal for alerts
	alert   *Alert
	end     func() // as a signal does
	began   time.Time
	takes   time.Duration // to send a message
	tries   int
	kept    func(context.Context) error
	memory  Memory
	record  map[uint64]map[string]string // by event and recipient: how far it came

	reported []string // nil: nothing may be

	mu      sync.Mutex
	arrived map[string][]string // by hook: "time text"
	deaf    map[string]bool     // hooks that never answer
	down    map[string]error
	wrong   map[string]error // messages that are refused everywhere, by their text
}

// courier delivers to the hooks of a town.
type courier struct{ *town }

func (c courier) send(ctx context.Context, _ *model.Config, p parcel) (string, error) {
	r, ev := p.route, p.events[0]
	to := r.Params.Get("url")
	if r.Channel == "mail" {
		to = r.Address
	}
	c.mu.Lock()
	deaf, err := c.deaf[to], cmp.Or(c.down[to], c.wrong[ev.Text])
	c.mu.Unlock()
	if deaf {
		ctx, cancel := context.WithTimeout(ctx, postTimeout)
		defer cancel()
		<-ctx.Done()
		return "", errors.New("no answer")
	}
	time.Sleep(c.takes)
	if err == nil {
		c.mu.Lock()
		c.arrived[to] = append(c.arrived[to], fmt.Sprintf("%v %s", time.Since(c.began), ev.Text))
		c.mu.Unlock()
	}
	return "ok", err
}

func (courier) rest() {}

func newTown(t *testing.T, journal *memory) *town {
	return &town{t: t, journal: journal, keeper: journal, began: time.Now(), arrived: map[string][]string{}, deaf: map[string]bool{}, down: map[string]error{}}
}

func (w *town) report(ev model.Event) {
	w.change(func() {
		if w.reported == nil {
			w.t.Errorf("reported %v", ev)
		}
		w.reported = append(w.reported, ev.Text)
	})
}

// told is what was reported so far.
func (w *town) told() (out []string) {
	w.change(func() { out = slices.Clone(w.reported) })
	return out
}

// open starts alerts in the town.
func (w *town) open(c *model.Config) {
	w.alert = New(Options{Journal: w.keeper, Means: Means{Log: discard}, Report: w.report, Kept: w.kept, Memory: w.memory, Noted: w.note})
	open := func(Means) sender { return courier{w} }
	w.alert.channels = map[string]channel{"chat": {open: open, where: []string{"url"}, tries: w.tries}, "mail": {open: open, outlet: mailOutlet}}
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := w.alert.Run(ctx); err != nil {
			w.t.Error(err)
		}
	}()
	w.alert.Configure(c)
	synctest.Wait()
	w.end = func() { cancel(); <-ended }
}

func (w *town) configure(c *model.Config) {
	w.alert.Configure(c)
	synctest.Wait()
}

func (w *town) happen(texts ...string) {
	for _, text := range texts {
		w.journal.append(model.Event{At: time.Now(), Kind: model.EventFailed, Text: text})
	}
	synctest.Wait()
}

func (w *town) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// expect compares what has arrived since the last time, by hook.
func (w *town) expect(want map[string]string) {
	w.t.Helper()
	w.change(func() {
		got := map[string]string{}
		for to, lines := range w.arrived {
			got[to] = strings.Join(lines, ", ")
		}
		if !maps.Equal(got, want) {
			w.t.Errorf("arrived %v\nwant    %v", got, want)
		}
		clear(w.arrived)
	})
}

// chats is a configuration with hooks, as "LABEL=URL".
func chats(hooks ...string) *model.Config {
	c := &model.Config{}
	for _, h := range hooks {
		label, url, _ := strings.Cut(h, "=")
		c.Routes = append(c.Routes, model.Route{
			Channel: "chat", Address: label, Topics: model.AllTopics, Params: model.Params{{Name: "url", Value: url}},
		})
	}
	return c
}

func TestHangingDestinationHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		c := chats("ops=1", "dev=2")
		c.Routes = append(c.Routes, to("a@x").Routes...)
		w.deaf["1"] = true
		w.open(c)
		w.happen("x", "y")
		pass(25 * time.Second)
		w.expect(map[string]string{"2": "0s x, 0s y", "a@x": "0s x, 0s y"})
		w.change(func() { w.deaf["1"] = false })
		pass(30 * time.Second)
		w.expect(map[string]string{"1": "34.31s x, 34.31s y"}) // three attempts of ten seconds, and the pauses after them
		w.end()
	})
}

func TestOneMessageForSeveralRoutesToOneDestination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.open(chats("ops=1", "OPS=1", "dev=2"))
		w.happen("x")
		w.expect(map[string]string{"1": "0s x", "2": "0s x"})
		w.end()
	})
}

// A daemon that is killed goes on with each destination where it was.
func TestKilledAndResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := newMemory()
		w := newTown(t, journal)
		w.down["1"] = errors.New("refused")
		w.open(chats("ops=1", "dev=2"))
		w.happen("x", "y")
		pass(time.Minute)
		w.expect(map[string]string{"2": "0s x, 0s y"})
		w.end()
		journal.append(model.Event{At: time.Now(), Kind: model.EventFailed, Text: "meanwhile"})
		w.down = map[string]error{}
		w.open(chats("dev=2", "ops=1"))
		w.expect(map[string]string{"1": "1m0s x, 1m0s y, 1m0s meanwhile", "2": "1m0s meanwhile"})
		w.end()
	})
}

// Whoever is named by a configuration that did not name him before hears of what happens from then on: also if he
// was named before that, and whether the daemon ran in between or not.
func TestLeftAndJoinedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.down["1"] = errors.New("refused")
		w.open(chats("ops=1", "dev=2"))
		w.happen("a")
		w.configure(chats("dev=2"))
		w.happen("b")
		w.change(func() { w.down = map[string]error{} })
		w.configure(chats("ops=1", "dev=2"))
		w.happen("c")
		pass(time.Minute)
		w.expect(map[string]string{"1": "0s c", "2": "0s a, 0s b, 0s c"})

		w.end()
		w.open(chats("dev=2"))
		w.happen("d")
		w.end()
		w.open(chats("ops=1", "dev=2"))
		w.happen("e")
		w.expect(map[string]string{"1": "1m0s e", "2": "1m0s d, 1m0s e"})
		w.end()
	})
}

// A hook that was wrong is put right: what waits leaves by the new one.
func TestNewURLOfADestination(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTown(t, newMemory())
				w.down["wrong"] = errors.New("no such host")
				w.open(chats("ops=wrong"))
				w.happen("x", "y")
				pass(time.Minute)
				if restart {
					w.end()
					w.open(chats("ops=right"))
				} else {
					w.configure(chats("ops=right"))
				}
				w.happen("z")
				w.expect(map[string]string{"right": "1m0s x, 1m0s y, 1m0s z"})
				w.end()
			})
		})
	}
}

// Several hooks may have one label. When another one joins or leaves, those that stay go on where they were.
func TestOneLabelForSeveralHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.down["1"] = errors.New("refused")
		w.open(chats("chat=1"))
		w.happen("a")
		w.configure(chats("chat=1", "chat=2"))
		w.happen("b")
		pass(time.Second)
		w.change(func() { w.down = map[string]error{"2": errors.New("refused")} })
		w.configure(chats("chat=2", "chat=1"))
		w.change(func() {
			if got := strings.Join(w.arrived["1"], ", "); got != "1s a, 1s b" {
				t.Errorf("the first hook has %q", got)
			}
			clear(w.arrived)
		})
		w.happen("c")
		w.expect(map[string]string{"1": "1s c"})
		w.end()
		w.down = map[string]error{}
		w.open(chats("chat=2"))
		got := strings.Join(w.arrived["2"], ", ")
		if !strings.HasSuffix(got, "1s c") {
			t.Errorf("the second hook has %q after all others have left", got)
		}
		w.end()
	})
}

// Releases before this had one cursor for all mail, and others for whom a message had reached before others.
func TestCursorsOfEarlierReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := newMemory()
		for _, text := range []string{"1", "2", "3"} {
			journal.append(model.Event{At: time.Now(), Kind: model.EventFailed, Text: text})
		}
		journal.cursors = map[string]uint64{"mail/began": 1, "mail": 1, "mail a@x": 2, "mail c@x": 3}
		c := to("a@x", "b@x")
		for _, each := range to("c@x", "d@x").Routes {
			each.Server = &model.MailServer{Host: "relay", Port: 25}
			c.Routes = append(c.Routes, each)
		}
		w := newTown(t, journal)
		w.open(c)
		w.expect(map[string]string{"a@x": "0s 3", "b@x": "0s 2, 0s 3", "d@x": "0s 2, 0s 3"})
		w.end()
		w.open(c)
		w.happen("4")
		w.expect(map[string]string{"a@x": "0s 4", "b@x": "0s 4", "c@x": "0s 4", "d@x": "0s 4"})
		w.end()
	})
}

// A recipient who gets a mail server of his own takes along what waits for him.
func TestRecipientMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.down["a@x"], w.down["b@x"] = errors.New("refused"), errors.New("refused")
		w.open(to("a@x", "b@x"))
		w.happen("1", "2")
		w.change(func() { w.down = map[string]error{} })
		c := to("a@x", "b@x")
		c.Routes[1].Server = &model.MailServer{Host: "relay", Port: 25}
		w.configure(c)
		w.expect(map[string]string{"a@x": "0s 1, 0s 2", "b@x": "0s 1, 0s 2"})
		w.end()
	})
}

func TestConfiguredAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.open(chats())
		w.end()
		a := w.alert
		a.Configure(chats("ops=1"))
		w.happen("x")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := a.Run(ctx); err != nil {
			t.Error(err)
		}
		w.expect(map[string]string{"1": "0s x"})
	})
}

// A destination that says when it wants to be asked again is asked then.
func TestBusyDestination(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "1s x", 90 * time.Second: "1m30s x", 30 * time.Hour: "1h0m0s x"} {
		synctest.Test(t, func(t *testing.T) {
			w := newTown(t, newMemory())
			w.down["1"] = fmt.Errorf("cannot post: %w", busy{errors.New("429"), after})
			w.open(chats("ops=1"))
			w.happen("x")
			w.change(func() { w.down = map[string]error{} })
			pass(2 * time.Hour)
			w.expect(map[string]string{"1": want})
			w.end()
		})
	}
}

func TestUnknownChannelHarmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		c := chats("ops=1")
		c.Routes = append(c.Routes, model.Route{Channel: "pigeon", Address: "roof", Topics: model.AllTopics})
		w.open(c)
		w.happen("x")
		w.expect(map[string]string{"1": "0s x"})
		if names := slices.Sorted(maps.Keys(w.alert.running)); len(names) != 1 || names[0] != "chat ops" {
			t.Errorf("there are %q", names)
		}
		w.end()
	})
}

// running runs alerts until the function it returns is called.
func running(t *testing.T, a *Alert) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := a.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	return func() { cancel(); <-ended }
}
