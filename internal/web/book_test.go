package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// drawer keeps objects in memory.
type drawer map[string]map[int64][]byte

func (d drawer) PutObject(kind string, id int64, data []byte) {
	if d[kind] == nil {
		d[kind] = map[int64][]byte{}
	}
	d[kind][id] = data
}
func (d drawer) DropObject(kind string, id int64) { delete(d[kind], id) }
func (d drawer) Objects(_ context.Context, kind string) (map[int64][]byte, error) {
	return maps.Clone(d[kind]), nil
}
func (d drawer) Flush(context.Context) error { return nil }

// shop is a status page with a component of each of two services, and templates.
func shop(t *testing.T, w *world) *status.Book {
	t.Helper()
	b, err := status.Open(t.Context(), status.Options{Keeper: drawer{}})
	if err != nil {
		t.Fatal(err)
	}
	page := model.DefaultStatusPage()
	page.Templates = []model.IncidentTemplate{{Name: "Provider", Slug: "provider", Text: "Our provider has trouble with {{ incident.name }}."}}
	face := &model.Face{Component: "Website", Group: "Shop"}
	w.specs["nginx"].Face = face
	b.Configure(page, []*model.Service{{Name: "nginx", Kind: model.KindProcess, Face: face}, {Name: "mysql", Kind: model.KindProcess}}, "web1")
	return b
}

// inShop is a browser of who manages, at a dashboard with a real book.
func inShop(t *testing.T) (*browser, *status.Book) {
	t.Helper()
	w := town(time.Now())
	o := w.options()
	book := shop(t, w)
	o.Book = book
	b := open(t, o)
	b.login("ann", "correct horse")
	return b, book
}

// sends posts a form that must be taken, and lead there.
func (b *browser) sends(path, on string, pairs ...string) {
	b.t.Helper()
	if got := b.post(path, pairs...); got.Code != http.StatusSeeOther || got.Header().Get("Location") != on {
		b.t.Fatalf("POST %s: %d to %q: %s", path, got.Code, got.Header().Get("Location"), got.Body)
	}
}

func TestIncidentFromItsTemplateToItsPostMortem(t *testing.T) {
	b, book := inShop(t)
	b.page("/incidents/new", "Provider")
	b.page("/incidents/new?template=provider&name=mail", "Our provider has trouble with mail.", `value="mail"`)
	b.sends("/incidents", "/incidents/1", "name", "Mail is late", "message", "It waits.", "component", "1", "health", "2", "sticky", "1")
	i := book.Read().Incident(1)
	if !i.Sticky || i.Notify || !i.Visible || book.Read().Component(1).Health != status.Degraded {
		t.Errorf("opened is %+v, the component %+v", i, book.Read().Component(1))
	}
	b.sends("/incidents/1", "/incidents/1", "phase", "2", "message", "It is the disk.")
	b.page("/incidents/1", "It is the disk.", "/incidents/1/edit", "/incidents/1/delete", "/incidents/1/updates/1/edit", "/incidents/1/updates/1/delete")
	if body := b.page("/incidents/1"); strings.Contains(body, "/take") || strings.Contains(body, "/return") {
		t.Error("what no check opened is to be taken over")
	}
	b.page("/incidents/1/updates/1/edit", "It is the disk.")
	b.sends("/incidents/1/updates/1/edit", "/incidents/1", "phase", "2", "message", "It is the network.", "private", "1")
	if u := book.Read().Incident(1).Update(1); u.Message != "It is the network." || !u.Private || u.Phase != status.Identified {
		t.Errorf("the update is %+v", u)
	}
	if got := b.post("/incidents/1/updates/1/edit", "phase", "2", "message", ""); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "message is required") {
		t.Errorf("an empty update: %d", got.Code)
	}
	b.page("/incidents/1/updates/1/delete", "It is the network.")
	b.sends("/incidents/1/updates/1/delete", "/incidents/1")
	b.page("/incidents/1/edit", "Mail is late", "Post-mortem", "Website")
	b.sends("/incidents/1/edit", "/incidents/1", "name", "Mail was late", "message", "It waits.", "afterwards", "A disk was **full**.", "component", "1", "tell", "1")
	i = book.Read().Incident(1)
	if i.Name != "Mail was late" || i.PostMortem != "A disk was **full**." || i.Sticky || !i.Notify || len(i.Updates) != 0 || !slices.Equal(i.Components, []status.Affected{{Component: 1, Health: status.Degraded}}) {
		t.Errorf("changed is %+v", i)
	}
	b.page("/incidents/1", "Post-mortem", "A disk was **full**.")
	if got := b.post("/incidents/1/edit", "name", "", "afterwards", "keep this"); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "keep this") {
		t.Errorf("an incident without a name: %d %s", got.Code, got.Body)
	}
	if got := b.post("/incidents/1/take"); got.Code != http.StatusConflict {
		t.Errorf("taking over what no check opened: %d", got.Code)
	}
	b.page("/incidents/1/delete", "Delete “Mail was late”?")
	b.sends("/incidents/1/delete", "/incidents")
	for _, path := range []string{"/incidents/1", "/incidents/1/edit", "/incidents/1/delete", "/incidents/1/updates/1/edit"} {
		if got := b.get(path).Code; got != http.StatusNotFound {
			t.Errorf("GET %s of what is gone: %d", path, got)
		}
	}
}

func TestTakingOver(t *testing.T) {
	w := town(time.Now())
	o := w.options()
	lib := newLibrary("checkout is slow")
	o.Book = lib
	b := open(t, o)
	b.login("ann", "correct horse")
	b.page("/incidents/1", "/incidents/1/return", "Give back to the checks")
	b.page("/incidents/1/return", "back to the checks?")
	b.sends("/incidents/1/return", "/incidents/1")
	lib.view.Incidents[0].Taken = ""
	b.page("/incidents/1", "/incidents/1/take", "Take over")
	b.page("/incidents/1/take", "You look after it")
	b.sends("/incidents/1/take", "/incidents/1")
	if !slices.Equal(lib.did, []string{"return", "take"}) {
		t.Errorf("done was %q", lib.did)
	}
}

func TestMaintenanceIsChanged(t *testing.T) {
	b, book := inShop(t)
	b.sends("/maintenance", "/incidents", "name", "Move", "at", "2030-05-06T07:08", "for", "2h", "component", "2", "tell", "1")
	b.page("/incidents", "Move", "/maintenance/1")
	b.page("/maintenance/1", "/maintenance/1/edit", "/maintenance/1/end", "/maintenance/1/delete", "mysql")
	b.page("/maintenance/1/edit", "2030-05-06T07:08", "2030-05-06T09:08")
	b.sends("/maintenance/1/edit", "/maintenance/1", "name", "Great move", "at", "2030-05-06T07:08", "until", "2030-05-06T10:00", "component", "1")
	s := book.Read().Schedule(1)
	if s.Name != "Great move" || s.Until.Format(localTime) != "2030-05-06T10:00" || !slices.Equal(s.Components, []status.Affected{{Component: 1}}) || s.Notify {
		t.Errorf("changed is %+v", s)
	}
	for _, fields := range [][]string{{"name", "x", "at", "", "until", ""}, {"name", "x", "at", "never"}, {"name", "", "at", "2030-05-06T07:08"}, {"name", "x", "at", "2030-05-06T07:08", "until", "2030-05-06T07:00"}} {
		if got := b.post("/maintenance/1/edit", fields...).Code; got != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", fields, got)
		}
	}
	b.sends("/maintenance/1", "/maintenance/1", "message", "We begin late.")
	b.sends("/maintenance/1/updates/1/edit", "/maintenance/1", "message", "We begin on time.")
	b.page("/maintenance/1", "We begin on time.", "/maintenance/1/updates/1/delete")
	b.sends("/maintenance/1/updates/1/delete", "/maintenance/1")
	if s := book.Read().Schedule(1); len(s.Updates) != 0 {
		t.Errorf("updates are %+v", s.Updates)
	}
	b.sends("/maintenance/1/end", "/incidents")
	b.page("/incidents", "Maintenance that is over", "Great move")
	b.sends("/maintenance/1/delete", "/incidents")
	if got := b.get("/maintenance/1").Code; got != http.StatusNotFound {
		t.Errorf("what is gone: %d", got)
	}
}

func TestComponents(t *testing.T) {
	b, book := inShop(t)
	b.page("/components", "Website", "mysql", "Shop", "checked by nginx", "/components/1/move")
	// The configuration says what the first is called, and where; nothing but that it is for all of the second.
	b.page("/components/1", "Name, group, who sees it: that is for the configuration", "under <code>component</code> of nginx")
	b.sends("/components/1", "/components", "name", "Other", "description", "It sells.", "group", "0", "private", "1", "hidden", "1")
	if c := book.Read().Component(1); c.Name != "Website" || c.Group != 1 || c.Private || c.Description != "It sells." || c.Enabled {
		t.Errorf("the component is %+v", c)
	}
	b.page("/components", "not shown")
	b.sends("/components/1", "/components", "description", "It sells.")
	b.sends("/components/2", "/components", "name", "Database", "link", "https://db.example.org/", "group", "1")
	if c := book.Read().Component(2); c.Name != "Database" || c.Group != 1 || c.Link != "https://db.example.org/" || !c.Enabled {
		t.Errorf("the component is %+v", c)
	}
	if got := b.post("/components/2", "name", "Database", "link", "javascript:alert(1)"); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "link must be") {
		t.Errorf("a link that is none: %d", got.Code)
	}
	order := func() (names string) {
		for _, c := range book.Read().Members(1) {
			names += c.Name + " "
		}
		return names
	}
	b.sends("/components/2/move", "/components#component-2", "to", "up")
	if got := order(); got != "Database Website " {
		t.Errorf("the order is %s", got)
	}
	b.sends("/components/2/move", "/components#component-2", "to", "up") // there is nothing above it
	b.sends("/components/2/move", "/components#component-2", "to", "down")
	if got := order(); got != "Website Database " {
		t.Errorf("the order is %s", got)
	}
	b.sends("/components", "/components", "name", "Office", "health", "1")
	if c := book.Read().Component(3); c.Name != "Office" || c.Health != status.Operational || c.Key != "" {
		t.Errorf("added is %+v", c)
	}
	if got := b.post("/components", "name", "", "health", "1").Code; got != http.StatusUnprocessableEntity {
		t.Errorf("a component without a name: %d", got)
	}
	b.page("/components/2/delete", "it comes back at the next reload")
	b.sends("/components/3/delete", "/components")
	if got := b.get("/components/3").Code; got != http.StatusNotFound {
		t.Errorf("what is gone: %d", got)
	}
}

// Pins P-326: a person says how a component is, for a while, and takes it back.
func TestSayingHowAComponentIs(t *testing.T) {
	b, book := inShop(t)
	b.sends("/components/2/health", "/components/2", "health", "3", "until", "4h")
	c := book.Read().Component(2)
	if c.Health != status.Partial || c.Source != status.ByHand || c.Said == nil || time.Until(c.Said.Until).Round(time.Hour) != 4*time.Hour {
		t.Fatalf("the component is %+v", c)
	}
	b.page("/components/2", "said by ann until", "Take back")
	b.sends("/components/2/health", "/components/2", "back", "1")
	if c := book.Read().Component(2); c.Said != nil || c.Source != status.ByCheck {
		t.Errorf("taken back it is %+v", c)
	}
	if body := b.page("/components/2"); strings.Contains(body, "Take back") {
		t.Error("there is something to take back still")
	}
	if got := b.post("/components/2/health", "health", "77").Code; got != http.StatusUnprocessableEntity {
		t.Errorf("a state that is none: %d", got)
	}
}

func TestGroups(t *testing.T) {
	b, book := inShop(t)
	b.sends("/groups", "/components", "name", "Office", "collapse", "2", "private", "1")
	if g := book.Read().Group(2); g.Name != "Office" || g.Visible || g.Collapse != status.CollapseWell || g.Quorum {
		t.Errorf("added is %+v", g)
	}
	b.page("/components", "Office", "No component is in it.")
	b.sends("/groups/2/move", "/components#group-2", "to", "up")
	if g := book.Read().OrderedGroups(false)[0]; g.ID != 2 {
		t.Errorf("the first is %+v", g)
	}
	b.page("/groups/1", "Shop", "finds it again by the name")
	b.sends("/groups/1", "/components", "name", "The shop", "quorum", "1")
	if g := book.Read().Group(1); g.Name != "The shop" || !g.Quorum || !g.Visible || g.Key == "" {
		t.Errorf("changed is %+v", g)
	}
	if got := b.post("/groups/1", "name", "").Code; got != http.StatusUnprocessableEntity {
		t.Errorf("a group without a name: %d", got)
	}
	b.page("/groups/2/delete", "Its components stay")
	b.sends("/groups/2/delete", "/components")
	if book.Read().Group(2) != nil {
		t.Error("the group is there still")
	}
}

func TestSubscribers(t *testing.T) {
	b, book := inShop(t)
	ann := status.Actor{Name: "ann", Scope: model.ScopeManage}
	for _, edit := range []func(*status.Subscriber){
		func(s *status.Subscriber) { s.Email, s.Verified = "mia@example.org", time.Now() },
		func(s *status.Subscriber) {
			s.Hook, s.Subscriptions = "https://hooks.example.org/never-to-be-shown", []status.Subscription{{Component: 1}}
		},
	} {
		if _, _, err := book.Subscribe(t.Context(), ann, edit); err != nil {
			t.Fatal(err)
		}
	}
	body := b.page("/subscribers", "mia@example.org", "a hook of hooks.example.org", "everything", "Website", "of whom 1 did not confirm")
	if strings.Contains(body, "never-to-be-shown") || strings.Contains(body, book.Read().Subscriber(1).Code) {
		t.Error("a secret is shown")
	}
	if body := b.page("/subscribers?q=MIA", "mia@"); strings.Contains(body, "hooks.example.org") {
		t.Error("everybody matches")
	}
	b.page("/subscribers/1/delete", "Remove mia@example.org?")
	b.sends("/subscribers/1/delete", "/subscribers")
	if book.Read().Subscriber(1) != nil {
		t.Error("who was removed is there still")
	}
	guest := open(t, func() Options { o := town(time.Now()).options(); o.Book = book; return o }())
	for path, want := range map[string]int{"/subscribers": http.StatusSeeOther, "/components": http.StatusOK, "/components/1": http.StatusSeeOther} {
		if got := guest.get(path).Code; got != want {
			t.Errorf("GET %s by a guest: %d", path, got)
		}
	}
}

// A guest sees of components and maintenance what everybody may.
func TestWhatGuestsSeeOfTheBook(t *testing.T) {
	o := town(time.Now()).options()
	o.Book = newLibrary("shop")
	b := open(t, o)
	for path, hidden := range map[string]string{"/components": "nobody&#39;s business", "/maintenance/1": "private: ", "/incidents/1": "private: "} {
		if body := b.page(path, "shop"); strings.Contains(body, hidden) || strings.Contains(body, "/delete") {
			t.Errorf("GET %s shows a guest %q", path, hidden)
		}
	}
	b.login("ann", "correct horse")
	b.page("/components", "nobody&#39;s business", "only for those who log in")
	b.page("/maintenance/1", "private: shop")
}
