package web

import (
	"context"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"orderly/internal/model"
	"orderly/internal/status"
)

// inTown returns a town, its dashboard's address and a page of a real browser that shows it.
func inTown(t *testing.T) (w *world, address string, ctx context.Context) {
	t.Helper()
	w = town(time.Now())
	o := w.options()
	o.Book = newLibrary("checkout is slow")
	server := httptest.NewServer(New(o))
	t.Cleanup(server.Close) // after the browser is gone, which holds connections open
	ctx = inChromium(t)
	do(t, ctx, chromedp.Navigate(server.URL+"/"))
	return w, server.URL, ctx
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// ask evaluates an expression on the page.
func ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression holds on the page.
func until(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	var err error
	for ctx.Err() == nil {
		var holds bool
		if holds, err = chromedp.Run(ctx, chromedp.Poll[bool]("Boolean("+expression+")", chromedp.WithPollingTimeout(30*time.Second))); err == nil && holds {
			return
		}
		if err != nil && !strings.Contains(err.Error(), "context") && !strings.Contains(err.Error(), "navigated") { // of the page before, which is gone
			break
		}
	}
	t.Fatalf("%s does not come true: %v", expression, err)
}

func scripts(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

// logIn goes through the form.
func logIn() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		chromedp.WaitVisible("input[name=password]"),
		chromedp.SendKeys("input[name=name]", "ann"),
		chromedp.SendKeys("input[name=password]", "correct horse"),
		chromedp.Click("button.main"),
	)
}

// did waits for a command to arrive.
func did(t *testing.T, w *world, kind model.CommandKind) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.did) == 0 || w.did[len(w.did)-1].Kind != kind {
		t.Errorf("what was done is %+v, not %s", w.did, kind)
	}
}

// Somebody who has not logged in restarts a service and silences it: with a script and without.
func TestBrowserRestartsAndSilences(t *testing.T) {
	for name, on := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			w, _, ctx := inTown(t)
			do(t, ctx,
				scripts(on),
				chromedp.Click(`a[href="/services/mysql"]`),
				chromedp.WaitVisible("#why"),
				chromedp.Click(`a[href="/services/mysql/restart"]`),
				logIn(),
				chromedp.WaitVisible(`form[action="/services/mysql/restart"]`),
				chromedp.Click("button.grave"),
				chromedp.WaitVisible(".asked"),
			)
			did(t, w, model.CommandRestart)
			do(t, ctx,
				chromedp.Click(`a[href="/silences/new?service=mysql"]`),
				chromedp.WaitVisible("input[name=reason]"),
				chromedp.SendKeys("input[name=reason]", "migration"),
				chromedp.Click("button.main"),
				chromedp.WaitVisible("#silences .card"),
			)
			if list, _ := w.Silences(ctx); len(list) != 1 || list[0].Reason != "migration" || list[0].By != "ann" {
				t.Errorf("silences are %+v", list)
			}
			do(t, ctx, chromedp.Click("#silences .button"), chromedp.WaitVisible("form[action='/silences/1/end']"), chromedp.Click("button.main"), chromedp.WaitVisible(".empty"))
			do(t, ctx, chromedp.Click("a.who"), chromedp.WaitVisible("form[action='/logout']"), chromedp.Click("button.main"), chromedp.WaitVisible("a[href^='/login']"))
		})
	}
}

func TestBrowserIsKeptUpToDate(t *testing.T) {
	w, address, ctx := inTown(t)
	until(t, ctx, `!document.getElementById("live").hidden`)
	w.change("redis", func(s *model.ServiceStatus) {
		s.State, s.Problem, s.Since = model.StateFailing, "redis does not answer", time.Now()
	})
	until(t, ctx, `document.querySelector('[data-service="redis"]').textContent.includes("redis does not answer")`)
	until(t, ctx, `document.getElementById("sentence").textContent === "4 services are failing" && document.title.startsWith("(4) ")`)
	if got := ask[string](t, ctx, `document.getElementById("said").textContent`); got != "redis: Failing" {
		t.Errorf("a screen reader hears %q", got)
	}
	if got := ask[int](t, ctx, `[...document.querySelectorAll(".service")].findIndex((row) => row.dataset.service === "redis")`); got != 1 {
		t.Errorf("the row is number %d", got)
	}
	do(t, ctx, chromedp.Navigate(address+"/services/mysql"))
	until(t, ctx, `!document.getElementById("live").hidden`)
	w.change("mysql", func(s *model.ServiceStatus) { s.State, s.Problem = model.StateOK, "" })
	w.tell(0, model.Event{Service: "mysql", Kind: model.EventRecovered, Rule: "failed port 3306 protocol mysql", Text: "port 3306 answers again"})
	until(t, ctx, `document.querySelector("#head .pill").textContent.includes("OK") && document.getElementById("why").textContent.includes("answers again")`)
	if ask[bool](t, ctx, `Boolean(document.querySelector(".alarm"))`) {
		t.Error("the problem is still there")
	}
}

func TestBrowserByKeyboard(t *testing.T) {
	_, _, ctx := inTown(t)
	do(t, ctx, chromedp.KeyEvent("\t"))
	if got := ask[string](t, ctx, `document.activeElement.className`); got != "skip" {
		t.Errorf("the first stop is %q", got)
	}
	do(t, ctx, chromedp.KeyEvent("/"))
	if got := ask[string](t, ctx, `document.activeElement.id`); got != "q" {
		t.Errorf("/ leads to %q", got)
	}
	ask[bool](t, ctx, `(document.getElementById("q").value = "", true)`) // a made-up key also types what the page kept from being typed
	do(t, ctx, chromedp.KeyEvent("redis"))
	until(t, ctx, `[...document.querySelectorAll(".service")].filter((row) => row.checkVisibility()).length === 1`)
	do(t, ctx, chromedp.KeyEvent("\r"))
	until(t, ctx, `location.search.includes("q=redis")`)
	// From the list on, Tab reaches the service and Enter opens it.
	ask[bool](t, ctx, `(document.getElementById("q").focus(), true)`)
	for range 20 {
		do(t, ctx, chromedp.KeyEvent("\t"))
		if ask[string](t, ctx, `document.activeElement.getAttribute("href") ?? ""`) == "/services/redis" {
			break
		}
	}
	outline := ask[string](t, ctx, `getComputedStyle(document.activeElement).outlineStyle`)
	do(t, ctx, chromedp.KeyEvent("\r"))
	until(t, ctx, `location.pathname === "/services/redis"`)
	if outline != "solid" {
		t.Errorf("where the keyboard is shows as %q", outline)
	}
}

// What the public is told is changed in a browser, with a script and without.
func TestBrowserChangesWhatThePublicIsTold(t *testing.T) {
	for name, on := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			w := town(time.Now())
			o := w.options()
			book := shop(t, w)
			o.Book = book
			server := httptest.NewServer(New(o))
			t.Cleanup(server.Close) // after the browser is gone, which holds connections open
			ctx := inChromium(t)
			do(t, ctx,
				scripts(on), chromedp.Navigate(server.URL+"/incidents/new"), logIn(), chromedp.WaitVisible("input[value='1'][name=component]"),
				chromedp.SendKeys("input[name=name]", "Slow checkout"), chromedp.Click("input[value='1'][name=component]"), chromedp.Click("button.main"),
				chromedp.WaitVisible("#story"), chromedp.SendKeys("textarea[name=message]", "We look into it."), chromedp.Click("button.main"),
				chromedp.WaitVisible("a[href='/incidents/1/updates/1/edit']"), chromedp.Click("a[href='/incidents/1/edit']"),
				chromedp.WaitVisible("textarea[name=afterwards]"), chromedp.SendKeys("textarea[name=afterwards]", "A disk was full."), chromedp.Click("button.main"),
				chromedp.WaitVisible("#afterwards .prose"),
			)
			if i := book.Read().Incident(1); i == nil || i.Name != "Slow checkout" || i.PostMortem != "A disk was full." || len(i.Updates) != 1 || len(i.Components) != 1 {
				t.Errorf("the incident is %+v", i)
			}
			do(t, ctx,
				chromedp.Click("a[href='/components']"), chromedp.WaitVisible("#components"), chromedp.Click("a[href='/components/2']"),
				chromedp.WaitVisible("input[name=link]"), chromedp.SendKeys("textarea[name=description]", "Orders."), chromedp.Click("form[action='/components/2'] button.main"),
				chromedp.WaitVisible("#component-2"), chromedp.Click("a[href='/components/2']"), chromedp.WaitVisible("input[name=link]"),
				chromedp.Click("form[action='/components/2/health'] button.main"), chromedp.WaitVisible("button[name=back]"),
			)
			if c := book.Read().Component(2); c.Description != "Orders." || c.Source != status.ByHand {
				t.Errorf("the component is %+v", c)
			}
			do(t, ctx,
				chromedp.Click("button[name=back]"), chromedp.WaitNotPresent("button[name=back]"), chromedp.Navigate(server.URL+"/incidents/1/delete"),
				chromedp.WaitVisible("button.grave"), chromedp.Click("button.grave"), chromedp.WaitVisible("#open .calm"),
			)
			if book.Read().Incident(1) != nil || book.Read().Component(2).Source != status.ByCheck {
				t.Error("something is there still")
			}
		})
	}
}

// No page is wider than a phone, at 360 pixels, and no control is without a name.
func TestBrowserOnAPhone(t *testing.T) {
	_, address, ctx := inTown(t)
	do(t, ctx, chromedp.Navigate(address+"/login"), logIn(), chromedp.WaitVisible("#services"), chromedp.EmulateViewport(360, 740))
	for _, path := range []string{
		"/", "/services/mysql", "/events", "/host", "/silences", "/silences/new", "/outbox", "/incidents", "/incidents/1", "/incidents/new", "/maintenance/new", "/services/mysql/restart",
		"/incidents/1/edit", "/incidents/1/updates/1/edit", "/maintenance/1", "/maintenance/1/edit", "/components", "/components/1", "/components/new", "/groups/1", "/subscribers",
	} {
		do(t, ctx, chromedp.Navigate(address+path))
		if wide := ask[int](t, ctx, `document.documentElement.scrollWidth`); wide > 360 {
			t.Errorf("%s is %d pixels wide", path, wide)
		}
		nameless := ask[[]string](t, ctx, `[...document.querySelectorAll("main a, main button, main input:not([type=hidden]), main select, main textarea, header a, header button")]
			.filter((e) => !(e.labels?.length || e.textContent.trim() || e.getAttribute("aria-label"))).map((e) => e.outerHTML)`)
		if len(nameless) > 0 {
			t.Errorf("%s has controls without a name: %q", path, nameless)
		}
		if got := ask[int](t, ctx, `document.querySelectorAll("h1").length`); got != 1 {
			t.Errorf("%s has %d titles", path, got)
		}
		if twice := ask[[]string](t, ctx, `[...document.querySelectorAll("[id]")].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(twice) > 0 {
			t.Errorf("%s has ids twice: %q", path, twice)
		}
	}
}

// What the policy refuses would be told here; nothing is.
func TestBrowserRefusesNothing(t *testing.T) {
	_, address, ctx := inTown(t)
	for _, path := range []string{"/", "/services/mysql", "/host", "/events", "/login"} {
		do(t, ctx, chromedp.Navigate(address+path))
		found := ask[[]string](t, ctx, `new Promise((done) => {
			const seen = [];
			new ReportingObserver((list) => seen.push(...list.map((r) => JSON.stringify(r.body))), { types: ["csp-violation"], buffered: true }).observe();
			addEventListener("securitypolicyviolation", (e) => seen.push(e.violatedDirective + " " + e.blockedURI));
			scrollTo(0, document.body.scrollHeight);
			setTimeout(() => done(seen), 300);
		})`)
		if len(found) > 0 {
			t.Errorf("%s breaks its own policy: %s", path, strings.Join(found, "; "))
		}
	}
}

// Where the bundle is built, a graph can be looked into.
func TestBrowserZooms(t *testing.T) {
	if !newAssets().has("graph.js") {
		t.Skip("the script of graphs is not built: make assets")
	}
	_, address, ctx := inTown(t)
	do(t, ctx, chromedp.Navigate(address+"/services/nginx"))
	ask[bool](t, ctx, `(document.getElementById("graphs").scrollIntoView(), true)`)
	until(t, ctx, `document.querySelector(".graph").querySelector(".plot .u-over")`)
	before := ask[float64](t, ctx, `document.querySelector(".graph").clientHeight`)
	zoomed := func() bool { // a plot that is just being put in place misses what is done to it
		box := ask[[]float64](t, ctx, `(() => {
			performance.clearResourceTimings();
			const box = document.querySelector(".graph .plot .u-over").getBoundingClientRect();
			return [box.left + box.width * 0.5, box.top + 20, box.left + box.width * 0.8];
		})()`)
		do(t, ctx, chromedp.DragAndDropXY(box[0], box[1], box[2], box[1]))
		return ask[bool](t, ctx, `new Promise((done) => {
			const look = (left) => {
				const found = performance.getEntriesByType("resource").some((e) => e.name.includes("graph.json") && e.name.includes("from="));
				if (found || left === 0) done(found);
				else setTimeout(look, 50, left - 1);
			};
			look(60);
		})`)
	}
	for tries := 10; !zoomed(); tries-- {
		if tries == 0 {
			t.Fatal("dragging over a graph does not fetch what is finer there")
		}
	}
	if after := ask[float64](t, ctx, `document.querySelector(".graph").clientHeight`); math.Abs(after-before) > 1 {
		t.Errorf("the graph was %v and is %v high", before, after)
	}
}
