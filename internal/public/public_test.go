package public

import (
	"net/http"
	"strings"
	"testing"

	"orderly/internal/model"
	"orderly/internal/status"
)

// everything is each page there is of the shop, with its type and something that is on it.
var everything = []struct{ path, kind, text string }{
	{"/", "text/html", "Some systems are not at their best"},
	{"/?start_date=2020-01-01", "text/html", "Wednesday, 1 January 2020"},
	{"/incidents/2", "text/html", "An index is being rebuilt."},
	{"/schedules/1", "text/html", "read-only for a few minutes"},
	{"/component/1", "text/html", "Days with disruptions"},
	{"/history", "text/html", "Payments were refused"},
	{"/history?month=2026-01", "text/html", "January 2026"},
	{"/embed", "text/html", "Some systems are not at their best"},
	{"/embed?component=2", "text/html", "Search: Degraded"},
	{"/subscribe", "text/html", "E-mail address"},
	{"/component/2/shield?style=flat-square", "image/svg+xml", "Search: Degraded"},
	{"/badge/status.svg", "image/svg+xml", "Example status: Degraded"},
	{"/badge/status.json", "application/json", `"schemaVersion": 1`},
	{"/badge/1/status.svg", "image/svg+xml", "Shop: Operational"},
	{"/badge/1/uptime.svg?days=90", "image/svg+xml", "99.94%"},
	{"/badge/1/uptime.json", "application/json", `"label": "Shop"`},
	{"/atom", "application/atom+xml", "Search is slow"},
	{"/rss", "application/rss+xml", "Search is slow"},
	{"/feed.json", "application/feed+json", "Search is slow"},
	{"/atom/1", "application/atom+xml", "Example status: Website"},
	{"/rss/1", "application/rss+xml", "Example status: Website"},
	{"/component/2/atom", "application/atom+xml", "Example status: Search"},
	{"/calendar.ics", "text/calendar", "SUMMARY:New disks for the database"},
	{"/summary.json", "application/json", `"worst": "degraded"`},
	{"/api/v2/status.json", "application/json", `"indicator": "minor"`},
	{"/api/v2/summary.json", "application/json", `"scheduled_maintenances"`},
	{"/api/v2/components.json", "application/json", `"degraded_performance"`},
	{"/api/v2/incidents.json", "application/json", `"resolved"`},
	{"/api/v2/scheduled-maintenances.json", "application/json", `"scheduled"`},
	{"/metrics/1", "application/json", `"default_view": 1`},
	{"/metrics/1?filter=week", "application/json", `"items"`},
	{"/export.csv", "text/csv", ",Shop,86400,0,0,0,0,1.000000"},
	{"/export.json", "application/json", `"component": "Shop"`},
	{"/favicon.ico", "image/svg+xml", "#d99a1c"},
	{"/favicon/ok.svg", "image/svg+xml", "#1a9a58"},
	{"/robots.txt", "text/plain", "Disallow: /unsubscribe/"},
}

func TestEverything(t *testing.T) { // P-150, P-202..P-236
	w := shop(t)
	for _, below := range []string{"", "/page"} {
		for _, e := range everything {
			rec := w.get(below + e.path)
			if rec.Code != http.StatusOK || !strings.HasPrefix(rec.Header().Get("Content-Type"), e.kind) || !strings.Contains(rec.Body.String(), e.text) {
				t.Errorf("GET %s%s: %d %s, without %q", below, e.path, rec.Code, rec.Header().Get("Content-Type"), e.text)
			}
			if rec.Header().Get("ETag") == "" || rec.Header().Get("X-Content-Type-Options") != "nosniff" || rec.Header().Get("Referrer-Policy") == "" {
				t.Errorf("GET %s%s has the header %v", below, e.path, rec.Header())
			}
		}
	}
}

func TestNowhere(t *testing.T) {
	w := shop(t)
	for _, path := range []string{
		"/nothing", "/incidents/99", "/incidents/1x", "/incidents/01", "/incidents/-1", "/component/99999999999999999999", "/schedules/7", "/atom/9",
		"/component/9/rss", "/badge/1/secret.svg", "/badge/else.svg", "/badge/1/uptime.svg?days=3", "/badge/1/latency.svg", "/metrics/9", "/metrics/1?filter=year",
		"/?start_date=yesterday", "/?start_date=0001-01-01", "/history?month=2999-01", "/history?month=x", "/embed?component=7x", "/api/v2/secret.json",
		"/favicon/none.svg", "/logo", "/assets/../public.go", "/subscribe/manage/1", "/subscribe/verify/%20", "/incidents/%2e%2e%2f1",
	} {
		if rec := w.get(path); rec.Code != http.StatusNotFound && rec.Code != http.StatusTemporaryRedirect {
			t.Errorf("GET %s: %d", path, rec.Code)
		}
	}
}

// A badge tells how long the certificate of a component is good for: the one that ends first, to whom the latency is shown (P-223).
func TestCertificateBadge(t *testing.T) {
	site, plain := service("Shop", ""), service("Mail", "")
	site.Kind, plain.Kind, site.Face.Metric = model.KindHost, model.KindHost, true
	w := newWorld(t, site, plain)
	for _, c := range []struct {
		left    []float64
		message string
		color   status.Health
	}{
		{nil, "no data", status.Unknown},
		{[]float64{61.9}, "61 d", status.Operational},
		{[]float64{61.9, 29.99}, "29 d", status.Degraded},
		{[]float64{7, 61}, "7 d", status.Partial},
		{[]float64{6.99}, "6 d", status.Major},
		{[]float64{-0.5}, "-1 d", status.Major},
	} {
		w.past.left = map[string][]float64{site.Name: c.left, plain.Name: {3}}
		w.configure()
		if body := w.body("/badge/1/certificate.json"); !strings.Contains(body, `"message": "`+c.message+`"`) || !strings.Contains(body, badgeColors[c.color]) {
			t.Errorf("with %v days left it is %s", c.left, body)
		}
	}
	if body := w.body("/badge/1/certificate.svg"); !strings.Contains(body, "Shop: -1 d") {
		t.Errorf("as a picture it is %s", body)
	}
	if rec := w.get("/badge/2/certificate.svg"); rec.Code != http.StatusNotFound {
		t.Errorf("what is not shown is told: %d", rec.Code)
	}
}

// What others may not see is in nothing that they can ask for: neither what is private nor what is inside (P-212, P-235).
func TestNothingInternal(t *testing.T) {
	w := shop(t)
	for _, e := range everything {
		body := w.body(e.path)
		for _, secret := range []string{"unit-of-", "secret-host-17", "Backoffice", "Staff"} {
			if strings.Contains(body, secret) {
				t.Errorf("GET %s tells %q", e.path, secret)
			}
		}
	}
	id := w.component("Backoffice").ID
	for _, path := range []string{"/component/%d", "/component/%d/shield", "/badge/%d/status.svg", "/component/%d/atom"} {
		path = strings.ReplaceAll(path, "%d", text(id))
		if rec := w.get(path); rec.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, rec.Code)
		}
		w.user = true
		if rec := w.get(path); rec.Code != http.StatusOK {
			t.Errorf("GET %s for who has logged in: %d", path, rec.Code)
		}
		w.user = false
	}
	w.user = true
	rec := w.get("/")
	if body := rec.Body.String(); !strings.Contains(body, "Backoffice") || rec.Header().Get("Cache-Control") != "private, no-cache" {
		t.Errorf("who has logged in does not see the backoffice, or may keep it: %v", rec.Header())
	}
}

func BenchmarkCity(b *testing.B) {
	w := city(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		w.site.shelf = shelf{}
		b.SetBytes(int64(len(w.body("/"))))
	}
}
