package public

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"orderly/internal/status"
)

// onScreen serves a page to a real browser.
func onScreen(t *testing.T, w *world) (address string, ctx context.Context) {
	t.Helper()
	server := httptest.NewServer(w.site)
	t.Cleanup(server.Close) // after the browser is gone, which holds connections open
	return server.URL, inChromium(t)
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
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// withoutScripts has the browser run none of a page's.
func withoutScripts() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

// motley is a shop in which everything is otherwise, so that every word for a state is on its page.
func motley(t *testing.T) *world {
	w := shop(t)
	for name, health := range map[string]status.Health{
		"Search": status.Degraded, "Payments": status.Partial, "API": status.Major, "Webhooks": status.Unknown, "Mail": status.Maintenance,
	} {
		w.say(name, health)
	}
	i := w.outage("Payments", "Payments are refused")
	for _, phase := range []status.Phase{status.Identified, status.Watching} {
		w.update(i.ID, phase, "There is news of that.")
	}
	return w
}

// In no language is a page wider than a phone, at 360 pixels, or cut off (P-230, P-233).
func TestBrowserOnAPhone(t *testing.T) {
	w := motley(t)
	address, ctx := onScreen(t, w)
	do(t, ctx, withoutScripts(), chromedp.EmulateViewport(360, 740))
	for _, tag := range spoken {
		w.page.Language = tag
		w.configure()
		for _, path := range []string{"/", "/component/3", "/subscribe"} {
			do(t, ctx, chromedp.Navigate(address+path))
			if lang := ask[string](t, ctx, `document.documentElement.lang`); lang != languages[tag].Lang() {
				t.Fatalf("%s is in %s, not in %s", path, lang, tag)
			}
			if wide := ask[int](t, ctx, `document.documentElement.scrollWidth`); wide > 360 {
				t.Errorf("%s in %s is %d pixels wide", path, tag, wide)
			}
			if high := ask[float64](t, ctx, `document.querySelector(".brand").getBoundingClientRect().height`); high > 55 {
				t.Errorf("%s in %s breaks words of its title: it is %v pixels high", path, tag, high)
			}
			cut := ask[[]string](t, ctx, `[...document.querySelectorAll("body *:not(.unseen, .unseen *, .trap, .trap *, .skip, .strip *, .sprite, .sprite *, option)")]
				.filter((e) => { const box = e.getBoundingClientRect(); return box.width > 0 && (box.right > 360.5 || box.left < -0.5); }).map((e) => e.outerHTML.slice(0, 120))`)
			if len(cut) > 0 {
				t.Errorf("%s in %s is cut off: %q", path, tag, cut)
			}
		}
	}
}

// Without a script everything is there: how things are, what was, and the form with which people subscribe (P-232).
func TestBrowserWithoutScripts(t *testing.T) {
	w := motley(t)
	address, ctx := onScreen(t, w)
	do(t, ctx, withoutScripts(), chromedp.Navigate(address+"/"), chromedp.WaitVisible("#banner"))
	if got := ask[int](t, ctx, `[...document.querySelectorAll("#systems .rows > li")].filter((e) => e.checkVisibility()).length`); got != 6 {
		t.Errorf("%d components are seen", got)
	}
	if got := ask[bool](t, ctx, `document.querySelector("#group-1").open`); !got {
		t.Error("a group in which something is wrong is closed")
	}
	do(t, ctx,
		chromedp.Click("#group-1 summary"), chromedp.WaitReady("#group-1:not([open])"), // which the browser does by itself
		chromedp.Click("#group-1 summary"), chromedp.WaitReady("#group-1[open]"),
		chromedp.Click("#component-3 .name a"), chromedp.WaitVisible(".shares"),
		chromedp.Click("#past .card h3 a"), chromedp.WaitVisible("h1 + .under + #now .notes"),
		chromedp.Click(".back a"), chromedp.WaitVisible("#systems"),
		chromedp.Click(`header a[href="./history"]`), chromedp.WaitVisible("#past .card"),
	)
	if got := ask[string](t, ctx, `document.querySelector("time[title]").textContent`); !strings.HasSuffix(got, time.Now().In(zoneOf(w.book.Read())).Format("MST")) {
		t.Errorf("a time is %q", got)
	}
	do(t, ctx,
		chromedp.Click(`header a.button`), chromedp.WaitVisible("input[name=email]"),
		chromedp.SendKeys("input[name=email]", "ann@example.com"), chromedp.Click(`input[value="component-3"]`), chromedp.Click("main button.main"),
		chromedp.WaitVisible(".report"),
	)
	list := w.book.Read().Subscribers
	if len(list) != 1 || list[0].Email != "ann@example.com" || len(list[0].Subscriptions) != 1 || list[0].Subscriptions[0].Component != 3 {
		t.Errorf("who has subscribed is %+v", list)
	}
	do(t, ctx,
		chromedp.Click(".report a"), chromedp.WaitVisible("#systems"),
		chromedp.SetAttributes(`.preferences option[value="de"]`, map[string]string{"selected": ""}), chromedp.Click(".preferences button"),
		chromedp.WaitVisible(`html[lang="de"] #banner`),
	)
}
