package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	tabs "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"orderly/internal/model"
	"orderly/internal/status"
)

// A witness notes what a browser asks for.
type witness struct {
	http.Handler
	mu    sync.Mutex
	asked []*http.Request
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.asked = append(w.asked, r)
	w.mu.Unlock()
	w.Handler.ServeHTTP(rw, r)
}

// of lists the requests of a path.
func (w *witness) of(path string) (found []*http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.asked {
		if r.URL.Path == path {
			found = append(found, r)
		}
	}
	return found
}

// ownTime has the pages that are opened from now on go by a clock of their own: minutes pass when minutes(n) is called there, and what
// a page does in time is done when that returns.
func ownTime() chromedp.Action[chromedp.Void] {
	const clock = `{
		const timers = [], now = Date.now;
		let passed = 0;
		Date.now = () => now() + passed;
		window.setInterval = (f, ms) => timers.push({ f, ms });
		window.minutes = (n) => { passed += n * 60000; timers.forEach(({ f, ms }) => { for (let t = ms; t <= n * 60000; t += ms) f(); }); };
	}`
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, tabs.AddScriptToEvaluateOnNewDocument, tabs.AddScriptToEvaluateOnNewDocumentParams{Source: clock})
		return err
	})
}

// The sparklines of services that stay as they are go on as well: those that can be seen, with one request a minute, and none
// while nobody looks at the page.
func TestBrowserLinesGoOn(t *testing.T) {
	w := city(time.Now(), 1000)
	seen := &witness{Handler: New(w.options())}
	server := httptest.NewServer(seen)
	t.Cleanup(server.Close) // after the browser is gone, which holds connections open
	ctx := inChromium(t)
	do(t, ctx, ownTime(), chromedp.EmulateViewport(1280, 1000), chromedp.Navigate(server.URL+"/?state=ok"))
	until(t, ctx, `!document.getElementById("live").hidden`)
	const line = `document.querySelector("#services .spark path").getAttribute("d")`
	before := ask[string](t, ctx, line)
	name := ask[string](t, ctx, `document.querySelector("#services .service").dataset.service`)

	w.measure(time.Hour)
	ask[bool](t, ctx, `(minutes(1), true)`)
	until(t, ctx, line+` !== "`+before+`"`)
	asked := seen.of("/sparks")
	if len(asked) != 1 {
		t.Fatalf("in a minute, lines were asked for %d times", len(asked))
	}
	if names := asked[0].URL.Query()["name"]; len(names) < 5 || len(names) > 50 || names[0] != name {
		t.Errorf("the lines of %d services were asked for, the first of %q, not of %q", len(names), names[0], name)
	}
	if rows := seen.of("/rows"); len(rows) > 0 {
		t.Errorf("rows that stay as they are were asked for: %s", rows[0].URL)
	}

	show := func(shown bool, minutes int) {
		t.Helper()
		ask[bool](t, ctx, fmt.Sprintf(`(Object.defineProperty(document, "hidden", { value: %t, configurable: true }),
			document.dispatchEvent(new Event("visibilitychange")), minutes(%d), true)`, !shown, minutes))
	}
	before = ask[string](t, ctx, line)
	w.measure(time.Hour)
	show(false, 5)
	show(true, 0)
	until(t, ctx, line+` !== "`+before+`"`)
	if n := len(seen.of("/sparks")); n != 2 {
		t.Errorf("in five minutes out of sight and when it came back, lines were asked for %d times", n-1)
	}
}

// Graphs go on by themselves: the drawing of the server, and where the bundle is built, what a script has made of it.
func TestBrowserGraphsGoOn(t *testing.T) {
	for name, c := range map[string]struct{ drawn, picture string }{
		"drawing": {`figure.querySelector(":scope > svg .line")`, `figure.querySelector(":scope > svg .line").getAttribute("d")`},
		"plot":    {`figure.querySelector(".plot canvas")`, `figure.querySelector(".plot canvas").toDataURL()`},
	} {
		t.Run(name, func(t *testing.T) {
			w := town(time.Now())
			o := w.options()
			h := http.Handler(New(o))
			if bundle := newAssets().path("graph.js"); name == "drawing" {
				h = without(h, bundle)
			} else if bundle == "" {
				t.Skip("the script of graphs is not built: make assets")
			}
			server := httptest.NewServer(h)
			t.Cleanup(server.Close) // after the browser is gone, which holds connections open
			ctx := inChromium(t)
			do(t, ctx, ownTime(), chromedp.Navigate(server.URL+"/services/nginx"))
			ask[bool](t, ctx, `(document.getElementById("graphs").scrollIntoView(), window.figure = document.querySelector("[data-graph]"), true)`)
			until(t, ctx, `!document.getElementById("live").hidden && `+c.drawn)
			before := ask[string](t, ctx, c.picture)

			w.measure(4 * time.Hour)
			ask[bool](t, ctx, `(minutes(1), true)`)
			w.change("nginx", func(*model.ServiceStatus) {})
			until(t, ctx, `figure.isConnected && `+c.picture+` !== "`+before+`"`)
		})
	}
}

// without is a server that lacks one file.
func without(h http.Handler, path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// What somebody tells the public is on the pages of everybody else who looks, also what was not there before and what is gone.
func TestBrowserFollowsWhatThePublicIsTold(t *testing.T) {
	w := town(time.Now())
	o := w.options()
	book := shop(t, w)
	o.Book = book
	server := httptest.NewServer(New(o))
	t.Cleanup(server.Close) // after the browser is gone, which holds connections open
	ctx := inChromium(t)
	ann := status.Actor{Name: "ann", Scope: model.ScopeManage}
	visit := func(path string) {
		t.Helper()
		do(t, ctx, chromedp.Navigate(server.URL+path))
		until(t, ctx, `!document.getElementById("live").hidden`)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	visit("/incidents")
	_, err := book.OpenIncident(t.Context(), ann, func(i *status.Incident) {
		i.Name, i.Phase, i.Visible = "Slow checkout", status.Investigating, true
	})
	must(err)
	until(t, ctx, `document.getElementById("open").textContent.includes("Slow checkout")`)
	plan, err := book.SaveSchedule(t.Context(), ann, 0, func(s *status.Schedule) {
		s.Name, s.At, s.Until = "New disks", time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	})
	must(err)
	until(t, ctx, `document.querySelector("#open + #planned")?.textContent.includes("New disks")`)
	must(book.DeleteSchedule(t.Context(), ann, plan.ID))
	until(t, ctx, `!document.getElementById("planned")`)

	visit("/incidents/1")
	_, err = book.ChangeIncident(t.Context(), ann, 1, func(i *status.Incident) { i.PostMortem = "A disk was full." })
	must(err)
	until(t, ctx, `document.querySelector("#story + #afterwards")?.textContent.includes("A disk was full.")`)

	visit("/components")
	_, err = book.SaveComponent(t.Context(), ann, 1, status.How{}, func(c *status.Component) { c.Name = "Storefront" })
	must(err)
	until(t, ctx, `document.getElementById("components").textContent.includes("Storefront")`)
}
