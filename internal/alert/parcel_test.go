package alert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// telling is a sender that words parcels as chats do.
type telling struct{ *group }

func (telling) rest() {}

func (g telling) send(_ context.Context, c *model.Config, p parcel) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.down {
		return "", errors.New("no answer")
	}
	g.said = append(g.said, fmt.Sprintf("%v %s", time.Since(g.began), p.text(c, g.limit)))
	return "ok", nil
}

// group is one chat that follows a journal.
type group struct {
	journal *memory
	alert   *Alert
	began   time.Time
	limit   int
	end     func()

	mu   sync.Mutex
	said []string // "time text"
	down bool
}

func openGroup(t *testing.T, limit int, routes ...model.Route) *group {
	g := &group{journal: newMemory(), began: time.Now(), limit: limit}
	g.alert = New(Options{Journal: g.journal, Means: Means{Log: discard}, Report: func(model.Event) {}})
	g.alert.channels = map[string]channel{"chat": {
		open: func(Means) sender { return telling{g} }, fits: fitting(limit), gather: gatherFor,
	}}
	g.end = running(t, g.alert)
	for i := range routes {
		routes[i].Channel, routes[i].Address, routes[i].Topics = "chat", "ops", model.AllTopics
	}
	g.alert.Configure(&model.Config{Routes: routes, Settings: model.Settings{Host: "box"}})
	synctest.Wait()
	return g
}

// take returns what was said since the last time.
func (g *group) take() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	said := g.said
	g.said = nil
	return said
}

func (g *group) fail(down bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.down = down
}

func (g *group) happen(kind model.EventKind, services ...string) {
	for _, s := range services {
		g.journal.append(model.Event{At: time.Now(), Kind: kind, Service: s, Rule: "cpu > 5%", Text: "cpu is 7%", Host: "box"})
	}
	synctest.Wait()
}

func (g *group) expect(t *testing.T, want ...string) {
	t.Helper()
	if said := g.take(); !slices.Equal(said, want) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

// Pins A-025: the first alert leaves at once, what follows within the window in one message that names every member.
func TestWhatHappensTogetherIsToldTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGroup(t, chatLimit, model.Route{})
		g.happen(model.EventFailed, "a")
		pass(10 * time.Second)
		g.happen(model.EventFailed, "b", "c")
		g.happen(model.EventAction, "b")
		g.expect(t, "0s box[a]: cpu is 7%")
		pass(20 * time.Second)
		g.expect(t, "30s box: 2 failed, 1 more:\n- box[b]: cpu is 7%\n- box[c]: cpu is 7%\n- box[b]: cpu is 7%")
		pass(time.Minute)
		g.happen(model.EventFailed, "d")
		g.expect(t, "1m30s box[d]: cpu is 7%")
		if n := g.journal.Cursor("chat ops"); n != 5 {
			t.Errorf("the cursor is %d", n)
		}
		g.end()
	})
}

// Pins A-012: what is well again before anybody was told is told in one breath.
func TestObsoleteNoticesCollapse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGroup(t, chatLimit, model.Route{})
		g.happen(model.EventFailed, "a")
		g.happen(model.EventFailed, "b")
		pass(10 * time.Second)
		g.journal.append(model.Event{
			At: time.Now(), Kind: model.EventRecovered, Service: "b", Rule: "cpu > 5%", Host: "box",
			Failure: &model.Failure{Since: time.Now().Add(-10 * time.Second)},
		})
		pass(20 * time.Second)
		g.expect(t, "0s box[a]: cpu is 7%", "30s box[b]: cpu is 7% It has recovered after 10 s.")
		g.end()
	})
}

func TestChains(t *testing.T) {
	var events []model.Event
	for _, each := range strings.Fields("a:failed b:failed a:still_failing x:action a:recovered a:failed c:recovered") {
		service, kind, _ := strings.Cut(each, ":")
		events = append(events, model.Event{Service: service, Kind: model.EventKind(kind)})
	}
	var got []string
	for _, c := range chains(events) {
		got = append(got, c.first.Service+" "+c.state())
	}
	if text := strings.Join(got, ", "); text != "a failed and recovered, b failed, x more, a failed, c recovered" {
		t.Error(text)
	}
}

// Pins A-026 and D-68: a thousand failures at once are few messages, in which each has its name.
func TestStormBecomesFewMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGroup(t, 4000, model.Route{})
		for i := range 1000 {
			g.happen(model.EventFailed, fmt.Sprintf("service-%04d", i))
		}
		pass(10 * time.Minute)
		said := g.take()
		if len(said) > 12 {
			t.Errorf("%d messages", len(said))
		}
		all := strings.Join(said, "\n")
		for i := range 1000 {
			if name := fmt.Sprintf("service-%04d", i); strings.Count(all, name) != 1 {
				t.Fatalf("%s is told of %d times", name, strings.Count(all, name))
			}
		}
		for _, text := range said {
			if len(text) > 4100 {
				t.Errorf("a message of %d bytes", len(text))
			}
		}
		g.end()
	})
}

// While a storm lasts there is one digest in five minutes, and afterwards everything is as before.
func TestStormLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGroup(t, chatLimit, model.Route{Params: model.Params{{Name: "storm", Value: "3"}, {Name: "group", Value: "10s"}}})
		for i := range 120 {
			g.happen(model.EventFailed, fmt.Sprint("s", i))
			pass(10 * time.Second)
		}
		var times []string
		for _, text := range g.take() {
			at, _, _ := strings.Cut(text, " ")
			times = append(times, at)
		}
		if got := strings.Join(times, " "); got != "0s 10s 20s 30s 5m30s 10m30s 15m30s" {
			t.Errorf("messages at %s", got)
		}
		pass(20 * time.Minute)
		g.take()
		g.happen(model.EventFailed, "x")
		pass(time.Second)
		g.happen(model.EventFailed, "y")
		pass(10 * time.Second)
		if said := g.take(); len(said) != 2 {
			t.Errorf("said %q after the storm", said)
		}
		g.end()
	})
}

// What gathers when the daemon stops leaves before it ends.
func TestStopLeavesNothingGathering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGroup(t, chatLimit, model.Route{})
		g.happen(model.EventFailed, "a")
		g.happen(model.EventFailed, "b")
		g.end()
		g.expect(t, "0s box[a]: cpu is 7%", "0s box[b]: cpu is 7%")
	})
}

func TestNothingGathersWhereThatIsNotWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGroup(t, chatLimit, model.Route{Params: model.Params{{Name: "group", Value: "0s"}}})
		g.happen(model.EventFailed, "a")
		g.happen(model.EventFailed, "b")
		g.expect(t, "0s box[a]: cpu is 7%", "0s box[b]: cpu is 7%")
		g.end()
	})
}

func TestLateMessagesSaySo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := openGroup(t, chatLimit, model.Route{}, model.Route{})
		g.fail(true)
		g.happen(model.EventFailed, "a")
		pass(14*time.Minute - 5*time.Second)
		g.fail(false)
		g.alert.Configure(g.alert.plan.Load().config)
		synctest.Wait()
		g.expect(t, "13m55s box[a]: cpu is 7% [delayed by 13 min 55 s]")
		g.end()
	})
}

func TestMemberNamesAreNeverDropped(t *testing.T) {
	c := &model.Config{}
	for _, limit := range []int{80, 200, 1000} {
		var events []model.Event
		for i := range 50 {
			events = append(events, model.Event{Service: fmt.Sprintf("<%d>", i), Kind: model.EventFailed, Text: strings.Repeat("long ", 30)})
		}
		told := ""
		for rest := events; len(rest) > 0; {
			p := parcel{events: rest}
			n := fitting(limit)(c, p)
			p.events, rest = rest[:n], rest[n:]
			text := p.text(c, limit)
			if len([]rune(text)) > limit {
				t.Errorf("limit %d: %d characters", limit, len(text))
			}
			told += text
		}
		for _, ev := range events {
			if strings.Count(told, ev.Service) != 1 && strings.Count(told, "["+ev.Service+"]") != 1 {
				t.Errorf("limit %d: %s is told of %d times", limit, ev.Service, strings.Count(told, ev.Service))
			}
		}
	}
}

// Pins A-010: whoever is told a second time knows it, and takes what has happened since for new.
func TestIdentityOfAParcel(t *testing.T) {
	of := func(seqs ...uint64) string {
		p := parcel{}
		for _, seq := range seqs {
			p.events = append(p.events, model.Event{Seq: seq})
		}
		return p.identity("box")
	}
	for got, want := range map[string]string{
		of(5): "box/5", of(5, 6): "box/5-6", of(5, 6, 9): "box/5-9", of(6, 9): "box/6-9",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, channel := range []string{"slack", "webhook", "pagerduty", "alertmanager"} {
		got := ask(t, channel, failing(), func(url string) model.Params { return params("url", url, "token", "R0UTE") }, "")
		if id := got.header.Get(idHeader); id != "box/7" {
			t.Errorf("%s: %q", channel, id)
		}
	}
	both := parcel{route: to("a@x").Routes[0], events: []model.Event{failing(), recovered()}, now: began}
	mail := string(renderParcel(&model.Config{}, both).data)
	if !strings.Contains(mail, "X-Orderly-Id: box/7-9\r\n") || !strings.Contains(string(render(&model.Config{}, one(both.route, failing())).data), "X-Orderly-Id: box/7\r\n") {
		t.Errorf("the mail does not say which it is: %s", mail)
	}
}
