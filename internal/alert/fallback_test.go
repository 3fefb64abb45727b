package alert

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// chatOr is a hook with others to tell when it fails.
func chatOr(url string, instead ...string) *model.Config {
	c := chats("ops=" + url)
	for _, each := range instead {
		c.Routes[0].Fallback = append(c.Routes[0].Fallback, chats(each + "=" + each).Routes[0])
	}
	return c
}

// Pins A-011: whoever cannot be told for a minute is stood in for, and told again when he can be.
func TestFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.reported = []string{}
		w.down["1"], w.down["dead"] = errors.New("refused"), errors.New("refused")
		w.open(chatOr("1", "dead", "spare"))
		w.happen("a")
		pass(59 * time.Second)
		w.expect(map[string]string{})
		pass(time.Second)
		w.expect(map[string]string{"spare": "1m0s a"})
		w.happen("b")
		w.expect(map[string]string{"spare": "1m0s b"})
		w.change(func() { w.down = map[string]error{} })
		pass(time.Minute)
		w.happen("c")
		w.expect(map[string]string{"1": "2m0s c"})
		if n := w.journal.Cursor("chat ops"); n != 3 {
			t.Errorf("the cursor is %d", n)
		}
		w.end()
	})
}

func TestFallbackFailsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.reported = []string{}
		w.down["1"], w.down["spare"] = errors.New("refused"), errors.New("refused")
		c := chatOr("1", "spare")
		c.Routes[0].FallbackAfter = 10 * time.Second
		w.open(c)
		w.happen("a", "b")
		pass(time.Hour)
		w.expect(map[string]string{})
		w.change(func() { delete(w.down, "spare") })
		pass(6 * time.Minute)
		w.change(func() {
			if len(w.arrived["spare"]) != 2 {
				t.Errorf("arrived %v", w.arrived)
			}
		})
		w.end()
	})
}

// A message that would be lost goes to those who can be told.
func TestRefusedMessageIsToldToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.down["1"] = fmt.Errorf("%w: 404", errHopeless)
		w.open(chatOr("1", "spare"))
		w.happen("a")
		w.expect(map[string]string{"spare": "0s a"})
		w.end()
	})
}

// Pins M-051: a program that fails is tried four times in all, then given up; what waited behind it is not kept waiting.
func TestChannelWithFewTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.reported = []string{}
		w.tries = 4
		w.down["1"] = fmt.Errorf("%w: exit status 3", errLater)
		w.open(chats("ops=1"))
		w.happen("a", "b", "c")
		pass(154 * time.Second)
		if said := w.told(); len(said) != 0 {
			t.Errorf("reported %q", said)
		}
		pass(2 * time.Second)
		want := "gave up delivering chat to ops: not taken now: exit status 3"
		if said := w.told(); !slices.Equal(said, []string{want}) {
			t.Errorf("reported %q", said)
		}
		pass(5 * time.Second)
		w.happen("d")
		w.change(func() { w.down = map[string]error{} })
		pass(time.Minute)
		w.end()
		if n := w.journal.Cursor("chat ops"); n != 4 {
			t.Errorf("the cursor is %d", n)
		}
	})
}

func TestAiling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.reported = []string{}
		w.down["1"] = errors.New("refused")
		w.open(chats("ops=1", "dev=2"))
		w.happen("a")
		pass(2 * time.Minute)
		ill := w.alert.Ailing()
		if len(ill) != 1 || ill[0].Channel != "chat" || ill[0].Address != "ops" || ill[0].Waiting != 1 || ill[0].Error != "refused" || !ill[0].Since.Equal(w.began) {
			t.Errorf("ailing %+v", ill)
		}
		if said := w.told(); !slices.Equal(said, []string{"messages by chat to ops cannot leave; they wait: refused"}) {
			t.Errorf("reported %q", said)
		}
		w.change(func() { w.down = map[string]error{} })
		pass(time.Minute)
		if ill := w.alert.Ailing(); len(ill) != 0 {
			t.Errorf("ailing %+v", ill)
		}
		w.end()
	})
}

// Pins A-004: whoever was never reached is known, over restarts as well, and who was is known also of stand-ins and tests.
func TestDestinations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.reported = []string{}
		w.memory = &texts{kept: map[string]string{}}
		w.down["1"], w.down["2"] = errors.New("refused"), errors.New("refused")
		c := chatOr("1", "spare")
		c.Routes = append(c.Routes, chats("OPS=1", "dev=2", "hq=3").Routes...)
		w.open(c)
		expect := func(want string) {
			t.Helper()
			var got []string
			for _, d := range w.alert.Destinations() {
				text := d.Channel + " " + d.Address
				if !d.Reached.IsZero() {
					text += fmt.Sprint(" ", d.Reached.Sub(w.began))
				}
				got = append(got, text)
			}
			if text := strings.Join(got, ", "); text != want {
				t.Errorf("known are %s, want %s", text, want)
			}
		}
		expect("chat ops, chat spare, chat dev, chat hq")
		w.happen("a")
		pass(2 * time.Minute)
		expect("chat ops, chat spare 1m0s, chat dev, chat hq 0s")
		w.alert.Reached("chat", "Dev")
		w.alert.Reached("chat", "nobody")
		pass(time.Minute)
		w.happen("b")
		w.end()
		w.open(c)
		expect("chat ops, chat spare 1m0s, chat dev 2m0s, chat hq 0s") // of a later time the disk is told hourly
		w.end()
	})
}
