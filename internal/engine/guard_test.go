package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// site is a host elsewhere that must answer.
func site(name string) *model.Service {
	probe := &model.Probe{Kind: model.ProbePort, Host: name + ".example.org", Port: 80}
	return &model.Service{Name: name, Kind: model.KindHost, Rules: []model.Rule{{
		Text: "failed port 80", Topic: model.TopicConnection, Probe: probe, Metric: model.OK, Op: model.Equal, Operand: model.Num(0),
		Then: []model.Action{{Kind: model.ActAlert}}, Else: []model.Action{{Kind: model.ActAlert}},
	}}}
}

// connected is a configuration with a guard of three targets, two of which must answer.
func connected(services ...*model.Service) *model.Config {
	c := config(services...)
	c.Settings.Connectivity = &model.Connectivity{Targets: make([]model.Probe, 3), Need: 2, Every: 10 * time.Second}
	return c
}

// network connects this host with the others, or does not.
func (w *world) network(up bool, sites ...string) {
	w.set("connectivity", model.Reached, map[bool]float64{true: 3}[up])
	w.with(func() {
		for _, name := range sites {
			w.results[name] = model.Result{OK: up, Summary: map[bool]string{true: "it answers", false: "no answer"}[up]}
		}
	})
}

const (
	networkDown = "connectivity failed: the network of this host is down: 0 of the reference targets answer, where 2 must"
	networkUp   = "connectivity recovered: the network of this host is up again: 3 of the reference targets answer"
)

func TestOthersAreNotToBlameForTheOwnNetwork(t *testing.T) { // A-024, D-26
	for second := range 35 { // at any time between the checks of either
		t.Run(fmt.Sprint(second), func(t *testing.T) {
			bubble(t, func(w *world) {
				var sites []*model.Service
				var names []string
				for i := range 20 {
					names = append(names, fmt.Sprintf("site%02d", i))
					sites = append(sites, site(names[i]))
				}
				local := process("local")
				local.Rules = append(local.Rules, site("local").Rules...)
				w.set("local", model.Exist, 1)
				names = append(names, "local")
				w.network(true, names...)
				w.with(func() {
					w.hang["connectivity"] = 200 * time.Millisecond
					for i, name := range names {
						w.hang[name] = time.Duration(i) * 300 * time.Millisecond
					}
				})
				defer w.run(connected(append(sites, local)...), false)()
				w.sleep(time.Duration(second) * time.Second)
				w.network(false, names...)
				w.sleep(2 * time.Minute)
				var affected int
				for _, ev := range w.log {
					if ev.Service == "connectivity" && ev.Kind == model.EventFailed {
						affected = len(ev.Failure.Affects)
					}
				}
				if affected != len(names) {
					t.Errorf("%d services are said to be affected, want %d", affected, len(names))
				}
				expect(t, "heard", w.heard(), networkDown)
				w.state("site07", model.StateUnknown)
				w.state("local", model.StateUnknown)
				if needs := w.status("site07").Needs; needs != "connectivity" {
					t.Errorf("it needs %q", needs)
				}
				w.set("local", model.Exist, 0) // what is of this host is looked after all the same
				w.sleep(time.Minute)
				expect(t, "done", w.actions(), "restart local")
				w.story()

				w.network(true, names[1:]...)
				w.sleep(2 * time.Minute)
				expect(t, "heard when it was back", w.heard(), networkUp+"\nsite00 failed: no answer")
				w.state("site07", model.StateOK)
			})
		})
	}
}

func TestWhoFailsAloneIsToldOf(t *testing.T) {
	for _, tt := range []struct {
		name  string
		guard func(w *world)
	}{
		{"others answer", func(*world) {}},
		{"the guard cannot look", func(w *world) { w.with(func() { w.broken["connectivity"] = errors.New("no descriptors left") }) }},
		{"the guard hangs", func(w *world) { w.with(func() { w.hang["connectivity"] = time.Hour }) }},
		{"the guard is not monitored", func(w *world) { w.do(model.CommandUnmonitor, "connectivity") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.network(true, "site")
				defer w.run(connected(site("site")), false)()
				w.sleep(time.Second)
				tt.guard(w)
				w.story()
				w.with(func() { w.results["site"] = model.Result{Summary: "no answer"} })
				w.sleep(3 * time.Minute)
				if heard := w.heard(); !strings.Contains(heard, "site failed: no answer") {
					t.Errorf("heard %q", heard)
				}
			})
		})
	}
}

func TestWhatFailedBeforeTheNetworkDid(t *testing.T) {
	bubble(t, func(w *world) {
		w.network(true, "site")
		defer w.run(connected(site("site")), false)()
		w.sleep(time.Second)
		w.with(func() { w.results["site"] = model.Result{Summary: "no answer"} })
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "site failed: no answer")
		w.network(false, "site")
		w.sleep(time.Minute)
		expect(t, "heard then", w.heard(), networkDown)
		w.state("site", model.StateFailing)
		w.network(true, "site")
		w.sleep(time.Minute)
		expect(t, "heard at last", w.heard(), networkUp+"\nsite recovered: it answers")
	})
}

// The guard comes, goes and changes with the configuration while checks wait for it.
func TestGuardAndReload(t *testing.T) {
	bubble(t, func(w *world) {
		w.network(true, "site")
		w.with(func() { w.hang["connectivity"] = 20 * time.Second })
		c := config(site("site"))
		defer w.run(c, false)()
		w.apply(connected(site("site")))
		w.sleep(31 * time.Second)
		w.with(func() { w.results["site"] = model.Result{Summary: "no answer"} })
		w.sleep(30 * time.Second)
		w.apply(config(site("site")))
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "site failed: no answer")
	})
}
