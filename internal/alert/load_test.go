package alert

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaiting(t *testing.T) { // M-081
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.reported = []string{}
		w.down["1"] = errors.New("refused")
		w.open(chats("ops=1", "dev=2"))
		w.happen("a", "b")
		pass(time.Minute)
		if n := w.alert.Waiting(); n != 2 {
			t.Errorf("%d messages wait for who cannot be reached", n)
		}
		w.change(func() { w.down = map[string]error{} })
		pass(time.Hour)
		if n := w.alert.Waiting(); n != 0 {
			t.Errorf("%d messages wait although all can be reached", n)
		}
		w.end()
	})
}
