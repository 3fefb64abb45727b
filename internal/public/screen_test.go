package public

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

var update = flag.Bool("update", false, "take the pictures in docs/img again, and write golden files")

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
	server := httptest.NewServer(shop(t).site)
	t.Cleanup(server.Close) // after the browser is gone, which holds connections open
	ctx := inChromium(t)
	dir := filepath.Join("..", "..", "docs", "img")
	for _, p := range []struct {
		name, path, scheme string
		width              int64
		scale              float64
	}{
		{"status-light", "/", "light", 1100, 1},
		{"status-dark", "/", "dark", 1100, 1},
		{"status-phone", "/", "light", 390, 2},
		{"status-component", "/component/1", "light", 1100, 1},
	} {
		err := chromedp.Do(ctx,
			chromedp.EmulateViewport(p.width, 800, chromedp.EmulateScale(p.scale)),
			prefer(p.scheme),
			chromedp.Navigate(server.URL+p.path),
			chromedp.WaitVisible("#main"),
		)
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, p.name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
