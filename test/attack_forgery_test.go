package test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// stolen is what an attacker writes wherever they can.
const stolen = "taken over"

// loot are the fields of everything that can be changed, as an attacker would fill them.
var loot = []string{
	"name", stolen, "message", stolen, "reason", stolen, "description", stolen, "suffix", stolen, "email", "taken@example.org", "address", "taken@example.org", "text", stolen,
	"status", "2", "phase", "4", "health", "4", "visible", "1", "enabled", "0", "value", "7", "default_value", "7", "component_id", "2", "component_status", "2",
	"of", "all", "for", "1h", "service", markup, "component", "2", "at", "2030-01-01T00:00", "scheduled_at", "2030-01-01 00:00", "verify", "1", "id", "1",
}

// asJSON is the same as some scripts write it.
func asJSON() string {
	var parts []string
	for i := 0; i < len(loot); i += 2 {
		parts = append(parts, `"`+loot[i]+`":"`+strings.ReplaceAll(loot[i+1], `"`, `\"`)+`"`)
	}
	return "{" + strings.Join(parts, ",") + `,"kind":"stop","all":true}`
}

// Nothing changes when another site has the browser of somebody send something who has logged in, when a form is not one of ours, and when
// somebody sends it who has no account or may only read (Show 6).
func TestNobodyElseChangesAnything(t *testing.T) {
	x := besieged(t)
	me := x.login()
	before := x.belongings()
	for _, a := range []struct {
		name   string
		twists []twist
		open   bool // what is for everybody is for them as well
	}{
		{"another site, as browsers tell now", []twist{me.cookies, form(append(loot, "form_token", me.token)...), header("Sec-Fetch-Site", "cross-site")}, false},
		{"a neighbour of this site", []twist{me.cookies, form(append(loot, "form_token", me.token)...), header("Sec-Fetch-Site", "same-site")}, false},
		{"another site, as old browsers tell", []twist{me.cookies, form(append(loot, "form_token", me.token)...), header("Origin", "https://evil.example")}, false},
		{"a document without an origin", []twist{me.cookies, form(append(loot, "form_token", me.token)...), header("Origin", "null")}, false},
		{"another site with a password that the browser knows", []twist{withLogin, form(loot...), header("Sec-Fetch-Site", "cross-site")}, false},
		{"another site, JSON as a form", []twist{me.cookies, kind("text/plain"), saying(asJSON()), header("Origin", "https://evil.example")}, false},
		{"another site, JSON with a password", []twist{withLogin, kind("application/json"), saying(asJSON()), header("Origin", "https://evil.example")}, false},
		{"nobody, a form", []twist{form(loot...)}, true},
		{"nobody, JSON", []twist{kind("application/json"), saying(asJSON())}, true},
		{"who may read", []twist{func(r *http.Request) { r.SetBasicAuth("reader", attackPassword) }, kind("application/json"), saying(asJSON())}, true},
	} {
		for _, w := range ways(t) {
			if !w.changes() || a.open && isForAll(w) || strings.HasPrefix(w.path, "/ping/") { // who knows a key is its job
				continue
			}
			if got := x.ask(w, a.twists...); got.status < 400 || got.status >= 500 {
				t.Errorf("%s: %s: %d\n%.200s", a.name, w, got.status, got.body)
			}
		}
		if after := x.belongings(); after != before {
			t.Fatalf("%s could change something:\n%s\nbefore it was\n%s", a.name, after, before)
		}
	}
}

// isForAll tells whether a way is for everybody: who logs in, who has a key of a job, who wants to be told, who likes it dark.
func isForAll(w way) bool {
	path := strings.TrimPrefix(w.path, "/page")
	return strings.HasPrefix(path, "/ping/") || strings.HasPrefix(path, "/subscri") || path == "/login" || path == "/logout" || path == "/theme" || path == "/preferences"
}

// A form of somebody who has logged in says so; without that, or with that of another session, it counts for nothing.
func TestFormsAreOfTheirSession(t *testing.T) {
	x := besieged(t)
	me, other := x.login(), x.login()
	before := x.belongings()
	for _, w := range ways(t) {
		if w.door != "web" || !w.changes() || strings.HasPrefix(w.path, "/api/") || strings.HasPrefix(w.path, "/page/") || strings.HasPrefix(w.path, "/ping/") {
			continue
		}
		for _, token := range []string{"", "forged", other.token, me.token + "x"} {
			if got := x.ask(w, me.cookies, form(append(loot, "form_token", token)...)); got.status != http.StatusForbidden && got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
				t.Errorf("%s with the secret %q: %d", w, token, got.status)
			}
		}
	}
	if after := x.belongings(); after != before {
		t.Errorf("something has changed:\n%s\nbefore it was\n%s", after, before)
	}
	if got := x.ask(way{"web", http.MethodPost, "/silences"}, me.cookies, form("form_token", me.token, "of", "all", "for", "1h", "reason", "mine")); got.status != http.StatusSeeOther || !strings.Contains(x.belongings(), "mine") {
		t.Errorf("a form of ours: %d %.300s", got.status, got.body)
	}
}

// Looking changes nothing, whatever the address says, also for who may change everything.
func TestLookingChangesNothing(t *testing.T) {
	x := besieged(t)
	me := x.login()
	before := x.belongings()
	query := url.Values{"_method": {"DELETE"}, "form_token": {me.token}}
	for i := 0; i < len(loot); i += 2 {
		query.Add(loot[i], loot[i+1])
	}
	for _, w := range ways(t) {
		if strings.HasPrefix(w.path, "/ping/") {
			continue // where looking is the message
		}
		w.method = http.MethodGet
		w.path += "?" + query.Encode()
		x.ask(w, me.cookies, header("X-HTTP-Method-Override", "DELETE"), header("X-Http-Method", "POST"))
		x.ask(w, withLogin, header("X-HTTP-Method-Override", "DELETE"))
	}
	if after := x.belongings(); after != before {
		t.Errorf("something has changed:\n%s\nbefore it was\n%s", after, before)
	}
}

// guards are the headers that every answer has, whatever it is.
var guards = map[string]func(string) bool{
	"Content-Security-Policy": func(v string) bool {
		return strings.Contains(v, "default-src 'none'") && strings.Contains(v, "frame-ancestors ") && strings.Contains(v, "base-uri 'none'") && strings.Contains(v, "form-action ") &&
			(!strings.Contains(v, "unsafe") || strings.HasSuffix(v, "style-src 'unsafe-inline'; sandbox")) && !strings.Contains(v, "*")
	},
	"X-Content-Type-Options": func(v string) bool { return v == "nosniff" },
	"Referrer-Policy":        func(v string) bool { return v == "no-referrer" || v == "same-origin" },
	"Cache-Control":          func(v string) bool { return v != "" },
}

// Every answer of every door says what a browser may do with it, refusals included, and nobody else may show it in a frame, but for what is
// made for that (Show 6, P-225).
func TestEveryAnswerIsGuarded(t *testing.T) {
	x := besieged(t)
	me := x.login()
	for _, w := range ways(t) {
		if w.changes() && isForAll(w) && strings.HasSuffix(w.path, "/logout") {
			continue
		}
		for name, who := range map[string][]twist{
			"nobody": nil, "somebody": {me.cookies}, "a wrong login": {func(r *http.Request) { r.Header.Set("X-Cachet-Token", "wrong") }},
			"another site": {header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.example")}, "another name": {named("evil.example")},
		} {
			a := x.ask(w, who...)
			for header, is := range guards {
				if v := a.header.Get(header); !is(v) {
					t.Errorf("%s by %s: %d: %s is %q", w, name, a.status, header, v)
				}
			}
			frames := a.header.Get("Content-Security-Policy")
			if _, frames, _ = strings.Cut(frames, "frame-ancestors "); strings.HasSuffix(w.path, "/embed") && a.status == http.StatusOK {
				if frames != "'self' "+friend || a.header.Get("X-Frame-Options") != "" {
					t.Errorf("%s may be shown by %q, not by %q", w, frames, friend)
				}
				continue
			}
			if frames, _, _ = strings.Cut(frames, ";"); frames != "'none'" || a.header.Get("X-Frame-Options") != "DENY" {
				t.Errorf("%s by %s: %d: may be shown in a frame by %q, %q", w, name, a.status, frames, a.header.Get("X-Frame-Options"))
			}
			if server := a.header.Get("Server") + a.header.Get("X-Powered-By"); server != "" {
				t.Errorf("%s says that it is %s", w, server)
			}
		}
	}
}
