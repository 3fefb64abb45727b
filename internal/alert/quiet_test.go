package alert

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// night is quiet: tests begin at midnight.
var night = []string{"22:00-07:00 UTC"}

// asleep is a configuration whose recipients have quiet hours.
func asleep(channel string, to ...string) *model.Config {
	c := chats(to...)
	for i := range c.Routes {
		c.Routes[i].Channel, c.Routes[i].Quiet = channel, night
		if channel == "mail" {
			c.Routes[i].Address, _, _ = strings.Cut(to[i], "=")
			c.Routes[i].Params = nil
		}
	}
	return c
}

// fails appends a failure of a service that is so grave.
func (w *town) fails(service string, s model.Severity) {
	now := time.Now()
	w.journal.append(model.Event{
		At: now, Host: "box", Service: service, Rule: "r", Kind: model.EventFailed, Severity: s, Text: service, Count: 1,
		Failure: &model.Failure{Since: now, Cycles: 1},
	})
	synctest.Wait()
}

func TestQuietHours(t *testing.T) {
	for _, channel := range []string{"chat", "mail"} {
		t.Run(channel, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTown(t, newMemory())
				w.open(asleep(channel, "1=1"))
				w.fails("web", model.Major)
				w.fails("db", model.Critical)
				w.fails("cron", model.Info)
				w.expect(map[string]string{"1": "0s db"})
				pass(7*time.Hour - time.Second)
				w.expect(map[string]string{})
				pass(time.Second)
				w.expect(map[string]string{"1": "7h0m0s web, 7h0m0s cron"})
				w.fails("web", "")
				w.expect(map[string]string{"1": "7h0m0s web"})
				w.end()
			})
		})
	}
}

func TestQuietButWhatIsGraveEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		c := asleep("chat", "1=1")
		c.Routes[0].QuietBut = model.Major
		w.open(c)
		w.fails("cron", model.Degraded)
		w.fails("web", "")
		w.happen("orderly itself has no gravity")
		w.expect(map[string]string{"1": "0s web"})
		pass(7 * time.Hour)
		w.expect(map[string]string{"1": "7h0m0s cron, 7h0m0s orderly itself has no gravity"})
		w.end()
	})
}

// What is held back survives kill -9, and what left before it leaves no second time.
func TestKilledInQuietHours(t *testing.T) {
	for _, channel := range []string{"chat", "mail"} {
		t.Run(channel, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				journal := newMortal(nil, map[string]uint64{})
				heard := map[string]int{}
				for life := range 4 {
					w := newTown(t, journal.memory)
					w.keeper, w.kept = journal, journal.flush
					w.open(asleep(channel, "1=1", "2=2"))
					for n := range 3 {
						w.fails(fmt.Sprintf("held %d.%d", life, n), model.Major)
						w.fails(fmt.Sprintf("grave %d.%d", life, n), model.Critical)
					}
					pass(time.Minute)
					if life == 3 {
						pass(7 * time.Hour)
					}
					journal = journal.killed()
					w.change(func() {
						for to, lines := range w.arrived {
							for _, line := range lines {
								_, text, _ := strings.Cut(line, " ")
								if strings.HasPrefix(text, "held") && !strings.HasPrefix(line, "6h57m0s ") {
									t.Errorf("%s hears %s in life %d", to, line, life)
								}
								heard[to+" "+text]++
							}
						}
					})
					w.end()
				}
				for what, times := range heard {
					if times != 1 {
						t.Errorf("%s is heard %d times", what, times)
					}
				}
				if len(heard) != 2*4*6 {
					t.Errorf("%d of %d messages arrived", len(heard), 2*4*6)
				}
			})
		})
	}
}

func TestQuietHoursThatChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		c := asleep("chat", "1=1")
		w.open(c)
		w.fails("web", "")
		w.expect(map[string]string{})
		w.configure(chats("1=1"))
		w.expect(map[string]string{"1": "0s web"})

		w.configure(c)
		w.fails("db", "")
		w.end() // and what is held is not told on the way out
		w.expect(map[string]string{})
		again := newTown(t, w.journal)
		again.open(chats("1=1"))
		again.expect(map[string]string{"1": "0s db"})
		again.end()
	})
}

// A night has more to hold back than memory: what nobody will ask for in the morning is forgotten, and what is grave is
// told at once.
func TestManyInQuietHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.open(asleep("chat", "1=1"))
		for n := range 3 * maxWaiting {
			w.fails(fmt.Sprint("svc", n%10), "")
		}
		w.fails("db", model.Critical)
		w.expect(map[string]string{"1": "0s db"})
		pass(7 * time.Hour)
		w.change(func() {
			if got := len(w.arrived["1"]); got < 20 || got >= 2*maxWaiting {
				t.Errorf("%d messages are left", got)
			}
			first := map[string]bool{}
			for _, line := range w.arrived["1"] {
				_, name, _ := strings.Cut(line, " ")
				first[name] = true
			}
			if len(first) != 10 {
				t.Errorf("of %d services something is told", len(first))
			}
		})
		w.end()
	})
}

// Beyond every bound messages leave although it is night: nothing is lost, and what is grave does not wait.
func TestTooManyForQuietHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		for n := range maxHeld + 5 {
			w.journal.append(model.Event{At: time.Now(), Service: fmt.Sprint("svc", n), Rule: "r", Kind: model.EventFailed, Text: "x"})
		}
		w.journal.cursors = map[string]uint64{generation: 1, "chat 1/began": 1, "chat 1/generation": 1}
		w.open(asleep("chat", "1=1"))
		w.fails("db", model.Critical)
		pass(time.Minute)
		w.change(func() {
			if lines := w.arrived["1"]; len(lines) == 0 || !strings.HasSuffix(lines[len(lines)-1], " db") {
				t.Errorf("%d messages left, the last is not the grave one", len(lines))
			}
		})
		pass(7 * time.Hour)
		w.change(func() {
			if got := len(w.arrived["1"]); got != maxHeld+6 {
				t.Errorf("%d messages arrived, want %d", got, maxHeld+6)
			}
		})
		w.end()
	})
}

// One message tells that something failed and what became of it.
func TestOutcomeOfANight(t *testing.T) { // A-036, D-22
	began := time.Date(2026, 11, 20, 23, 10, 0, 0, time.Local)
	failed, well := failing(), recovered()
	failed.At, failed.Failure.Since = began, began
	well.At, well.Failure.Since = began.Add(134*time.Minute), began
	r := model.Route{Channel: "slack", Quiet: []string{"22:00-07:00"}}
	morning := time.Date(2026, 11, 21, 7, 0, 0, 0, time.Local)
	for _, tt := range []struct {
		name   string
		events []model.Event
		want   string
	}{
		{"failed and recovered", []model.Event{failed, well}, "box[web]: connection refused (restart follows) It has recovered after 2 h 14 min. [held since Fri 23:10]"},
		{"failed", []model.Event{failed}, "box[web]: connection refused (restart follows) [held since Fri 23:10]"},
	} {
		if got := (parcel{r, tt.events, morning}).text(&model.Config{}, chatLimit); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}

	mail := model.Route{Channel: "mail", Address: "a@example.org", Quiet: r.Quiet}
	later := failing()
	later.At = morning.Add(time.Second)
	if n := mailFits(&model.Config{}, parcel{mail, []model.Event{failed, well, later}, morning}); n != 2 {
		t.Errorf("%d events go into one mail, want what was held back", n)
	}
	if n := mailFits(&model.Config{}, parcel{mail, []model.Event{later, later}, morning}); n != 1 {
		t.Errorf("%d events go into one mail by day", n)
	}
}

// That it could not be delivered counts from the morning on.
func TestAgeOfWhatWasHeld(t *testing.T) {
	friday := time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)
	d := delivery{route: model.Route{Quiet: []string{"fri-sun 20:00-24:00 UTC", "sat-sun 00:00-24:00 UTC", "mon 00:00-07:00 UTC"}}}
	d.event = model.Event{Service: "web", At: friday}
	monday := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	if got := d.ripe(); !got.Equal(monday) {
		t.Errorf("it may be told at %v", got)
	}
	if d.expired(monday.Add(giveUpAge-time.Second)) || !d.expired(monday.Add(giveUpAge)) {
		t.Error("it is not given up a day after it could be told")
	}
	p := parcel{d.route, []model.Event{d.event}, monday.Add(3 * time.Minute)}
	if got := p.delayed(); got != 3*time.Minute {
		t.Errorf("it is late by %v", got)
	}
}
