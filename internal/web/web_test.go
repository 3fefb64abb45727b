package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestPages(t *testing.T) {
	o := town(time.Now()).options()
	o.Book = newLibrary("checkout is slow")
	b := open(t, o)
	b.page("/", "3 services are failing", "mysql", "connection to 127.0.0.1 port 3306 refused", "Restarting", "looked after by ann", "silenced until 18:00: migration", "restart failed")
	b.page("/services/mysql", "wanted ≤ 80.0%", "Disk is full", "Why", "90 days ago", "not measured", "/services/mysql/restart", "Not checked meanwhile: shop", "limit 3")
	b.page("/services/root%20filesystem?range=7d", "space.percent", "limit 90%")
	b.page("/events", "restarted, pid 2209", "orderly started")
	b.page("/host", "1.34", "63.0%", "71.0 GB free")
	b.page("/silences", "Nothing is silenced")
	b.page("/outbox", "ops@example.org", "Every message that was to be delivered was")
	b.page("/incidents", "checkout is slow", "identified", "taken over by checkout is slow", "in progress", "over")
	b.page("/login", "Password")
	for path, want := range map[string]int{
		"/nothing": http.StatusNotFound, "/services/nothing": http.StatusNotFound, "/services/mysql/restart": http.StatusSeeOther,
		"/accounts": http.StatusSeeOther, "/assets/app.css": http.StatusNotFound, "/incidents/2": http.StatusNotFound, "/incidents/3": http.StatusOK,
	} {
		if w := b.get(path); w.Code != want {
			t.Errorf("GET %s: %d, want %d", path, w.Code, want)
		}
	}
}

// What not everybody may read is for those who have logged in: how the host was, what a server said, what is private.
func TestNotForEverybody(t *testing.T) {
	w := town(time.Now())
	w.status.Ailing = []model.Ailment{{Channel: "mail", Error: "535 user ops may not log in", Since: time.Now(), Waiting: 3}}
	o := w.options()
	o.Book = newLibrary("checkout")
	secrets := map[string]string{
		"/services/mysql": "binlog.000188", "/events": "binlog.000188", "/outbox": "535 user ops", "/incidents/1": "private: checkout", "/incidents": "not for everybody",
	}
	for path, text := range secrets {
		if strings.Contains(open(t, o).page(path), text) {
			t.Errorf("everybody sees %q on %s", text, path)
		}
		b := open(t, o)
		b.login("bob", "battery staple")
		b.page(path, text)
	}
	b := open(t, o)
	b.login("root", "of all")
	if body := b.page("/accounts", "ann", "deploy", "a token", "group:shop"); strings.Contains(body, "never-to-be-shown") {
		t.Error("the page of accounts has secrets")
	}
	b = open(t, o)
	b.login("ann", "correct horse")
	if got := b.get("/accounts").Code; got != http.StatusForbidden {
		t.Errorf("who may not administer sees accounts: %d", got)
	}
}

func TestReadingMayNeedALogin(t *testing.T) {
	o := town(time.Now()).options()
	o.Open = nil
	b := open(t, o)
	for _, path := range []string{"/", "/rows", "/live", "/events", "/services/mysql", "/services/mysql/graph.json", "/host", "/silences", "/outbox"} {
		if w := b.get(path); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login?next=%2F") {
			t.Errorf("GET %s by nobody: %d %s", path, w.Code, w.Header().Get("Location"))
		}
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept", "*/*")
		if w := b.do(r); w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "mysql") {
			t.Errorf("GET %s by a program: %d", path, w.Code)
		}
		r = httptest.NewRequest(http.MethodGet, path, nil)
		r.SetBasicAuth("ann", "wrong")
		if w := b.do(r); w.Code != http.StatusUnauthorized {
			t.Errorf("GET %s with a wrong password: %d", path, w.Code)
		}
	}
	b.login("bob", "battery staple")
	b.page("/", "mysql")
}

// Who was wrong too often hears so, and when to try again, in the form and with each request.
func TestTooManyWrongLogins(t *testing.T) {
	w := town(time.Now())
	b := open(t, w.options())
	for range 3 {
		if got := b.post("/login", "name", "ann", "password", "wrong"); got.Code != http.StatusForbidden || got.Header().Get("Retry-After") != "" {
			t.Fatalf("a wrong login: %d %v", got.Code, got.Header())
		}
	}
	got := b.post("/login", "name", "ann", "password", "wrong", "next", "/events")
	if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") != "300" || !strings.Contains(got.Body.String(), "for 5 minutes; try again") {
		t.Errorf("one too many: %d %v %s", got.Code, got.Header(), got.Body)
	}
	if body := got.Body.String(); !strings.Contains(body, `value="ann"`) || !strings.Contains(body, `value="/events"`) || strings.Contains(body, `value="wrong"`) {
		t.Errorf("the form forgets, or remembers too much: %s", body)
	}
	rec := httptest.NewRecorder()
	if why := wrongLogin(rec, patience(90*time.Second), http.StatusUnauthorized, "no"); why.status != http.StatusTooManyRequests || rec.Header().Get("Retry-After") != "90" || !strings.Contains(why.text, "90 seconds") {
		t.Errorf("%+v %v", why, rec.Header())
	}
}

func TestLogin(t *testing.T) {
	b := open(t, town(time.Now()).options())
	if w := b.post("/login", "name", "ann", "password", "wrong"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "is wrong") || strings.Contains(w.Body.String(), `value="wrong"`) {
		t.Errorf("a wrong password: %d %s", w.Code, w.Body)
	}
	w := b.post("/login", "name", "ann", "password", "correct horse", "next", "/services/mysql?range=7d")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/services/mysql?range=7d" {
		t.Fatalf("a login: %d to %s", w.Code, w.Header().Get("Location"))
	}
	b.page("/", "ann", "/logout")
	b.page("/logout", "You are logged in as ann")
	if w := b.post("/logout"); w.Code != http.StatusSeeOther {
		t.Errorf("logging out: %d", w.Code)
	}
	if strings.Contains(b.page("/"), "/logout") {
		t.Error("ann is still logged in")
	}
	if got := open(t, town(time.Now()).options()).post("/login", "name", "ann", "password", "correct horse", "next", "//evil.example").Header().Get("Location"); got != "/" {
		t.Errorf("a login leads to %q", got)
	}
}

func TestDeeds(t *testing.T) {
	w := town(time.Now())
	b := open(t, w.options())
	b.login("ann", "correct horse")
	b.page("/services/mysql/restart", "Restart mysql?", formToken, `action="/services/mysql/restart"`)
	for _, kind := range []string{"restart", "start", "stop", "reload", "check", "unmonitor", "acknowledge"} {
		got := b.post("/services/mysql/" + kind)
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/services/mysql?asked="+kind {
			t.Errorf("%s: %d to %s", kind, got.Code, got.Header().Get("Location"))
		}
		if last := w.did[len(w.did)-1]; string(last.Kind) != kind || !slices.Equal(last.Names, []string{"mysql"}) || last.All || last.Group != "" {
			t.Errorf("%s has %+v done", kind, last)
		}
	}
	b.page("/services/mysql?asked=restart", "Restart: under way")
	b.page("/services/mysql", "looked after by ann")
	if got := b.post("/services/mysql/monitor"); got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "its pidfile is missing") || !strings.Contains(got.Body.String(), "&lt;b&gt;no") {
		t.Errorf("what went wrong is not shown: %d %s", got.Code, got.Body)
	}
	w.broken = errors.New("cannot write the journal: no space")
	if got := b.post("/services/mysql/stop"); got.Code < 500 && !strings.Contains(got.Body.String(), "no space") {
		t.Errorf("an error of the engine is not shown: %d", got.Code)
	}
}

func TestSilences(t *testing.T) {
	now := time.Now()
	w := town(now)
	b := open(t, w.options())
	b.login("ann", "correct horse")
	b.page("/silences/new?service=mysql", `value="mysql"`, `value="1h" selected`)
	for _, c := range []struct {
		fields []string
		want   int
	}{
		{[]string{"for", "1h"}, http.StatusUnprocessableEntity},
		{[]string{"service", "mysql", "group", "shop", "for", "1h"}, http.StatusUnprocessableEntity},
		{[]string{"service", "mysql", "for", "9999h"}, http.StatusUnprocessableEntity},
		{[]string{"service", "mysql", "for", "-1h"}, http.StatusUnprocessableEntity},
		{[]string{"service", "nothing", "for", "1h"}, http.StatusUnprocessableEntity},
		{[]string{"service", "mysql", "for", "1h", "reason", "deploy of shop", "hold", "1"}, http.StatusSeeOther},
		{[]string{"group", "shop", "for", "15m"}, http.StatusSeeOther},
		{[]string{"of", "all", "for", "4h"}, http.StatusSeeOther},
	} {
		if got := b.post("/silences", c.fields...); got.Code != c.want {
			t.Errorf("%q: %d, want %d", c.fields, got.Code, c.want)
		}
	}
	if len(w.silenced) != 3 {
		t.Fatalf("silences are %+v", w.silenced)
	}
	s := w.silenced[0]
	if !slices.Equal(s.Names, []string{"mysql"}) || s.By != "ann" || s.Reason != "deploy of shop" || !s.Hold || s.Until.Sub(now).Round(time.Minute) != time.Hour {
		t.Errorf("the silence is %+v", s)
	}
	if w.silenced[1].Group != "shop" || w.silenced[1].Hold || !w.silenced[2].All {
		t.Errorf("silences are %+v", w.silenced)
	}
	b.page("/silences", "mysql", "the group shop", "everything", "deploy of shop", "rules do not act meanwhile")
	b.page("/silences/1/end", "End the silence of mysql?")
	if got := b.post("/silences/1/end").Code; got != http.StatusSeeOther || len(w.silenced) != 2 {
		t.Errorf("ending: %d, %d are left", got, len(w.silenced))
	}
	if got := b.post("/silences/1/end").Code; got != http.StatusNotFound {
		t.Errorf("ending twice: %d", got)
	}
}

func TestTheme(t *testing.T) {
	b := open(t, town(time.Now()).options())
	if strings.Contains(b.page("/"), "data-theme") {
		t.Error("a theme is set that nobody chose")
	}
	if w := b.post("/theme", "theme", "dark", "next", "/events"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/events" {
		t.Errorf("the theme: %d to %s", w.Code, w.Header().Get("Location"))
	}
	b.page("/", `data-theme="dark"`)
	b.post("/theme", "theme", "auto")
	if strings.Contains(b.page("/"), "data-theme") {
		t.Error("the theme stays")
	}
	b.cookies[themeCookie] = `"><script>`
	b.page("/")
}

func TestAssets(t *testing.T) {
	b := open(t, town(time.Now()).options())
	for _, m := range regexp.MustCompile(`/assets/[\w.-]+`).FindAllString(b.page("/"), -1) {
		w := b.get(m)
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("ETag") == "" {
			t.Errorf("%s: %d %v", m, w.Code, w.Header())
		}
		r := httptest.NewRequest(http.MethodGet, m, nil)
		r.Header.Set("If-None-Match", w.Header().Get("ETag"))
		if again := b.do(r); again.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", m, again.Code)
		}
		r = httptest.NewRequest(http.MethodGet, m, nil)
		r.Header.Set("Accept-Encoding", "br, gzip")
		packed := b.do(r)
		if packed.Body.Len() > w.Body.Len() || packed.Header().Get("Content-Encoding") == "gzip" && packed.Header().Get("ETag") == w.Header().Get("ETag") {
			t.Errorf("%s packed: %d of %d bytes, %v", m, packed.Body.Len(), w.Body.Len(), packed.Header())
		}
	}
	if script, err := ownFiles.ReadFile("assets/app.js"); err != nil || len(script) > 10_000 {
		t.Errorf("the script has %d bytes (%v)", len(script), err)
	}
}

func TestGraphData(t *testing.T) {
	b := open(t, town(time.Now()).options())
	w := b.get("/services/mysql/graph.json?metric=cpu&from=1700000000&to=1700003600&points=60")
	var data struct {
		Unit  string
		Times []int64
		Rows  [3][]float64
	}
	if err := json.Unmarshal(w.Body.Bytes(), &data); err != nil || data.Unit != "%" || len(data.Times) < 50 || len(data.Rows[2]) != len(data.Times) || data.Rows[1][3] > data.Rows[0][3] {
		t.Errorf("%v: %d %s", err, w.Code, w.Body)
	}
}

func TestBusy(t *testing.T) {
	w := town(time.Now())
	o := w.options()
	o.Log = nil
	b := open(t, o)
	w.broken = errors.New("the engine has stopped, secret-of-the-machine")
	for _, path := range []string{"/", "/services/mysql", "/host", "/live"} {
		if got := b.get(path); got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "secret-of-the-machine") {
			t.Errorf("GET %s: %d %s", path, got.Code, got.Body)
		}
	}
}

// A page of a few is packed for whoever understands that, but not one with what somebody's forms carry.
func TestPacking(t *testing.T) {
	b := open(t, town(time.Now()).options())
	get := func() *http.Response {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		return b.do(r).Result()
	}
	if got := get().Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("the page is %q", got)
	}
	b.login("ann", "correct horse")
	res := get()
	if body, _ := io.ReadAll(res.Body); res.Header.Get("Content-Encoding") != "" || !strings.Contains(string(body), formToken) {
		t.Error("a page with a token is packed")
	}
}
