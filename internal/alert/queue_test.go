package alert

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

var discard = slog.New(slog.DiscardHandler)

// memory is a journal without a disk.
type memory struct {
	mu      sync.Mutex
	events  []model.Event
	cursors map[string]uint64
	done    []string // "name seq within", where that moved a cursor
	wake    chan struct{}
}

func newMemory() *memory { return &memory{cursors: map[string]uint64{}, wake: make(chan struct{})} }

func (m *memory) append(ev model.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ev.Seq = uint64(len(m.events) + 1)
	m.events = append(m.events, ev)
	close(m.wake)
	m.wake = make(chan struct{})
}

func (m *memory) Follow(ctx context.Context, from uint64) iter.Seq[model.Event] {
	return func(yield func(model.Event) bool) {
		for ; ctx.Err() == nil; from++ {
			m.mu.Lock()
			for from >= uint64(len(m.events)) {
				wake := m.wake
				m.mu.Unlock()
				select {
				case <-wake:
				case <-ctx.Done():
					return
				}
				m.mu.Lock()
			}
			ev := m.events[from]
			m.mu.Unlock()
			if !yield(ev) {
				return
			}
		}
	}
}

func (m *memory) Cursor(name string) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursors[name]
}

func (m *memory) Done(name string, seq uint64, within time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if seq > m.cursors[name] {
		m.cursors[name] = seq
		m.done = append(m.done, fmt.Sprintf("%s %d %v", name, seq, within))
	}
}

func (m *memory) Last() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint64(len(m.events))
}

// post is a sender that answers as it is told and notes what arrives.
type post struct {
	begin  time.Time
	answer func(to, text string) error

	mu      sync.Mutex
	arrived []string // "time to text"
	tried   []string
	rested  []time.Duration
}

func (p *post) send(_ context.Context, _ *model.Config, msg parcel) (string, error) {
	r, ev := msg.route, msg.events[0]
	line := fmt.Sprintf("%v %s %s", time.Since(p.begin), r.Address, ev.Text)
	var err error
	if p.answer != nil {
		err = p.answer(r.Address, ev.Text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried = append(p.tried, line)
	if err == nil {
		p.arrived = append(p.arrived, line)
	}
	return "ok", err
}

func (p *post) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rested = append(p.rested, time.Since(p.begin))
}

func (p *post) count(lines *[]string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(*lines)
}

// office runs one queue in fake time.
type office struct {
	*post
	t        *testing.T
	journal  *memory
	alert    *Alert
	reported []model.Event
	close    func()
}

func to(addresses ...string) *model.Config {
	c := &model.Config{}
	for _, a := range addresses {
		c.Routes = append(c.Routes, model.Route{Channel: "mail", Address: a, Topics: model.AllTopics})
	}
	return c
}

func openOffice(t *testing.T, journal *memory, c *model.Config, answer func(to, text string) error) *office {
	o := &office{t: t, post: &post{begin: time.Now(), answer: answer}, journal: journal}
	o.alert = New(Options{Journal: journal, Means: Means{Log: discard}, Report: func(ev model.Event) {
		o.reported = append(o.reported, ev)
		journal.append(ev)
	}})
	o.alert.channels = map[string]channel{"mail": {open: func(Means) sender { return o.post }, outlet: mailOutlet}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := o.alert.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	o.close = func() { cancel(); <-ended }
	o.alert.Configure(c)
	return o
}

func (o *office) happen(texts ...string) {
	for _, text := range texts {
		o.journal.append(model.Event{At: time.Now(), Kind: model.EventFailed, Topic: model.TopicSize, Text: text})
	}
	synctest.Wait()
}

// pass lets time go by until everything due has been done.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (o *office) expect(what string, got *[]string, want ...string) {
	o.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if g, w := strings.Join(*got, "\n"), strings.Join(want, "\n"); g != w {
		o.t.Errorf("%s:\n%s\nwant:\n%s", what, g, w)
	}
}

func TestDeliversInOrderAndRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := openOffice(t, newMemory(), to("a", "b"), nil)
		o.happen("1", "2")
		pass(300 * time.Millisecond)
		o.happen("3")
		pass(5 * time.Second)
		o.expect("arrived", &o.arrived, "0s a 1", "0s b 1", "0s a 2", "0s b 2", "300ms a 3", "300ms b 3")
		if len(o.rested) != 1 || o.rested[0] != 1300*time.Millisecond {
			t.Errorf("rested at %v", o.rested)
		}
		if c := o.journal.Cursor("mail"); c != 3 {
			t.Errorf("the cursor is %d", c)
		}
		o.close()
	})
}

// What has left must not leave again after a crash; what nobody wanted may be passed over again.
func TestOnlyWhatHasLeftIsNotedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := openOffice(t, newMemory(), to("a", "b"), func(_, text string) error {
			if text == "refused" {
				return errHopeless
			}
			return nil
		})
		unwanted := model.Event{At: time.Now(), Kind: model.EventFailed, Silent: true}
		synctest.Wait()
		o.journal.append(unwanted)
		o.happen("2")
		o.journal.append(unwanted)
		o.happen("refused")
		o.close()
		want := []string{
			"mail/began 1 20ms", "mail/generation 1 20ms", "alert/generation 1 20ms",
			"mail 1 1s", "mail a 2 20ms", "mail 2 20ms", "mail 3 1s", "mail 4 1s", "mail 5 1s", "mail 6 1s",
		}
		if got := strings.Join(o.journal.done, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("noted:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
		}
	})
}

func TestPauseOf(t *testing.T) {
	for _, c := range []struct{ broken, want time.Duration }{
		{0, time.Second},
		{10 * time.Second, time.Second},
		{time.Minute, 6 * time.Second},
		{10 * time.Minute, time.Minute},
		{50 * time.Minute, 5 * time.Minute},
		{24 * time.Hour, 5 * time.Minute},
	} {
		if got := pauseOf(c.broken); got != c.want {
			t.Errorf("broken for %v: a pause of %v, want %v", c.broken, got, c.want)
		}
	}
}

func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		down.Store(true)
		o := openOffice(t, newMemory(), to("a"), func(string, string) error {
			if down.Load() {
				return errors.New("connection refused")
			}
			return nil
		})
		o.happen("1", "2")
		pass(10*time.Second + time.Millisecond)
		if n := o.count(&o.tried); n != 11 {
			t.Errorf("%d attempts in ten seconds", n)
		}
		if c := o.journal.Cursor("mail"); c != 0 {
			t.Errorf("the cursor is %d before anything was delivered", c)
		}
		down.Store(false)
		pass(time.Second)
		o.expect("arrived", &o.arrived, "11s a 1", "11s a 2")
		down.Store(true)
		o.happen("3")
		before := o.count(&o.tried)
		pass(2*time.Second + time.Millisecond)
		if n := o.count(&o.tried) - before; n != 2 {
			t.Errorf("%d attempts: the pauses do not begin anew", n)
		}
		if len(o.reported) != 0 {
			t.Errorf("reported %v", o.reported)
		}
		o.close()
	})
}

func TestNewConfigurationHurries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		down.Store(true)
		o := openOffice(t, newMemory(), to("a"), func(string, string) error {
			if down.Load() {
				return errors.New("connection refused")
			}
			return nil
		})
		o.happen("1")
		pass(time.Hour + time.Second)
		down.Store(false)
		o.alert.Configure(to("b"))
		synctest.Wait()
		o.happen("2")
		o.expect("arrived", &o.arrived, "1h0m1s a 1", "1h0m1s b 2")
		o.close()
	})
}

func TestGivesUpAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := openOffice(t, newMemory(), to("a"), func(string, string) error { return errors.New("connection refused") })
		o.happen("1", "2")
		pass(23 * time.Hour)
		o.happen("3")
		pass(90 * time.Minute)
		var said []string
		for _, ev := range o.reported {
			if !ev.Silent || ev.Kind != model.EventInternal {
				t.Errorf("reported %+v", ev)
			}
			said = append(said, ev.Text)
		}
		want := "messages by mail cannot leave; they wait: connection refused\ngave up delivering mail that is older than a day: connection refused"
		if strings.Join(said, "\n") != want {
			t.Errorf("reported %q", said)
		}
		if c := o.journal.Cursor("mail"); c != 3 {
			t.Errorf("the cursor is %d, want 3: the third message, which is event 4, still waits", c)
		}
		o.close()
	})
}

func TestOneRecipientDoesNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var grey atomic.Bool
		grey.Store(true)
		journal := newMemory()
		answer := func(to, text string) error {
			switch {
			case to == "gone":
				return fmt.Errorf("%w: 550 no such user", errHopeless)
			case to == "grey" && grey.Load():
				return fmt.Errorf("%w: 451 come back", errLater)
			}
			return nil
		}
		o := openOffice(t, journal, to("grey", "gone", "a"), answer)
		o.happen("1", "2")
		o.expect("arrived", &o.arrived, "0s a 1", "0s a 2")
		o.expect("tried", &o.tried, "0s grey 1", "0s gone 1", "0s a 1", "0s gone 2", "0s a 2")
		if len(o.reported) != 2 || !strings.Contains(o.reported[0].Text, "cannot deliver mail to gone: refused for good: 550") {
			t.Errorf("reported %+v", o.reported)
		}
		if c := journal.Cursor("mail"); c != 0 {
			t.Errorf("the cursor is %d although the first event waits", c)
		}
		o.close()

		// The next run owes grey everything and a nothing.
		o = openOffice(t, journal, to("grey", "a"), answer)
		pass(3 * time.Second)
		grey.Store(false)
		pass(3 * time.Second)
		o.expect("arrived", &o.arrived, "5s grey 1", "5s grey 2")
		if c := journal.Cursor("mail"); c != 4 { // two events and the two reports
			t.Errorf("the cursor is %d", c)
		}
		o.close()
	})
}

func TestWaitingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var grey atomic.Bool
		grey.Store(true)
		o := openOffice(t, newMemory(), to("a"), func(string, string) error {
			if grey.Load() {
				return errLater
			}
			return nil
		})
		const n = 3 * maxWaiting
		for i := range n {
			o.journal.append(model.Event{At: time.Now(), Kind: model.EventFailed, Text: fmt.Sprint(i)})
		}
		synctest.Wait()
		if w := len(o.alert.running["mail"].queue.waiting); w != maxWaiting {
			t.Errorf("%d deliveries wait in memory", w)
		}
		grey.Store(false)
		pass(5 * time.Second)
		if o.count(&o.arrived) != n {
			t.Errorf("%d of %d arrived", o.count(&o.arrived), n)
		}
		o.close()
	})
}

func TestNoWayOutIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := openOffice(t, newMemory(), to("a", "b"), func(string, string) error { return errNoWay })
		o.happen("1", "2")
		if len(o.reported) != 1 || o.reported[0].Text != "cannot deliver mail: the configuration names no way out" {
			t.Errorf("reported %+v", o.reported)
		}
		o.alert.Configure(to("a"))
		synctest.Wait()
		o.happen("3")
		if len(o.reported) != 2 {
			t.Errorf("reported %+v", o.reported)
		}
		if o.count(&o.arrived) != 0 || len(o.alert.running["mail"].queue.waiting) != 0 {
			t.Error("something waits")
		}
		o.close()
	})
}

func TestStartsAtThePresentThenGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := newMemory()
		old := model.Event{At: time.Now(), Kind: model.EventFailed, Text: "old"}
		journal.append(old)
		o := openOffice(t, journal, to("a"), nil)
		o.happen("1")
		o.expect("arrived", &o.arrived, "0s a 1")
		o.close()
		old.Text = "meanwhile"
		journal.append(old)
		o = openOffice(t, journal, to("a"), nil)
		o.happen("2")
		o.expect("arrived", &o.arrived, "0s a meanwhile", "0s a 2")
		o.close()
	})
}

// What happened before the end is delivered before Run returns; what cannot be is left to the next run.
func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := newMemory()
		var slow atomic.Bool
		slow.Store(true)
		answer := func(string, string) error {
			if slow.Load() {
				time.Sleep(time.Second)
			}
			return nil
		}
		o := openOffice(t, journal, to("a"), answer)
		o.happen("1", "2", "3")
		journal.append(model.Event{At: time.Now(), Kind: model.EventStopped, Text: "stopped"})
		o.close()
		o.expect("arrived", &o.arrived, "0s a 1", "1s a 2", "2s a 3", "3s a stopped")

		o = openOffice(t, journal, to("a"), answer)
		o.happen("1", "2", "3", "4", "5", "6", "7", "8", "9")
		o.close()
		if took := time.Since(o.begin); took > linger+time.Second {
			t.Errorf("the end took %v", took)
		}
		first := o.count(&o.arrived)
		slow.Store(false)
		o = openOffice(t, journal, to("a"), answer)
		synctest.Wait()
		if first == 0 || first+o.count(&o.arrived) != 9 {
			t.Errorf("%d arrived before and %d after the restart, want 9 together", first, o.count(&o.arrived))
		}
		o.close()

		o = openOffice(t, journal, to("a"), func(string, string) error { return errors.New("connection refused") })
		o.happen("x")
		journal.append(model.Event{At: time.Now(), Kind: model.EventStopped, Text: "stopped"})
		begin := time.Now()
		o.close()
		if took := time.Since(begin); took != 0 {
			t.Errorf("the end took %v although nothing can leave", took)
		}
	})
}
