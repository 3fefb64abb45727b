package web

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
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

// TestPictures takes the pictures of the documentation. They are of a made-up company.
func TestPictures(t *testing.T) {
	if !*update {
		t.Skip("pictures are taken with -update")
	}
	now := time.Now()
	o := town(now).options()
	o.Book = newLibrary("Checkout is slow")
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
	} {
		err := chromedp.Do(ctx,
			chromedp.EmulateViewport(p.width, p.height),
			prefer(p.scheme),
			chromedp.Navigate(server.URL+p.path),
			chromedp.WaitVisible("#live"),
		)
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
