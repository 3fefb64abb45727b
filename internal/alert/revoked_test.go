package alert

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var errForbidden = fmt.Errorf("cannot post: %w: 403", errRevoked)

// Pins: a hook that was revoked loses nothing. That is told once, those who stand in are told at once, and what waits
// leaves when the hook is put right.
func TestRevokedHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.reported = []string{}
		w.down["1"], w.down["2"] = errForbidden, errForbidden
		c := chatOr("1", "spare")
		c.Routes = append(c.Routes, chats("dev=2").Routes...)
		w.open(c)
		w.happen("a", "b")
		w.expect(map[string]string{"spare": "0s a, 0s b"})
		ill := w.alert.Ailing()
		if len(ill) != 2 || ill[0].Address != "dev" || ill[0].Waiting == 0 || ill[1].Waiting != 0 {
			t.Errorf("ailing %+v", ill)
		}
		pass(6 * time.Hour)
		w.happen("c")
		w.expect(map[string]string{"spare": "6h0m0s c"})
		said := w.told()
		slices.Sort(said)
		if want := []string{
			"messages by chat to dev cannot leave; they wait: cannot post: not let in: 403",
			"messages by chat to ops cannot leave; they wait: cannot post: not let in: 403",
		}; !slices.Equal(said, want) {
			t.Errorf("reported %q", said)
		}
		w.change(func() { delete(w.down, "2") })
		pass(10 * time.Minute)
		w.change(func() {
			if len(w.arrived["2"]) != 3 {
				t.Errorf("of what waited arrived %q", w.arrived["2"])
			}
		})
		w.end()
	})
}

// A message that a gatekeeper does not let in holds up the others no longer than it takes to see that it is alone with that,
// and is given up aloud.
func TestMessageThatAGatekeeperRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := newMemory()
		w := newTown(t, journal)
		w.reported = []string{}
		w.wrong = map[string]error{"<script>": errForbidden}
		w.open(chats("ops=1"))
		w.happen("a", "<script>", "b", "c")
		pass(time.Minute)
		w.expect(map[string]string{"1": "0s a, 1s b, 1s c"})
		if want := []string{
			"messages by chat to ops cannot leave; they wait: cannot post: not let in: 403",
			"cannot deliver chat to ops: refused for good: cannot post: not let in: 403",
		}; !slices.Equal(w.told(), want) {
			t.Errorf("reported %q", w.told())
		}
		if n := journal.Cursor("chat ops"); n != 4 {
			t.Errorf("the cursor is %d", n)
		}
		w.happen("<script>")
		pass(time.Hour)
		w.end()
		if n := journal.Cursor("chat ops"); n != 4 {
			t.Errorf("the cursor is %d: what is refused alone may be let in yet", n)
		}
	})
}
