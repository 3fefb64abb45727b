package status

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins P-329: after a restart nothing is opened or closed before the checks were seen, and then all goes on.
func TestRestart(t *testing.T) {
	bubble(t, func(w *world) {
		w.checks("web", "ok", 2)
		w.checks("db", "ok", 2)
		w.check("web", "failing")
		w.restart()
		w.health("web", Major)
		w.health("db", Operational)
		w.sleep(time.Minute)
		w.incidents("web: major outage (investigating: )")
		w.check("web", "ok")
		w.sleep(time.Minute)
		w.incidents("web: major outage (investigating: )")
		w.check("web", "ok")
		w.sleep(30 * time.Second)
		w.incidents("web: major outage (watching: watching)")
		w.restart()
		w.sleep(10 * time.Minute)
		w.incidents("web: major outage (watching: watching)") // it may have failed meanwhile
		w.checks("web", "ok", 2)
		w.incidents("web: major outage (fixed: watching fixed)")
		w.restart()
		w.check("db", "failing")
		w.incidents("web: major outage (fixed: watching fixed)", "db: major outage (investigating: )")
		if i := w.book.Read().Incidents[1]; i.ID != 2 {
			t.Errorf("its number is %d", i.ID)
		}
	}, "web", "db")
}

// What failed before and is well after a restart is green only when the checks have said so.
func TestWhatIsKnownCountsForAWhile(t *testing.T) {
	bubble(t, func(w *world) {
		w.checks("web", "ok", 2)
		w.restart()
		w.health("web", Operational)
		w.sleep(unheard - time.Second)
		w.health("web", Operational)
		w.sleep(2 * time.Second)
		w.health("web", Unknown)
		w.check("web", "ok")
		w.health("web", Operational)
	}, "web")
}

// Pins P-312: what is not checked is unknown after three intervals, which closes no incident.
func TestStale(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("web", "ok")
		w.sleep(89 * time.Second)
		w.health("web", Operational)
		w.sleep(2 * time.Second)
		w.health("web", Unknown)
		w.check("web", "failing")
		w.health("web", Major)
		w.sleep(time.Hour)
		w.health("web", Unknown)
		w.incidents("web: major outage (investigating: )")
	}, "web")
}

func TestUnmonitored(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("web", "failing")
		w.sleep(time.Second)
		w.hear(model.EventUnmonitored, "web", "", "")
		w.health("web", Unknown)
		w.restart()
		w.health("web", Unknown)
		w.hear(model.EventMonitored, "web", "", "")
		w.checks("web", "ok", 1)
		w.health("web", Operational)
	}, "web")
}

// Pins P-300, P-302 and P-303.
func TestConfigure(t *testing.T) {
	bubble(t, func(w *world) {
		if c := w.component("web"); c.ID != 1 || string(c.Meta) != `{"orderly":{"check":"web","host":"box","type":"process"}}` || len(c.Tags) != 2 {
			t.Errorf("%+v", c)
		}
		w.specs[0].Face = &model.Face{Component: "Website", Group: "Front", Description: "what you see", Link: "https://example.org"}
		w.configure()
		c := w.component("Website")
		if g := w.book.Read().Group(c.Group); c.ID != 1 || g == nil || g.Name != "Front" || !g.Visible || c.Link == "" || c.Description == "" {
			t.Errorf("%+v in %+v", c, g)
		}
		w.specs[1].Face = &model.Face{Component: "website"} // two services of one component
		w.configure()
		if c := w.component("db"); c.Enabled || !c.Gone {
			t.Errorf("it is still there: %+v", c)
		}
		w.check("web", "ok")
		w.health("Website", Unknown) // never green before every check was seen
		w.check("db", "failing")
		w.health("Website", Partial) // P-314
		w.check("web", "failing")
		w.health("Website", Major)
		w.specs[1].Face = nil
		w.configure()
		if c := w.component("db"); c.ID != 2 || !c.Enabled || c.Gone {
			t.Errorf("it has not come back: %+v", c)
		}
		w.specs[0].Face = &model.Face{Hidden: true}
		w.configure()
		if c := w.component("Website"); c.Enabled {
			t.Error("who is hidden is seen")
		}
		w.incidents("Website and db: major outage (investigating: )")
	}, "web", "db")
}

// A host of which nothing is checked is not shown; one with rules is, as every check (P-300), but not by its name (P-235).
func TestHosts(t *testing.T) {
	bubble(t, func(w *world) {
		bare, ruled := service("box"), service("ruled")
		bare.Kind, ruled.Kind, ruled.Rules = model.KindSystem, model.KindSystem, []model.Rule{{Text: "if load > 3"}}
		w.specs = []*model.Service{bare, ruled}
		w.configure()
		if v := w.book.Read(); len(v.Components) != 1 || v.Components[0].Name != "System" || v.Components[0].Checks[0].Service != "ruled" {
			t.Errorf("%+v", v.Components)
		}
	})
}

// What automation notes of a component follows a host that is renamed; what people have noted stays (P-235, P-302).
func TestRenamedHost(t *testing.T) {
	bubble(t, func(w *world) {
		if _, err := w.book.SaveComponent(ctx, admin, 1, How{}, func(c *Component) {
			c.Tags, c.Meta = append(c.Tags, "ours"), json.RawMessage(`{"orderly":{"check":"web","host":"box","type":"process"},"team":"shop"}`)
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.book.SaveComponent(ctx, admin, 2, How{}, func(c *Component) { c.Tags, c.Meta = []string{"ours"}, nil }); err != nil {
			t.Fatal(err)
		}
		w.specs[0].Kind = model.KindHost
		w.book.Configure(w.page, w.specs, "crate")
		web, db := w.component("web"), w.component("db")
		if web.ID != 1 || !slices.Equal(web.Tags, []string{"crate", "host", "ours"}) || string(web.Meta) != `{"orderly":{"check":"web","host":"crate","type":"host"},"team":"shop"}` {
			t.Errorf("%d %q %s", web.ID, web.Tags, web.Meta)
		}
		if db.ID != 2 || !slices.Equal(db.Tags, []string{"ours"}) || len(db.Meta) > 0 {
			t.Errorf("%d %q %s", db.ID, db.Tags, db.Meta)
		}
	}, "web", "db")
}

// Pins P-370.
func TestMetricsOfServices(t *testing.T) {
	bubble(t, func(w *world) {
		w.specs[0].Kind, w.specs[1].Kind = model.KindHost, model.KindProgram
		w.specs[1].Face = &model.Face{Metric: true}
		w.configure()
		w.configure()
		v := w.book.Read()
		if len(v.Metrics) != 2 || v.Metrics[0].Visible != Hidden || v.Metrics[1].Visible != VisibleToAll || v.Metrics[1].Threshold != 1 {
			t.Errorf("%+v", v.Metrics)
		}
		if _, err := w.book.AddPoint(ctx, admin, 1, 5, time.Time{}); !errors.As(err, new(*Invalid)) {
			t.Errorf("%v", err)
		}
	}, "web", "backup", "db")
}

// Pins P-311: what is checked elsewhere stays as it was while this host has no network; the engine sees to that.
func TestIsolated(t *testing.T) {
	bubble(t, func(w *world) {
		w.specs[0].Connectivity = &model.Connectivity{}
		w.configure()
		w.check("net", "failing")
		if !w.book.Read().Isolated {
			t.Error("nobody says so")
		}
		w.check("net", "ok")
		if w.book.Read().Isolated {
			t.Error("it is still said")
		}
	}, "net")
}
