package public

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/status"
)

// The owner's logo, colour, style sheet and texts are on the page (P-227), and nothing of them that is no such thing.
func TestOwnLooks(t *testing.T) {
	w := shop(t)
	dir := t.TempDir()
	logo, style := filepath.Join(dir, "logo.png"), filepath.Join(dir, "own.css")
	for name, text := range map[string]string{logo: "PNG", style: "main { margin: 0 }"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if w.get("/logo").Code != http.StatusNotFound || strings.Contains(w.body("/"), "own.css") {
		t.Error("there is a logo or a style sheet that nobody configured")
	}
	w.page.Logo, w.page.CSS, w.page.Color, w.page.Footer = logo, style, "#fe0", "[Imprint](https://example.org/imprint)<b>"
	w.configure()
	page := w.body("/")
	for _, want := range []string{`<img src="./logo" alt="Example status">`, `href="./own.css"`, `href="https://example.org/imprint"`, "&lt;b&gt;", "We keep this page honest"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	rec := w.get("/logo")
	if rec.Body.String() != "PNG" || rec.Header().Get("Content-Type") != "image/png" || !strings.Contains(rec.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the logo is %s with %v", rec.Body, rec.Header())
	}
	sheet := w.body("/own.css")
	if !strings.Contains(sheet, "main { margin: 0 }") || !strings.Contains(sheet, "[data-theme=dark]{--accent:#ffee00}") {
		t.Errorf("the style sheet is %s", sheet)
	}
	light := regexp.MustCompile(`^:root\{--accent:(#[0-9a-f]{6})\}`).FindStringSubmatch(sheet)
	if light == nil || contrast(rgb(light[1]), rgb(lightGround)) < legible {
		t.Errorf("a yellow link cannot be read on white: %s", sheet)
	}
	w.page.Logo, w.page.Color = style, "red;}*{display:none"
	w.configure()
	if w.get("/logo").Code != http.StatusNotFound || strings.Contains(w.body("/own.css"), "display") {
		t.Error("a style sheet is a logo, or a colour is a style sheet")
	}
}

// Visitors choose light, dark or neither, and a language (P-229, P-230).
func TestPreferences(t *testing.T) {
	w := shop(t)
	if strings.Contains(w.body("/"), "data-theme") {
		t.Error("a theme is set that nobody chose")
	}
	rec := w.post("/preferences", "theme=dark&language=en&next=history")
	cookies := rec.Result().Cookies()
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "./history" || len(cookies) != 2 {
		t.Fatalf("%d to %s with %v", rec.Code, rec.Header().Get("Location"), cookies)
	}
	for _, c := range cookies {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "" {
			t.Errorf("the cookie %s", c)
		}
	}
	if page := w.body("/", "Cookie: page_theme=dark"); !strings.Contains(page, `<html lang="en" data-theme="dark">`) || !strings.Contains(page, `<option value="dark" selected>`) {
		t.Error("it is not dark")
	}
	if strings.Contains(w.body("/", `Cookie: page_theme="><script>`), "data-theme") {
		t.Error("any theme is one")
	}
	for next, want := range map[string]string{"https://example.org": "./", "//example.org": "./", "../x": "./", "component/1": "./component/1", "a\r\nb": "./"} {
		if rec := w.post("/preferences", "next="+strings.ReplaceAll(next, "\r\n", "%0d%0a")); rec.Header().Get("Location") != want {
			t.Errorf("after %q it goes to %q", next, rec.Header().Get("Location"))
		}
	}
	if style := w.body("/assets/" + assetOf(t, w, "page.css")); !strings.Contains(style, "prefers-color-scheme:dark") && !strings.Contains(style, "prefers-color-scheme: dark") {
		t.Error("it does not follow the browser")
	}
}

// assetOf is the name of a file as pages lead to it.
func assetOf(t *testing.T, w *world, name string) string {
	t.Helper()
	base, end, _ := strings.Cut(name, ".")
	m := regexp.MustCompile(`assets/(` + base + `[^"]*\.` + end + `)"`).FindStringSubmatch(w.body("/"))
	if m == nil {
		t.Fatalf("the page does not lead to %s", name)
	}
	return m[1]
}

var leads = regexp.MustCompile(`(href|src|action)="([^"#]*)"`)

// The page works at any address and below any path: its links are relative, and those for others are of the configured address
// or of the one that was asked for (P-234).
func TestAnywhere(t *testing.T) {
	w := shop(t)
	for _, path := range []string{"/", "/incidents/2", "/component/1", "/history", "/subscribe"} {
		for _, m := range leads.FindAllStringSubmatch(w.body(path), -1) {
			own := strings.HasPrefix(m[2], "./") || strings.HasPrefix(m[2], "../") || strings.HasPrefix(m[2], "?")
			if !own && m[2] != "https://example.org/search" && m[2] != "https://status.example.org"+path {
				t.Errorf("%s leads to %s", path, m[2])
			}
		}
	}
	home := func(path string, headers ...string) string {
		var f struct {
			Home string `json:"home_page_url"`
		}
		if err := json.Unmarshal([]byte(w.body(path, headers...)), &f); err != nil {
			t.Fatal(err)
		}
		return f.Home
	}
	if got := home("/page/feed.json", "Host: evil.example.net"); got != "https://status.example.org/" {
		t.Errorf("the address is configured, and feeds are of %s", got)
	}
	w.page.URL = ""
	w.configure()
	for _, c := range []struct{ path, host, want string }{
		{"/feed.json", "status.example.net:8080", "http://status.example.net:8080/"},
		{"/page/feed.json", "[::1]:2812", "http://[::1]:2812/page/"},
		{"/feed.json", `x"><script>`, "http://localhost/"},
	} {
		if got := home(c.path, "Host: "+c.host); got != c.want {
			t.Errorf("%s of %s is of %s, not %s", c.path, c.host, got, c.want)
		}
	}
}

// Times are of the page's zone, with that of everywhere beside them (P-231); everything is there before a script runs (P-232).
func TestPlainPage(t *testing.T) {
	w := shop(t)
	page := w.body("/")
	times := regexp.MustCompile(`<time datetime="([^"]*)" title="([^"]*)">([^<]*)</time>`).FindAllStringSubmatch(page, -1)
	for _, m := range times {
		at, err := time.Parse(time.RFC3339, m[1])
		local := at.In(zoneOf(w.book.Read()))
		if err != nil || at.Location() != time.UTC || m[2] != at.Format("2006-01-02 15:04 UTC") || !strings.HasSuffix(m[3], local.Format("15:04 MST")) {
			t.Errorf("a time is %q", m)
		}
	}
	if len(times) < 5 {
		t.Errorf("there are %d times", len(times))
	}
	if scripts := regexp.MustCompile(`<script[^>]*>`).FindAllString(page, -1); len(scripts) != 1 || !strings.HasPrefix(scripts[0], `<script type="module" src="./assets/`) {
		t.Errorf("there are the scripts %q", scripts)
	}
	if m := regexp.MustCompile(` (on[a-z]+|style)=`).FindString(page); m != "" {
		t.Errorf("there is%s in a page that may have none", m)
	}
	for _, c := range w.book.Read().Seen(true) {
		row := regexp.MustCompile(`(?s)<li id="component-` + text(c.ID) + `">.*?</li>`).FindString(page)
		word := languages[usual].T(healthKeys[c.Health])
		if !strings.Contains(row, ">"+c.Name+"</a>") || !strings.Contains(row, word) || strings.Count(row, "<path class=") != barDays {
			t.Errorf("%s has the row %s", c.Name, row)
		}
	}
}

// A day of which nothing is known is grey (P-205, P-242).
func TestGrades(t *testing.T) {
	w := shop(t)
	page := w.body("/")
	young := regexp.MustCompile(`(?s)<li id="component-` + text(w.component("Webhooks").ID) + `">.*?</li>`).FindString(page)
	if n := strings.Count(young, `<path class="none"`); n != barDays-31 {
		t.Errorf("of %d days of which nothing is known %d are grey", barDays-31, n)
	}
	paid := regexp.MustCompile(`(?s)<li id="component-` + text(w.component("Payments").ID) + `">.*?</li>`).FindString(page)
	if !regexp.MustCompile(`<title>[^<]*\nPayments were refused</title>`).MatchString(paid) {
		t.Errorf("the day of an incident does not say so (P-207): %s", paid)
	}
}

// The icon is of how everything is (P-228).
func TestIconFollows(t *testing.T) {
	w := newWorld(t, service("Shop", ""))
	for health, want := range map[status.Health]string{status.Operational: "ok", status.Degraded: "degraded", status.Major: "major", status.Unknown: "unknown"} {
		w.say("Shop", health)
		if !strings.Contains(w.body("/"), `href="./favicon/`+want+`.svg"`) {
			t.Errorf("the icon is not %s", want)
		}
	}
}

// Who has a page gets it again only when it has changed, which is at once (P-241).
func TestUnchangedIsNotSentAgain(t *testing.T) {
	w := shop(t)
	for _, path := range []string{"/", "/summary.json", "/atom"} {
		first := w.get(path)
		tag := first.Header().Get("ETag")
		if rec := w.get(path, "If-None-Match: "+tag); rec.Code != http.StatusNotModified || rec.Body.Len() > 0 {
			t.Errorf("GET %s with its tag: %d", path, rec.Code)
		}
		w.outage("Mail", "News of "+path)
		if rec := w.get(path, "If-None-Match: "+tag); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "News of "+path) {
			t.Errorf("GET %s does not tell what is new: %d", path, rec.Code)
		}
	}
}

// A page that is open hears when something changes, and only then (P-239).
func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service("Shop", ""))
		ctx, stop := context.WithCancel(t.Context())
		rec := httptest.NewRecorder()
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.site.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, "/live", nil))
		}()
		time.Sleep(10 * lookOut)
		w.outage("Shop", "The shop is shut")
		time.Sleep(10 * lookOut)
		stop()
		<-done
		if text := rec.Body.String(); strings.Count(text, "event: changed") != 1 || rec.Header().Get("Content-Type") != "text/event-stream" || strings.Contains(text, "shut") {
			t.Errorf("it hears %v %q", rec.Header(), text)
		}
	})
}

var paints = regexp.MustCompile(`--([a-z]+): (#[0-9a-f]{6});`)

// Every text can be read on what is behind it, light and dark (P-233); the dark palette is written twice and must be one.
func TestContrast(t *testing.T) {
	sheet, err := os.ReadFile("assets/page.css")
	if err != nil {
		t.Fatal(err)
	}
	var palettes []map[string]string
	for block := range strings.SplitSeq(string(sheet), "{") {
		p := map[string]string{}
		for _, m := range paints.FindAllStringSubmatch(block, -1) {
			p[m[1]] = m[2]
		}
		if len(p) > 5 {
			palettes = append(palettes, p)
		}
	}
	if len(palettes) != 3 || !maps.Equal(palettes[1], palettes[2]) {
		t.Fatalf("there are %d palettes, or two dark ones: %v", len(palettes), palettes)
	}
	for n, p := range palettes {
		for _, name := range []string{"ink", "soft", "accent", "ok", "degraded", "partial", "major", "unknown", "maintenance"} {
			for _, ground := range []string{"ground", "surface"} {
				if c := contrast(rgb(p[name]), rgb(p[ground])); c < legible {
					t.Errorf("palette %d: %s on %s has a contrast of %.2f", n, name, ground, c)
				}
			}
		}
	}
}

// Only what is made for frames may be in one, and only in those of sites that are configured (P-225).
func TestFrames(t *testing.T) {
	w := shop(t)
	w.page.Frames = []string{"https://www.example.org"}
	w.configure()
	head := w.get("/embed").Header()
	if !strings.HasSuffix(head.Get("Content-Security-Policy"), "frame-ancestors 'self' https://www.example.org") || head.Get("X-Frame-Options") != "" {
		t.Errorf("what is for frames has %v", head)
	}
	head = w.get("/").Header()
	if !strings.HasSuffix(head.Get("Content-Security-Policy"), "frame-ancestors 'none'") || head.Get("X-Frame-Options") != "DENY" {
		t.Errorf("what is not has %v", head)
	}
}

// What was learned is told with the incident (P-204).
func TestPostMortem(t *testing.T) {
	w := shop(t)
	i := w.incident(func(i *status.Incident) {
		i.Name, i.Message, i.Visible, i.Phase, i.PostMortem = "Over", "It is.", true, status.Fixed, "A *fuse* was too small."
	})
	for _, path := range []string{"/", "/" + incidentPath(i.ID)} {
		_, told, _ := strings.Cut(w.body(path), ">What we learned</h")
		if !strings.Contains(told, "<p>A <em>fuse</em> was too small.</p>") {
			t.Errorf("%s does not tell what was learned", path)
		}
	}
}
