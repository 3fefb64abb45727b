package status

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins P-320, P-324 and P-331: the whole life of an incident.
func TestIncidentOpensAndClosesByItself(t *testing.T) {
	bubble(t, func(w *world) {
		w.health("web", Unknown)
		w.check("web", "ok")
		w.health("web", Operational)
		w.check("web", "failing")
		w.health("web", Major)
		w.incidents("web: major outage (investigating: )")
		w.sleep(time.Minute)
		w.check("web", "ok")
		w.health("web", Major)
		w.sleep(30 * time.Second)
		w.check("web", "ok")
		w.health("web", Major)
		w.sleep(29 * time.Second)
		w.health("web", Major)
		w.sleep(time.Second)
		w.health("web", Operational)
		w.incidents("web: major outage (watching: watching)")
		w.checks("web", "ok", 10)
		w.incidents("web: major outage (fixed: watching fixed)")
		i := w.book.Read().Incidents[0]
		if text := i.Updates[1].Message; text != "This is over. It lasted 2 min." {
			t.Errorf("the last words are %q", text)
		}
		if d := i.Lasted(); d != 2*time.Minute { // as the last words say: that it was watched for a while is no failure
			t.Errorf("it lasted %s", d)
		}
		if i.By != "" || i.Auto == nil || !i.Visible || i.Components[0] != (Affected{Component: 1, Health: Major}) {
			t.Errorf("the incident is %+v", i)
		}
	}, "web")
}

// Pins P-324: who relapses while it is watched has the same incident, and nobody is told twice that it is down.
func TestRelapse(t *testing.T) {
	bubble(t, func(w *world) {
		if _, _, err := w.book.Subscribe(ctx, admin, func(s *Subscriber) { s.Email, s.Verified = "a@example.org", time.Now() }); err != nil {
			t.Fatal(err)
		}
		w.checks("web", "ok", 2)
		w.checks("web", "failing", 2)
		w.checks("web", "ok", 4)
		w.incidents("web: major outage (watching: watching)")
		w.checks("web", "failing", 2)
		w.health("web", Major)
		w.incidents("web: major outage (investigating: watching investigating)")
		w.checks("web", "ok", 16)
		w.incidents("web: major outage (fixed: watching investigating watching fixed)")
		told := map[NoticeKind]int{}
		for _, n := range w.notices {
			if len(n.To) > 0 {
				told[n.Kind]++
			}
		}
		if told[IncidentOpened] != 1 || told[IncidentUpdated] != 3 || told[ComponentTurned] != 0 {
			t.Errorf("subscribers were told %v", told)
		}
	}, "web")
}

// Pins P-322: what fails together has one incident; what fails later has its own.
func TestFailuresGather(t *testing.T) {
	bubble(t, func(w *world) {
		for _, name := range []string{"a", "b", "c", "d"} {
			w.check(name, "ok")
		}
		w.check("a", "failing")
		w.sleep(10 * time.Second)
		w.check("b", "mild")
		w.sleep(20 * time.Second)
		w.check("c", "failing")
		w.incidents("a, b and c: major outage (investigating: )")
		w.sleep(31 * time.Second)
		w.check("d", "failing")
		w.incidents("a, b and c: major outage (investigating: )", "d: major outage (investigating: )")
		if i := w.book.Read().Incidents[0]; len(i.Components) != 3 || i.Components[1].Health != Degraded {
			t.Errorf("it lists %v", i.Components)
		}
	}, "a", "b", "c", "d")
}

// Pins P-310: what depends on something that fails is unknown and has no incident, whoever is looked at first.
func TestParentsAreToBlame(t *testing.T) {
	for _, order := range [][]string{{"db", "web"}, {"web", "db"}} {
		t.Run(strings.Join(order, " then "), func(t *testing.T) {
			bubble(t, func(w *world) {
				w.check("db", "ok")
				w.check("web", "ok")
				for _, name := range order {
					w.check(name, "failing")
					w.sleep(3 * time.Second)
				}
				w.sleep(30 * time.Second)
				w.health("db", Major)
				w.health("web", Unknown)
				if c := w.component("web"); c.Source != ByDependency {
					t.Errorf("%q says so", c.Source)
				}
				w.incidents("db: major outage (investigating: )")
				w.checks("db", "ok", 3)
				w.health("db", Operational)
				w.health("web", Unknown)
				w.check("web", "ok")
				w.health("web", Operational)
			}, "db", "web<db")
		})
	}
}

// A service that fails on its own has its incident, only a little later if it depends on others.
func TestChildFailsAlone(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("db", "ok")
		w.check("web", "failing")
		w.incidents()
		w.sleep(9 * time.Second)
		w.check("web", "failing")
		w.incidents()
		w.sleep(time.Second)
		w.incidents("web: major outage (investigating: )")
	}, "db", "web<db")
}

// Pins P-321 and P-323: changes are told, but not all the time, and so is what is done about it.
func TestUpdates(t *testing.T) {
	bubble(t, func(w *world) {
		w.specs[0].RestartLimits = []model.RestartLimit{{Restarts: 3, Cycles: 5}}
		w.configure()
		w.check("web", "mild")
		w.health("web", Degraded)
		w.incidents("web: degraded performance (investigating: )")
		w.sleep(30 * time.Second)
		w.check("web", "failing")
		w.health("web", Major)
		w.incidents("web: degraded performance (investigating: )")
		w.hear(model.EventAction, "web", "if failed", "restart")
		w.hear(model.EventActionFailed, "web", "if failed", "restart")
		w.hear(model.EventAction, "web", "", "restart") // by a user
		w.checks("web", "failing", 9)
		w.incidents("web: major outage (identified: identified identified identified)")
		i := w.book.Read().Incidents[0]
		for n, want := range []string{
			"An automatic restart was attempted (1 of 3).", "An automatic restart did not work (2 of 3).", "It is now: major outage.",
		} {
			if got := i.Updates[n].Message; got != want {
				t.Errorf("update %d is %q, not %q", n, got, want)
			}
		}
	}, "web")
}

// An event that comes again after a restart is taken in once.
func TestEventsCountOnce(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("web", "failing")
		w.hear(model.EventAction, "web", "if failed", "restart")
		w.restart()
		w.seq--
		w.hear(model.EventAction, "web", "if failed", "restart")
		w.incidents("web: major outage (identified: identified)")
	}, "web")
}

// Pins P-330.
func TestFlapping(t *testing.T) {
	bubble(t, func(w *world) {
		w.checks("web", "ok", 2)
		w.hear(model.EventFlapping, "web", "if failed", "alert")
		w.health("web", Degraded)
		w.incidents("web: unstable (watching: )")
		for range 10 {
			w.checks("web", "failing", 1)
			w.checks("web", "ok", 1)
		}
		w.health("web", Degraded)
		w.incidents("web: unstable (watching: )")
		w.hear(model.EventSteady, "web", "if failed", "alert")
		w.checks("web", "ok", 16)
		w.health("web", Operational)
		w.incidents("web: unstable (fixed: fixed)")
	}, "web")
}

// Settings of the page say how quick all that is.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*model.StatusPage)
		want []string // after two components failed one second apart and were well once
	}{
		{"at once", func(p *model.StatusPage) { p.Settle, p.Recover, p.Delay = 0, 0, 0 }, []string{"a and b: major outage (fixed: fixed)"}},
		{"each its own", func(p *model.StatusPage) { p.Gather, p.Recover, p.Delay = 0, 1, 0 }, []string{
			"a: major outage (watching: watching)", "b: major outage (watching: watching)",
		}},
		{"patient", func(p *model.StatusPage) { p.Recover = 1 }, []string{"a and b: major outage (investigating: )"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				c.edit(&w.page)
				w.configure()
				for _, result := range []string{"failing", "ok"} {
					w.check("a", result)
					w.sleep(time.Second)
					w.check("b", result)
				}
				w.incidents(c.want...)
			}, "a", "b")
		})
	}
}

// The words of automation can be those of the configuration (P-320, P-323), and may be for who has logged in only.
func TestWording(t *testing.T) {
	bubble(t, func(w *world) {
		w.page.Discreet = true
		w.page.Templates = []model.IncidentTemplate{
			{Slug: textName, Text: "{{ components|upper }} is ill"},
			{Slug: textRepair, Text: "We do a {{ done }}."},
			{Slug: textOpened, Text: "{% if nothing %}never{% endif %}"}, // says nothing
			{Slug: "broken", Text: "{{"},
			{Name: "My Words", Text: "x"},
		}
		w.configure()
		w.check("web", "failing")
		w.hear(model.EventAction, "web", "if failed", "restart")
		w.incidents("WEB is ill (investigating: identified)")
		i := w.book.Read().Incidents[0]
		if i.Message != "We are looking into a problem with web." || i.Updates[0].Message != "We do a restart." || !i.Updates[0].Private {
			t.Errorf("%+v", i)
		}
		if v := w.book.Read(); len(v.Templates) != 4 || v.Template("my-words") == nil {
			t.Errorf("there are %d templates", len(v.Templates))
		}
	}, "web")
}

// A thousand components that fail at once are one incident whose texts can be read.
func TestEverythingFails(t *testing.T) {
	names := make([]string, 1000)
	for n := range names {
		names[n] = fmt.Sprint("service", n)
	}
	bubble(t, func(w *world) {
		for _, s := range w.specs {
			w.book.Checked(model.Checked{Service: s, At: time.Now(), State: model.StateFailing, Down: true, Holds: time.Hour})
		}
		w.sleep(time.Second)
		w.incidents("service0, service1, service2 and 997 others: major outage (investigating: )")
		if i := w.book.Read().Incidents[0]; len(i.Components) != 1000 || len(i.Message) > 500 {
			t.Errorf("%d components, %q", len(i.Components), i.Message)
		}
	}, names...)
}

// Readers, writers and checks may come from everywhere at once.
func TestAllAtOnce(t *testing.T) {
	bubble(t, func(w *world) {
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				for turn := range 50 {
					switch n % 4 {
					case 0:
						w.book.Checked(model.Checked{Service: w.specs[0], At: time.Now(), State: []model.ServiceState{model.StateOK, model.StateFailing}[turn%2], Holds: time.Hour})
					case 1:
						_, _ = w.book.SaveComponent(ctx, admin, 1, How{}, func(c *Component) { c.Order++ })
					case 2:
						w.book.Heard(model.Event{Kind: model.EventFlapping, Service: "web", Rule: "x"})
						w.book.Heard(model.Event{Kind: model.EventSteady, Service: "web", Rule: "x"})
					default:
						w.book.Read().Summary(true, time.Now())
						w.book.Audit(0, 10)
					}
				}
			})
		}
		all.Wait()
		if c := w.component("web"); c.Order != 100 {
			t.Errorf("%d of 100 changes are there", c.Order)
		}
	}, "web")
}
