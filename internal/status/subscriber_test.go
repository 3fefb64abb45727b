package status

import (
	"slices"
	"testing"
	"time"
)

// heard lists who was told of what since the last call.
func (w *world) heard() []string {
	w.told.Lock()
	defer w.told.Unlock()
	var out []string
	for _, n := range w.notices {
		for _, s := range n.To {
			out = append(out, s.Email+" "+string(n.Kind))
		}
	}
	w.notices = nil
	slices.Sort(out)
	return out
}

func (w *world) expectHeard(want ...string) {
	w.t.Helper()
	if got := w.heard(); !slices.Equal(got, want) {
		w.t.Errorf("at %s %q hear, not %q", time.Now().Format("15:04:05"), got, want)
	}
}

// Pins P-130, P-133, P-214 and P-215: who confirms, hears of what, and follows the members of a group.
func TestSubscribers(t *testing.T) {
	bubble(t, func(w *world) {
		b := w.book
		g, err := b.SaveGroup(ctx, admin, 0, func(g *Group) { g.Name, g.Visible = "Front", true })
		if err != nil {
			t.Fatal(err)
		}
		subscribe := func(email string, to ...Subscription) *Subscriber {
			s, fresh, err := b.Subscribe(ctx, Actor{}, func(s *Subscriber) { s.Email, s.Subscriptions = email, to })
			if err != nil || !fresh || s.All != (len(to) == 0) || !s.Verified.IsZero() {
				t.Fatal(s, fresh, err)
			}
			return s
		}
		all, web, group := subscribe("all"+at), subscribe("web"+at, Subscription{Component: 1}), subscribe("group"+at, Subscription{Group: g.ID})
		subscribe("unconfirmed" + at)
		w.sleep(0)
		w.expectHeard("all@x.org subscriber_added", "group@x.org subscriber_added", "unconfirmed@x.org subscriber_added", "web@x.org subscriber_added")
		if again, fresh, err := b.Subscribe(ctx, Actor{}, func(s *Subscriber) { s.Email = "ALL" + at }); err != nil || fresh || again.ID != all.ID {
			t.Error(again, fresh, err)
		}
		for _, s := range []*Subscriber{all, web, group} {
			if _, err := b.Verify(ctx, s.Code); err != nil {
				t.Fatal(err)
			}
		}
		w.check("db", "failing")
		w.expectHeard("all@x.org incident_opened")
		w.check("web", "failing") // joins, and who was told is not told again
		w.expectHeard("web@x.org incident_opened")
		w.sleep(2 * time.Minute)
		if _, err := b.SaveComponent(ctx, admin, 3, How{}, func(c *Component) { c.Group = g.ID }); err != nil {
			t.Fatal(err)
		}
		w.check("mail", "failing")
		w.expectHeard("all@x.org incident_opened", "group@x.org incident_opened")
		w.says(admin, "mail", Partial, How{})
		w.sleep(0)
		w.expectHeard("all@x.org component_turned", "group@x.org component_turned")
		w.says(admin, "mail", Degraded, How{Silent: true})
		w.sleep(0)
		w.expectHeard()
		if _, err := b.Resubscribe(ctx, group.Code, []Subscription{{Component: 2}, {Group: g.ID}}); err != nil {
			t.Fatal(err)
		}
		if s := b.Read().Subscriber(group.ID); len(s.Subscriptions) != 2 || s.Subscriptions[1].ID != 2 || s.Subscriptions[0].ID != 3 {
			t.Errorf("%+v", s.Subscriptions)
		}
		if err := b.EndSubscription(ctx, admin, 1); err != nil || b.Read().Subscriber(web.ID) != nil {
			t.Errorf("who has no subscription left is still there: %v", err)
		}
		if err := b.Leave(ctx, all.Code); err != nil || b.Read().SubscriberByCode(all.Code) != nil {
			t.Errorf("who left is still there: %v", err)
		}
	}, "web", "db", "mail")
}

const at = "@x.org"

// Pins P-235 and P-212: nobody hears of what is not for everybody.
func TestPrivateThingsAreNotTold(t *testing.T) {
	bubble(t, func(w *world) {
		if _, _, err := w.book.Subscribe(ctx, admin, func(s *Subscriber) { s.Email, s.Verified = "a"+at, time.Now() }); err != nil {
			t.Fatal(err)
		}
		if _, err := w.book.SaveComponent(ctx, admin, 1, How{}, func(c *Component) { c.Private = true }); err != nil {
			t.Fatal(err)
		}
		w.sleep(0)
		w.heard()
		w.check("secret", "failing")
		w.check("web", "failing")
		w.incidents("secret: major outage (investigating: )", "web: major outage (investigating: )")
		v := w.book.Read()
		if v.Incidents[0].Visible || !v.Incidents[1].Visible || len(v.SeenIncidents(true, time.Now())) != 1 {
			t.Error("the incident of a private component is seen")
		}
		w.expectHeard("a@x.org incident_opened")
		if _, err := w.book.AddUpdate(ctx, admin, 2, func(u *Update) { u.Message, u.Phase, u.Private = "root cause", Identified, true }); err != nil {
			t.Fatal(err)
		}
		w.sleep(0)
		w.expectHeard()
		if n := w.book.Read().Incident(2).Newest(); n != nil {
			t.Errorf("everybody sees %+v", n)
		}
		if _, err := w.book.OpenIncident(ctx, admin, func(i *Incident) { i.Name, i.Published = "Later", time.Now().Add(time.Hour) }); err != nil {
			t.Fatal(err)
		}
		w.sleep(59 * time.Minute)
		w.expectHeard()
		w.sleep(2 * time.Minute)
		w.expectHeard("a@x.org incident_opened")
	}, "secret", "web")
}
