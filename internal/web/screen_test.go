package web

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"orderly/internal/model"
	"orderly/internal/status"
)

var update = flag.Bool("update", false, "take the pictures in docs/img again")

// inChromium returns a page of a real browser, or skips the test where there is none.
func inChromium(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" || testing.Short() {
		t.Skip("there is no Chromium here")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("force-color-profile", "srgb"))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Skip("Chromium does not start here: ", err)
	}
	return ctx
}

// prefer has the browser like light or dark.
func prefer(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	})
}

// gallery is what a made-up company tells the public.
func gallery(t *testing.T) *status.Book {
	t.Helper()
	b, err := status.Open(t.Context(), status.Options{Keeper: drawer{}})
	if err != nil {
		t.Fatal(err)
	}
	var services []*model.Service
	for _, s := range []struct{ service, name, group, about string }{
		{"nginx", "Website", "Shop", "Everything that customers see"},
		{"app", "Checkout", "Shop", "Baskets and payment"},
		{"mysql", "Orders", "Shop", ""},
		{"redis", "Search", "Shop", ""},
		{"postfix", "Mail", "Office", "In and out"},
		{"backup", "Backups", "Office", ""},
	} {
		services = append(services, &model.Service{
			Name: s.service, Kind: model.KindProcess, Face: &model.Face{Component: s.name, Group: s.group, Description: s.about},
		})
	}
	b.Configure(model.DefaultStatusPage(), services, "web1")
	ann := status.Actor{Name: "ann", Scope: model.ScopeManage}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range services {
		b.Checked(model.Checked{Service: one, At: time.Now(), State: model.StateOK, Holds: time.Hour})
	}
	_, err = b.OpenIncident(t.Context(), ann, func(i *status.Incident) {
		i.Name, i.Message, i.Phase = "Checkout is slow", "Payments take up to a minute.", status.Investigating
		i.Occurred, i.Components = time.Now().Add(-47*time.Minute), []status.Affected{{Component: 2, Health: status.Partial}}
		i.PostMortem = "The new index was missing on the second database. It is part of every deployment from now on."
	})
	must(err)
	for _, u := range []status.Update{
		{Phase: status.Identified, Message: "A query of the basket waits for the database. We add what it lacks."},
		{Phase: status.Identified, Message: "db2 has no index basket_owner.", Private: true},
		{Phase: status.Fixed, Message: "Payments are as fast as before."},
	} {
		_, err := b.AddUpdate(t.Context(), ann, 1, func(n *status.Update) { n.Phase, n.Message, n.Private = u.Phase, u.Message, u.Private })
		must(err)
	}
	_, err = b.SaveComponent(t.Context(), ann, 2, status.How{Until: time.Now().Add(4 * time.Hour)}, func(c *status.Component) { c.Health = status.Degraded })
	must(err)
	_, err = b.SaveSchedule(t.Context(), ann, 0, func(s *status.Schedule) {
		s.Name, s.At, s.Until, s.Components = "Move of the mail server", time.Now().Add(20*time.Hour), time.Now().Add(21*time.Hour), []status.Affected{{Component: 5}}
	})
	must(err)
	return b
}

// TestPictures takes the pictures of the documentation. They are of a made-up company.
func TestPictures(t *testing.T) {
	if !*update {
		t.Skip("pictures are taken with -update")
	}
	now := time.Now()
	o := town(now).options()
	o.Book = gallery(t)
	server := httptest.NewServer(New(o))
	t.Cleanup(server.Close) // after the browser is gone, which holds connections open
	ctx := inChromium(t)
	dir := filepath.Join("..", "..", "docs", "img")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		name, path, scheme string
		width, height      int64
	}{
		{"dashboard-light", "/", "light", 1280, 1060},
		{"dashboard-dark", "/", "dark", 1280, 1060},
		{"dashboard-phone", "/", "light", 390, 1100},
		{"service-light", "/services/mysql", "light", 1280, 1560},
		{"service-dark", "/services/mysql", "dark", 1280, 1560},
		{"service-phone", "/services/mysql", "dark", 390, 1900},
		{"host-light", "/host", "light", 1280, 1060},
		{"events-dark", "/events", "dark", 1280, 1000},
		{"incident-light", "/incidents/1", "light", 1280, 860}, // from here on somebody has logged in
		{"components-dark", "/components", "dark", 1280, 760},
		{"component-phone", "/components/2", "light", 390, 1180},
	} {
		steps := []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(p.width, p.height), prefer(p.scheme), chromedp.Navigate(server.URL + p.path)}
		if p.name == "incident-light" {
			steps = append(steps, chromedp.Navigate(server.URL+"/login?next="+p.path), logIn(), chromedp.WaitVisible("#story"))
		}
		steps = append(steps, chromedp.WaitVisible("#main"))
		if p.path == "/" || strings.HasPrefix(p.path, "/services/") {
			steps = append(steps, chromedp.WaitVisible("#live"))
		}
		err := chromedp.Do(ctx, steps...)
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, p.name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
