package access

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// login returns the cookie of a new session.
func login(t *testing.T, g *Guard, name, password string, h header) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := g.Login(w, request("POST", "/login", h), name, password); err != nil {
		t.Fatalf("Login(%s): %v", name, err)
	}
	set := w.Result().Cookies()
	if len(set) != 1 {
		t.Fatalf("cookies %v, want one", set)
	}
	return set[0]
}

// who tells who a guard takes somebody with a cookie for.
func who(t *testing.T, g *Guard, c *http.Cookie) string {
	t.Helper()
	a, err := g.Identify(request("GET", "/", header{"Cookie": c.Name + "=" + c.Value}))
	if err != nil {
		t.Fatalf("Identify: %v", err)
	}
	if a == nil {
		return ""
	}
	return a.Name
}

func TestLogin(t *testing.T) {
	g, _ := guarded(t, nil)
	c := login(t, g, "ann", annSecret, nil)
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Secure || c.Domain != "" || len(c.Value) != 43 {
		t.Errorf("cookie %+v", c)
	}
	if got := who(t, g, c); got != "ann" {
		t.Errorf("the session is of %q", got)
	}
	for _, tt := range []struct{ name, password string }{
		{"ann", bobSecret},
		{"eve", annSecret},
		{"script", scriptToken}, // a script cannot log in with a browser
		{"", annSecret},
		{"ann", ""},
		{"ann", strings.Repeat("x", 1<<20)},
	} {
		w := httptest.NewRecorder()
		if err := g.Login(w, request("POST", "/login", nil), tt.name, tt.password); !errors.Is(err, ErrWrong) || len(w.Result().Cookies()) > 0 {
			t.Errorf("Login(%q, %.20q) = %v, cookies %v", tt.name, tt.password, err, w.Result().Cookies())
		}
	}
}

func TestCookieOverTLS(t *testing.T) {
	g, _ := guarded(t, nil)
	behind := header{"From": "127.0.0.1:9", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
	c := login(t, g, "ann", annSecret, behind)
	if !c.Secure || c.Name != "__Host-orderly" || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %+v", c)
	}
	behind["Cookie"] = c.Name + "=" + c.Value
	if a, _ := g.Identify(request("GET", "/", behind)); a == nil {
		t.Error("the session is not found again")
	}
	behind["Cookie"] = plainCookie + "=" + c.Value
	if a, _ := g.Identify(request("GET", "/", behind)); a != nil {
		t.Error("over TLS a cookie counts that any page of the host could have set without it")
	}
	if c := login(t, g, "ann", annSecret, header{"X-Forwarded-Proto": "https"}); c.Secure {
		t.Error("a stranger says that there is TLS, and is believed")
	}
}

// A session that somebody else has put into a browser must not become that of who logs in there.
func TestNoFixation(t *testing.T) {
	g, _ := guarded(t, nil)
	planted := login(t, g, "bob", bobSecret, nil)
	own := login(t, g, "ann", annSecret, header{"Cookie": planted.Name + "=" + planted.Value})
	if own.Value == planted.Value || who(t, g, planted) != "" || who(t, g, own) != "ann" {
		t.Error("the session from before the login goes on")
	}
	made := &http.Cookie{Name: plainCookie, Value: strings.Repeat("A", 43)}
	if c := login(t, g, "ann", annSecret, header{"Cookie": made.Name + "=" + made.Value}); c.Value == made.Value {
		t.Error("whoever brings a cookie chooses the session")
	}
	r := request("GET", "/", nil)
	r.Header.Add("Cookie", "orderly=junk; orderly="+own.Value) // of a page above, and ours
	if a, _ := g.Identify(r); a == nil {
		t.Error("another cookie of the name hides the session")
	}
}

func TestLogout(t *testing.T) {
	disk := newShelf()
	g, _ := guarded(t, disk)
	c := login(t, g, "ann", annSecret, nil)
	other := login(t, g, "ann", annSecret, nil)
	w := httptest.NewRecorder()
	g.Logout(w, request("POST", "/logout", header{"Cookie": c.Name + "=" + c.Value}))
	if gone := w.Result().Cookies(); len(gone) != 1 || gone[0].Value != "" || gone[0].MaxAge >= 0 || gone[0].Name != c.Name {
		t.Errorf("cookies %v", gone)
	}
	if who(t, g, c) != "" || who(t, g, other) != "ann" {
		t.Error("a replayed cookie counts, or another session has ended as well")
	}
	again, _ := guarded(t, disk.killed())
	if who(t, again, c) != "" || who(t, again, other) != "ann" {
		t.Error("after kill -9 a replayed cookie counts, or another session is lost")
	}
	g.Logout(httptest.NewRecorder(), request("POST", "/logout", nil)) // nobody's
}

func TestSessionsOutliveKill(t *testing.T) {
	disk := newShelf()
	g, _ := guarded(t, disk)
	c := login(t, g, "ann", annSecret, nil)
	left := disk.killed()
	for _, o := range left.disk[kindSession] {
		if strings.Contains(string(o), c.Value) {
			t.Error("the cookie itself is kept")
		}
	}
	again, _ := guarded(t, left)
	if who(t, again, c) != "ann" {
		t.Error("the session is lost")
	}
	form := g.Form(request("GET", "/", header{"Cookie": c.Name + "=" + c.Value}))
	if form == "" || form != again.Form(request("GET", "/", header{"Cookie": c.Name + "=" + c.Value})) {
		t.Error("forms from before the restart are refused")
	}
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newShelf()
		g, _ := guarded(t, disk)
		idle := login(t, g, "ann", annSecret, nil)
		time.Sleep(idleSession - time.Second)
		if who(t, g, idle) != "ann" {
			t.Error("ended before its time")
		}
		time.Sleep(idleSession - time.Second) // since it was used
		if who(t, g, idle) != "ann" {
			t.Error("use does not prolong it")
		}
		time.Sleep(idleSession)
		if who(t, g, idle) != "" {
			t.Error("goes on though nobody used it")
		}
		busy, begun := login(t, g, "ann", annSecret, nil), time.Now()
		for time.Since(begun) < longSession-time.Hour {
			time.Sleep(time.Hour)
			if who(t, g, busy) != "ann" {
				t.Fatalf("ended after %v though it was used", time.Since(begun))
			}
		}
		time.Sleep(time.Hour)
		if who(t, g, busy) != "" {
			t.Error("goes on forever when it is used")
		}
		if n := len(disk.queued[kindSession]); n != 0 {
			t.Errorf("%d sessions are kept that have ended", n)
		}
	})
}

func TestUseIsSavedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newShelf()
		g, _ := guarded(t, disk)
		c := login(t, g, "ann", annSecret, nil)
		before := disk.puts
		for range 600 {
			time.Sleep(time.Second)
			who(t, g, c)
		}
		if n := disk.puts - before; n != 2 {
			t.Errorf("600 requests in 10 min are saved %d times, want 2", n)
		}
	})
}

func TestChangedAccountsLoseTheirSessions(t *testing.T) {
	otherNetwork := model.Account{Name: "ann", Secret: annHash, Scope: model.ScopeRead}
	otherPassword := model.Account{Name: "ann", Secret: bobHash, Scope: model.ScopeAdmin}
	for _, tt := range []struct {
		name     string
		accounts []model.Account
		want     string
	}{
		{"unchanged", configured(), "ann"},
		{"removed", nil, ""},
		{"scope", []model.Account{otherNetwork}, ""},
		{"password", []model.Account{otherPassword}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			disk := newShelf()
			g, _ := guarded(t, disk)
			c := login(t, g, "ann", annSecret, nil)
			left := disk.killed()
			g.Configure(tt.accounts)
			if got := who(t, g, c); got != tt.want {
				t.Errorf("after the change it is of %q", got)
			}
			g.Configure(configured())
			if got := who(t, g, c); got != tt.want {
				t.Errorf("after the change was taken back it is of %q", got)
			}
			again, _ := guarded(t, left)
			again.Configure(tt.accounts)
			if got := who(t, again, c); got != tt.want {
				t.Errorf("with a change meanwhile it is of %q after a restart", got)
			}
		})
	}
}

func TestSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newShelf()
		g, _ := guarded(t, disk)
		first := login(t, g, "ann", annSecret, nil)
		for range maxSessions {
			time.Sleep(time.Second)
			login(t, g, "ann", annSecret, nil)
		}
		if len(g.sessions.all) != maxSessions || len(disk.queued[kindSession]) != maxSessions || who(t, g, first) != "" {
			t.Errorf("%d sessions, %d kept; the oldest is of %q", len(g.sessions.all), len(disk.queued[kindSession]), who(t, g, first))
		}
	})
}

func TestRecallGarbage(t *testing.T) {
	disk := newShelf()
	for i, text := range []string{"", "{", "[]", `{"Hash":"AAAA","Name":"ann"}`, `{"Name":"ann","Scope":"admin","Secret":"x"}`, "null"} {
		disk.PutObject(kindSession, int64(i), []byte(text))
		disk.PutObject(kindAccount, int64(i), []byte(text))
	}
	if err := disk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	g, _ := guarded(t, disk)
	if len(g.sessions.all) != 0 || len(g.roster.kept) != 0 {
		t.Errorf("%d sessions, %d accounts of garbage", len(g.sessions.all), len(g.roster.kept))
	}
	if err := g.AddAccount(t.Context(), model.Account{Name: "new", Secret: annHash, Scope: model.ScopeRead}); err != nil {
		t.Error(err)
	}
	if _, ok := disk.queued[kindAccount][6]; !ok {
		t.Error("a new account takes the number of one that cannot be read")
	}
	disk.broken = fmt.Errorf("disk on fire")
	if err := New(disk, g.log).Load(t.Context()); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("Load = %v", err)
	}
}
