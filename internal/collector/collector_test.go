package collector

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

const started = "Monit: Monit 6.1.0 started"

func TestStartIsToldFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		w.started()
		w.agent.Configure([]model.Collector{collectorAt("a")}, 5*time.Second)
		begin := time.Now()
		w.run(func() { time.Sleep(12 * time.Second) })
		a := w.collectors["a:8080"]
		same(t, a.told(false), []string{started, "status", "status", "status"})
		for i, at := range []time.Duration{0, grace, grace + 5*time.Second, grace + 10*time.Second} {
			if got := a.all()[i].at.Sub(begin); got != at {
				t.Errorf("message %d came after %v, want %v", i, got, at)
			}
		}
		if names := a.all()[1].doc.Services; len(names) != 2 || names[0].Name != "web" || names[1].Name != "db" {
			t.Errorf("services are %v", names)
		}
	})
}

func TestSeldomChecksDoNotMakeTheStatusSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		w.agent.Configure([]model.Collector{collectorAt("a")}, 10*time.Minute)
		w.run(func() { time.Sleep(grace + 3*maxBeat + time.Second) })
		same(t, w.collectors["a:8080"].told(false), []string{"status", "status", "status", "status"})
	})
}

func TestWhatIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		w.agent.Configure([]model.Collector{collectorAt("a")}, time.Minute)
		w.run(func() {
			synctest.Wait()
			w.fail("web", "cpu is 95%")
			w.append(model.Event{Service: "web", Kind: model.EventStillFailing, Topic: model.TopicResource, Text: "cpu is 96%"})
			w.append(model.Event{Service: "web", Kind: model.EventRecovered, Topic: model.TopicResource, Text: "cpu is 1%"})
			w.append(model.Event{Service: "web", Kind: model.EventAction, Topic: model.TopicAction, Action: "restart", Text: "restarted"})
			w.append(model.Event{Service: "web", Kind: model.EventAction, Topic: model.TopicAction, Action: "restart", Text: "by rule", Silent: true})
			w.append(model.Event{Service: "web", Kind: model.EventUnmonitored, Topic: model.TopicAction, Action: "unmonitor"})
			w.append(model.Event{Kind: model.EventInternal, Topic: model.TopicInstance, Text: "the disk is full"})
			w.append(model.Event{Service: "old", Kind: model.EventRemoved, Text: "is no longer configured", Silent: true})
			w.fail("old", "of a service that is gone")
			w.fail("db", "cpu is 99%")
			time.Sleep(time.Second)
		})
		same(t, w.collectors["a:8080"].told(true), []string{
			"web: cpu is 95%", "web: cpu is 1%", "web: restart action done", "web: unmonitor action done", "db: cpu is 99%",
		})
		if got := w.Cursor("http://a:8080/collector"); got != w.Last() {
			t.Errorf("the cursor is at %d of %d", got, w.Last())
		}
	})
}

func TestNothingIsLostWhileACollectorIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		a := w.collectors["a:8080"]
		a.setDown(true)
		w.agent.Configure([]model.Collector{collectorAt("a")}, 5*time.Second)
		var want []string
		var times []int64
		w.run(func() {
			for i := range 300 {
				text := fmt.Sprintf("failure %d", i)
				want, times = append(want, "web: "+text), append(times, time.Now().Unix())
				w.fail("web", text)
				time.Sleep(200 * time.Millisecond)
			}
			a.setDown(false)
			time.Sleep(5 * time.Second) // no pause is longer than that
		})
		same(t, a.told(true), want)
		at := 0
		for _, m := range a.all() {
			if m.doc.Event == nil {
				continue
			}
			if m.doc.Event.Sec != times[at] {
				t.Fatalf("event %d is told to be of %d, it was of %d", at, m.doc.Event.Sec, times[at])
			}
			at++
		}
		if n := strings.Count(w.logText(), "cannot open a connection to http://[a]:8080/collector"); n != 1 {
			t.Errorf("that it is down was said %d times:\n%s", n, w.logText())
		}
		if !strings.Contains(w.logText(), "are accepted again") {
			t.Error("that it is up again was not said")
		}
	})
}

func TestNothingIsLostOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		a := w.collectors["a:8080"]
		collectors := []model.Collector{collectorAt("a")}
		w.agent.Configure(collectors, 5*time.Second)
		w.run(func() {
			synctest.Wait()
			w.fail("web", "one")
			time.Sleep(time.Second)
			a.setDown(true)
			w.fail("web", "two")
			time.Sleep(time.Second)
		})
		w.fail("web", "while nobody runs")
		w.restart()
		w.started()
		a.setDown(false)
		w.agent.Configure(collectors, 5*time.Second)
		w.run(func() { time.Sleep(time.Second) })
		same(t, a.told(true), []string{"web: one", "web: two", "web: while nobody runs", started})
	})
}

// TestTheVeryFirstEventIsNotLost: it waits when there is no cursor yet.
func TestTheVeryFirstEventIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		a := w.collectors["a:8080"]
		a.setDown(true)
		for range 2 {
			w.restart()
			w.started()
			w.agent.Configure([]model.Collector{collectorAt("a")}, 5*time.Second)
			w.run(func() { time.Sleep(time.Second) })
			a.setDown(false)
		}
		same(t, a.told(true), []string{started, started})
	})
}

func TestCollectorsDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080", "b:8080", "c:8080")
		w.collectors["a:8080"].setAnswer(func(int, *message) string { return "" })
		w.collectors["b:8080"].setDown(true)
		w.agent.Configure([]model.Collector{collectorAt("a"), collectorAt("b"), collectorAt("c")}, 5*time.Second)
		w.run(func() {
			time.Sleep(time.Second)
			for i := range 3 {
				w.fail("web", fmt.Sprint(i))
				synctest.Wait()
				if got := len(w.collectors["c:8080"].told(true)); got != i+1 {
					t.Errorf("%d of %d events have arrived", got, i+1)
				}
				time.Sleep(10 * time.Millisecond)
			}
			time.Sleep(time.Minute)
			w.collectors["a:8080"].setAnswer(func(int, *message) string { return "HTTP/1.1 200 OK\r\n\r\n" })
			w.collectors["b:8080"].setDown(false)
			time.Sleep(20 * time.Second)
		})
		for name, c := range w.collectors {
			if got := c.told(true); !slices.Equal(got, []string{"web: 0", "web: 1", "web: 2"}) {
				t.Errorf("%s was told %q", name, got)
			}
		}
	})
}

func TestCompression(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080", "b:8080")
		w.collectors["a:8080"].setAnswer(func(int, *message) string { return "HTTP/1.1 200 OK\r\nDate: now\r\nServer: mmonit/4.3.2\r\n\r\n" })
		b := w.collectors["b:8080"]
		b.setAnswer(func(n int, _ *message) string {
			if n == 0 {
				return "HTTP/1.1 503 Not now\r\nServer: mmonit/4.3.2\r\n\r\n" // decides nothing
			}
			return "HTTP/1.1 200 OK\r\n\r\nServer: mmonit/4.3.2\r\n\r\n" // not a header
		})
		collectors := []model.Collector{collectorAt("a"), collectorAt("b")}
		w.agent.Configure(collectors, 5*time.Second)
		w.run(func() {
			time.Sleep(12 * time.Second)
			w.agent.Configure(collectors, 5*time.Second)
			time.Sleep(7 * time.Second)
		})
		var zipped []bool
		for _, m := range w.collectors["a:8080"].all() {
			zipped = append(zipped, m.zipped)
		}
		if want := []bool{false, true, true, false, true}; !slices.Equal(zipped, want) {
			t.Errorf("compressed: %v, want %v", zipped, want)
		}
		for i, m := range b.all() {
			if m.zipped {
				t.Errorf("message %d to a server that is no M/Monit is compressed", i)
			}
		}
	})
}

func TestReloadTellsWhatStillFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		collectors := []model.Collector{collectorAt("a")}
		w.agent.Configure(collectors, 5*time.Second)
		w.run(func() {
			time.Sleep(time.Second)
			w.mu.Lock()
			w.services[0].Rules[0] = model.RuleSnapshot{Failed: true, Since: time.Now(), Summary: "cpu is 95%"}
			w.services[0].Rules[1] = model.RuleSnapshot{Failed: true, Since: time.Now(), Summary: "nobody is told"}
			w.mu.Unlock()
			w.fail("web", "cpu is 95%")
			time.Sleep(time.Second)
			w.mu.Lock()
			w.instance.Incarnation = time.Now()
			w.mu.Unlock()
			w.append(model.Event{Kind: model.EventReloaded, Topic: model.TopicInstance})
			w.agent.Configure(collectors, 5*time.Second)
			time.Sleep(time.Second)
			w.mu.Lock()
			w.services[1].Rules[0] = model.RuleSnapshot{Failed: true, Since: time.Now(), Summary: "cpu is 99%"}
			w.mu.Unlock()
			w.fail("db", "cpu is 99%")
			time.Sleep(time.Minute)
		})
		same(t, w.collectors["a:8080"].told(true), []string{"web: cpu is 95%", "Monit: Monit reloaded", "db: cpu is 99%", "web: cpu is 95%"})
	})
}

func TestStopIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080", "b:8080", "c:8080")
		w.collectors["b:8080"].setDown(true)
		w.collectors["c:8080"].setAnswer(func(n int, _ *message) string {
			if n == 0 {
				return "HTTP/1.1 200 OK\r\n\r\n"
			}
			return ""
		})
		c := collectorAt("c")
		c.Timeout = time.Hour
		w.agent.Configure([]model.Collector{collectorAt("a"), collectorAt("b"), c}, 5*time.Second)
		var begin time.Time
		w.run(func() {
			time.Sleep(time.Second)
			w.mu.Lock()
			w.gone = true
			w.mu.Unlock()
			w.append(model.Event{Kind: model.EventStopped, Topic: model.TopicInstance, Action: "stop"})
			begin = time.Now()
		})
		if took := time.Since(begin); took != linger {
			t.Errorf("stopping took %v, want %v", took, linger)
		}
		a := w.collectors["a:8080"]
		same(t, a.told(false), []string{"status", "Monit: Monit 6.1.0 stopped"})
		if got := a.all()[1].doc.Services; len(got) != 2 {
			t.Errorf("the last message has %d services", len(got))
		}
	})
}

func TestCollectorsComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080", "b:8080")
		w.collectors["a:8080"].setAnswer(func(n int, _ *message) string {
			if n == 0 {
				return "HTTP/1.1 200 OK\r\n\r\n"
			}
			return "" // hangs when it is let go
		})
		a := collectorAt("a")
		a.Timeout = time.Hour
		w.agent.Configure([]model.Collector{a}, 5*time.Second)
		w.run(func() {
			w.fail("web", "one")
			time.Sleep(time.Second)
			w.fail("web", "two")
			time.Sleep(time.Second)
			w.agent.Configure([]model.Collector{collectorAt("b")}, 5*time.Second)
			time.Sleep(time.Second)
			w.fail("web", "three")
			time.Sleep(time.Second)
			w.agent.Configure(nil, 5*time.Second)
			time.Sleep(time.Second)
			w.fail("web", "four")
			time.Sleep(time.Minute)
		})
		same(t, w.collectors["a:8080"].told(true), []string{"web: one"})
		same(t, w.collectors["b:8080"].told(true), []string{"web: three"})
	})
}

// TestOneEventDoesNotBlockTheOthers: a collector may refuse an event for ever that it takes no offence at otherwise.
func TestOneEventDoesNotBlockTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		a := w.collectors["a:8080"]
		a.setAnswer(func(_ int, m *message) string {
			if strings.Contains(m.body, "poison") {
				return "HTTP/1.1 400 Bad Request\r\n\r\n"
			}
			return "HTTP/1.1 200 OK\r\n\r\n"
		})
		w.agent.Configure([]model.Collector{collectorAt("a")}, 5*time.Second)
		w.run(func() {
			w.fail("web", "poison")
			w.fail("web", "good")
			time.Sleep(time.Minute)
		})
		same(t, a.told(true), []string{"web: good"})
		if !strings.Contains(w.logText(), "is refused for good") {
			t.Error("nothing was said")
		}
	})
}

// TestWhoRefusesEverythingLosesNothing: one that knows nobody yet may know us tomorrow.
func TestWhoRefusesEverythingLosesNothing(t *testing.T) {
	for _, answer := range []string{"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 401 Unauthorized\r\n\r\n", "HTTP/1.1 503 Not now\r\n\r\n", "what?\r\n\r\n"} {
		t.Run(strings.TrimSpace(answer), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "a:8080")
				a := w.collectors["a:8080"]
				a.setAnswer(func(int, *message) string { return answer })
				w.agent.Configure([]model.Collector{collectorAt("a")}, 5*time.Second)
				w.run(func() {
					w.fail("web", "one")
					w.fail("web", "two")
					time.Sleep(10 * time.Minute)
					a.setAnswer(func(int, *message) string { return "HTTP/1.1 200 OK\r\n\r\n" })
					time.Sleep(10 * time.Second)
				})
				same(t, a.told(true), []string{"web: one", "web: two"})
			})
		})
	}
}
