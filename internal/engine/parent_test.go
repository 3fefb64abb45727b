package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// alerting is a process that is not restarted: people are told.
func alerting(name string, depends ...string) *model.Service {
	s := process(name, depends...)
	s.Rules[0].Then = []model.Action{{Kind: model.ActAlert}}
	return s
}

func TestAParentAndItsChildrenDieInAnyOrder(t *testing.T) { // A-023, D-01
	for round := range 20 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			bubble(t, func(w *world) {
				services := []*model.Service{alerting("db")}
				var children []string
				for i := range 20 {
					children = append(children, fmt.Sprintf("app%02d", i))
					services = append(services, alerting(children[i], "db"))
				}
				all := append([]string{"db"}, children...)
				for _, name := range all {
					w.set(name, model.Exist, 1)
				}
				c := config(services...)
				c.Settings.Hold = 10 * time.Second
				defer w.run(c, false)()
				w.sleep(time.Duration(round) * 3 * time.Second)

				for _, i := range rand.New(rand.NewPCG(1, uint64(round))).Perm(len(all)) {
					w.set(all[i], model.Exist, 0)
					w.engine.Stirred(all[i])
					w.sleep(100 * time.Millisecond)
				}
				w.sleep(5 * time.Minute)
				var affected []string
				for _, ev := range w.log {
					if ev.Service == "db" && ev.Kind == model.EventFailed {
						affected = ev.Failure.Affects
					}
				}
				expect(t, "affected", strings.Join(affected, " "), strings.Join(children, " "))
				expect(t, "heard", w.heard(), "db failed: process is not running")

				for _, name := range all[:11] { // ten of the children come back with it
					w.set(name, model.Exist, 1)
				}
				w.sleep(5 * time.Minute)
				heard := strings.Split(w.heard(), "\n")
				if heard[0] != "db recovered: process is running" || len(heard) != 11 {
					t.Errorf("heard when it was back:\n%s", strings.Join(heard, "\n"))
				}
				for _, line := range heard[1:] {
					if !strings.Contains(line, " failed: process is not running") {
						t.Errorf("heard of a child: %s", line)
					}
				}
				for _, name := range all[11:] {
					w.set(name, model.Exist, 1)
				}
				w.sleep(5 * time.Minute)
				if heard := w.heard(); strings.Count(heard, " recovered: ") != 10 {
					t.Errorf("heard of the other children:\n%s", heard)
				}
			})
		})
	}
}

func TestAChildAloneIsToldAfterItsParentWasSeenToBeWell(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("db", model.Exist, 1)
		w.set("app", model.Exist, 1)
		c := config(alerting("db"), alerting("app", "db"))
		c.Settings.Hold = 10 * time.Second
		defer w.run(c, false)()
		w.sleep(time.Second)
		w.set("app", model.Exist, 0)
		w.engine.Stirred("app")
		w.sleep(9 * time.Second)
		expect(t, "heard at first", w.heard(), "")
		w.sleep(time.Second)
		expect(t, "heard", w.heard(), "app failed: process is not running (since 00:00:01)")
	})
}

func TestFlapping(t *testing.T) { // P-330
	bubble(t, func(w *world) {
		c := config(gauge("f"))
		c.Settings.Flapping = true
		w.set("f", model.Size, 1)
		defer w.run(c, false)()
		for range 30 {
			w.set("f", model.Size, 20)
			w.sleep(30 * time.Second)
			w.set("f", model.Size, 1)
			w.sleep(30 * time.Second)
		}
		heard := strings.Split(w.heard(), "\n")
		last := len(heard) - 1
		if len(heard) > 12 || !strings.HasPrefix(heard[last], "f flapping: is flapping: it changed ") {
			t.Errorf("heard:\n%s", strings.Join(heard, "\n"))
		}
		w.set("f", model.Size, 20)
		w.sleep(20 * time.Minute)
		expect(t, "heard at the end", w.heard(), "f steady: is steady again, and failing: size is 20 B (limit: > 10 B)")
		w.set("f", model.Size, 1)
		w.sleep(time.Minute)
		expect(t, "heard after", w.heard(), "f recovered: size is 1 B, no longer > 10 B")
	})
}

func TestAParentIsLookedAtBeforeItsChildThatDied(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("db", model.Exist, 1)
		w.set("app", model.Exist, 1)
		defer w.run(config(alerting("db"), alerting("app", "db")), false)()
		w.sleep(time.Second)
		w.set("db", model.Exist, 0)
		w.set("app", model.Exist, 0)
		w.engine.Stirred("app") // the end of the child is noticed first
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "db failed: process is not running")
	})
}

// Who needs something that was broken has a while to come back with it.
func TestChildrenSettleWhenTheirParentIsBack(t *testing.T) {
	bubble(t, func(w *world) {
		for _, name := range []string{"db", "api", "web"} {
			w.set(name, model.Exist, 1)
		}
		c := config(alerting("db"), alerting("api", "db"), alerting("web", "api"))
		c.Settings.Hold, c.Settings.Settle = 10*time.Second, 50*time.Second
		defer w.run(c, false)()
		w.sleep(time.Second)
		for _, name := range []string{"db", "api", "web"} {
			w.set(name, model.Exist, 0)
		}
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "db failed: process is not running")
		w.set("db", model.Exist, 1)
		w.engine.Stirred("db")
		w.sleep(49 * time.Second)
		expect(t, "heard while they settle", w.heard(), "db recovered: process is running")
		w.set("web", model.Exist, 1)
		w.sleep(time.Second)
		expect(t, "heard when they have had their time", w.heard(), "api failed: process is not running (since 00:01:30)")
		w.set("api", model.Exist, 1)
		w.sleep(time.Minute)
		expect(t, "heard at the end", w.heard(), "api recovered: process is running")
	})
}
