package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// evil is what somebody could have got into a name, an output or a reason.
const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>'{{.}}` + "`javascript:alert(3)"

// evilWorld says it wherever it can.
func evilWorld() *world {
	now := time.Now()
	w := newWorld(now)
	w.status.Host = evil
	w.add(model.ServiceStatus{
		Name: evil, Kind: evil, State: model.StateFailing, Since: now, Groups: []string{evil}, Problem: evil, Silenced: evil, Acked: evil,
		GaveUp: evil, Needs: evil, Doing: evil, Rules: []model.RuleStatus{{Text: evil, State: model.RuleFailing, Value: evil, Summary: evil}},
	}, nil, model.Output, evil, model.Metric(evil), 3.0)
	w.add(model.ServiceStatus{Name: "acting", State: model.StateActing, Doing: evil, Kind: model.KindSystem}, nil, model.Load1, 1.0)
	w.tell(time.Minute, model.Event{
		Service: evil, Kind: model.EventFailed, Rule: evil, Text: evil, Action: evil, Evidence: evil, Diagnosis: evil, Silenced: evil,
		Failure: &model.Failure{Bad: 2, Affects: []string{evil}},
	})
	w.tell(time.Second, model.Event{Service: evil, Kind: model.EventActionFailed, Action: evil, Text: evil, Evidence: evil})
	w.tell(0, model.Event{Kind: evil, Text: evil})
	w.silenced = []model.Silence{{ID: evil, Names: []string{evil}, Reason: evil, By: evil, From: now, Until: now.Add(time.Hour)}}
	w.status.Ailing = []model.Ailment{{Channel: evil, Address: evil, Error: evil, Since: now}}
	return w
}

// pagesOf are the addresses of every page that reads.
func pagesOf(w *world) []string {
	of := servicePath(w.status.Services[0].Name)
	return []string{
		"/", "/rows?name=" + strings.ReplaceAll(of[len("/services/"):], "+", "%2B"), "/sparks?name=" + of[len("/services/"):], "/events", "/host", "/silences", "/silences/new", "/outbox", "/accounts", of, of + "/restart",
		of + "/acknowledge", "/logout", "/incidents", "/incidents/new", "/maintenance/new", "/incidents/1", "/incidents/1/edit",
		"/incidents/1/delete", "/incidents/1/take", "/incidents/1/return", "/incidents/1/updates/1/edit", "/incidents/1/updates/1/delete", "/maintenance/1",
		"/maintenance/1/edit", "/maintenance/1/end", "/maintenance/1/delete", "/maintenance/1/updates/3/edit", "/maintenance/1/updates/3/delete",
		"/components", "/components/new", "/components/1", "/components/1/delete", "/groups/new", "/groups/1", "/groups/1/delete", "/subscribers",
		"/subscribers/1/delete", "/incidents/new?template=" + url.QueryEscape(evil),
		"/silences/" + of[len("/services/"):] + "/end", "/nowhere",
	}
}

func TestNothingIsMarkup(t *testing.T) {
	w := evilWorld()
	o := w.options()
	o.Book = newLibrary(evil)
	b := open(t, o)
	b.login("root", "of all")
	addresses := append(pagesOf(w), "/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&state=%22%3E%3Cscript%3E&group=%3Cscript%3Ealert(1)", "/events?service=%22%3E%3Cscript%3Ealert(1)&q=%3Cimg%20src=x",
		"/services/x?asked=%3Cscript%3E", "/silences/new?service=%22%3E%3Cscript%3Ealert(1)")
	for _, path := range addresses {
		body := b.get(path).Body.String()
		for _, bad := range []string{"<script>alert", "<img src", `<script>"`, "onerror=alert(2)>'"} {
			if i := strings.Index(body, bad); i >= 0 {
				t.Errorf("GET %s has %q: …%s…", path, bad, body[max(0, i-80):min(len(body), i+40)])
			}
		}
		if strings.Contains(body, `href="javascript`) || strings.Contains(body, "ZgotmplZ") {
			t.Errorf("GET %s has an address of a script", path)
		}
	}
}

// Strict headers on every reply, errors and assets included (P-235 is about the public page; this one has no less).
func TestHeaders(t *testing.T) {
	b := open(t, town(time.Now()).options())
	for _, path := range []string{"/", "/events", "/nowhere", "/services/mysql", "/login", "/assets/nothing.css", newAssets().path("app.css"), "/rows?name=mysql", "/sparks?name=mysql", "/services/mysql/graph.json"} {
		h := b.get(path).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
		} {
			if h.Get(name) != want {
				t.Errorf("GET %s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	for _, page := range []string{"/", "/services/mysql", "/events", "/host"} {
		body := b.page(page)
		for _, bad := range []string{" style=", "<style", " onclick=", "javascript:"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q, which the policy refuses", page, bad)
			}
		}
	}
}

// changes are the requests that change something.
var changes = []string{
	"/services/mysql/restart", "/services/mysql/stop", "/services/mysql/start", "/services/mysql/check", "/services/mysql/unmonitor", "/services/mysql/acknowledge",
	"/silences", "/silences/1/end", "/incidents", "/incidents/1", "/maintenance", "/maintenance/1/end",
	"/incidents/1/edit", "/incidents/1/delete", "/incidents/1/take", "/incidents/1/return", "/incidents/1/updates/1/edit", "/incidents/1/updates/1/delete",
	"/maintenance/1", "/maintenance/1/edit", "/maintenance/1/delete", "/maintenance/1/updates/3/edit", "/maintenance/1/updates/3/delete",
	"/components", "/components/1", "/components/1/health", "/components/1/move", "/components/1/delete", "/groups", "/groups/1", "/groups/1/move",
	"/groups/1/delete", "/subscribers/1/delete",
}

func TestChangesAreGuarded(t *testing.T) {
	w := town(time.Now())
	o := w.options()
	lib := newLibrary("a")
	o.Book = lib
	unchanged := func(who string) {
		t.Helper()
		if len(w.did) > 0 || len(w.silenced) > 0 || lib.writes > 0 {
			t.Fatalf("%s could change something: %v %v", who, w.did, w.silenced)
		}
	}
	b := open(t, o)
	for _, path := range changes {
		if got := b.post(path, "of", "all", "for", "1h").Code; got != http.StatusUnauthorized {
			t.Errorf("POST %s by nobody: %d", path, got)
		}
	}
	unchanged("nobody")
	b = open(t, o)
	b.login("bob", "battery staple") // may read
	for _, path := range changes {
		if got := b.post(path, "of", "all", "for", "1h").Code; got != http.StatusForbidden {
			t.Errorf("POST %s by somebody who may read: %d", path, got)
		}
	}
	unchanged("somebody who may read")
	b = open(t, o)
	b.login("eve", "only one thing") // may manage one component
	if got := b.post("/services/mysql/restart").Code; got != http.StatusForbidden {
		t.Errorf("an account for one component restarts a service: %d", got)
	}
	unchanged("an account for one component")
	b = open(t, o)
	b.login("ann", "correct horse")
	for _, path := range changes {
		if got := b.post(path, FormField, "forged").Code; got != http.StatusForbidden {
			t.Errorf("POST %s without what forms carry: %d", path, got)
		}
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(FormField+"="+formToken+"&of=all&for=1h"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if got := b.do(r).Code; got != http.StatusForbidden {
			t.Errorf("POST %s from another site: %d", path, got)
		}
		if got := b.get(path).Code; got >= 500 {
			t.Errorf("GET %s: %d", path, got)
		}
	}
	unchanged("another site")
}

func TestOddRequests(t *testing.T) {
	w := town(time.Now())
	b := open(t, w.options())
	b.login("ann", "correct horse")
	for _, path := range []string{
		"/services/", "/services/%2e%2e%2f%2e%2e", "/services/%00", "/services/mysql/nothing", "/services/mysql/graph.json", "/services/mysql/graph.json?from=9&to=3&metric=cpu",
		"/services/mysql/graph.json?from=0&to=99999999999999999999&metric=cpu", "/services/mysql/graph.json?from=0&to=9999999999999&metric=cpu", "/services/mysql/graph.json?from=0&to=9&points=99999999&metric=cpu",
		"/events?before=x", "/events?before=0.0", "/events?before=99999999999999999999.1", "/events?before=3.99999999999999999999", "/silences/9/end", "/assets/../web.go", "/assets/%2e%2e%2fweb.go", "/assets/",
		"/rows?" + strings.Repeat("name=x&", maxRows+1), "/incidents/x", "/incidents", "/maintenance/new",
	} {
		if got := b.get(path).Code; got < 300 || got >= 500 {
			t.Errorf("GET %s: %d", path, got)
		}
	}
	for _, path := range []string{"/?page=-1", "/?page=99999999999999999999", "/?q=" + strings.Repeat("x", 5000), "/events?sort=nothing", "/services/MYSQL", "/services/mysql?range=nothing", "/?state=nothing", "/events?before=7.-5"} {
		if got := b.get(path).Code; got != http.StatusOK {
			t.Errorf("GET %s: %d", path, got)
		}
	}
	if got := b.do(httptest.NewRequest(http.MethodDelete, "/services/mysql", nil)).Code; got != http.StatusNotFound {
		t.Errorf("DELETE: %d", got)
	}
	head := b.do(httptest.NewRequest(http.MethodHead, "/", nil))
	if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD /: %d, %d bytes", head.Code, head.Body.Len())
	}
	if got := b.post("/silences", "reason", strings.Repeat("x", maxForm)).Code; got != http.StatusRequestEntityTooLarge && got != http.StatusForbidden {
		t.Errorf("a form that is too large: %d", got)
	}
	if len(w.did) > 0 || len(w.silenced) > 0 {
		t.Errorf("something was done: %v %v", w.did, w.silenced)
	}
}

func TestNowhereElse(t *testing.T) {
	for next, want := range map[string]string{
		"/services/a%2Fb?range=1h": "/services/a%2Fb?range=1h", "": "/", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/",
		"/\tx": "/", "javascript:alert(1)": "/", "services": "/", "/%0d%0aX: y": "/%0D%0AX:%20y",
	} {
		if got := local(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}
