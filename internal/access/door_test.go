package access

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// hello says who came in.
var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	name := "nobody"
	if a := FromContext(r.Context()); a != nil {
		name = a.Name
	}
	fmt.Fprintf(w, "hello %s %s", name, r.PostFormValue("text"))
})

func TestDoor(t *testing.T) {
	g, _ := guarded(t, nil)
	here, bob, script := "127.0.0.1:9", basic("bob", bobSecret), scriptToken
	proxied := header{"From": here, "X-Forwarded-For": "192.0.2.7"}
	mute := header{"From": here, "X-Forwarded-Proto": "https"}
	for _, tt := range []struct {
		rule   ReadRule
		method string
		h      header
		want   int
	}{
		{ReadLocal, "GET", header{"From": here}, 200},
		{ReadLocal, "HEAD", header{"From": "[::1]:9"}, 200},
		{ReadLocal, "GET", nil, 401},
		{ReadLocal, "GET", proxied, 401},
		{ReadLocal, "GET", mute, 401},
		{ReadLocal, "GET", header{"From": "@"}, 401},
		{ReadLocal, "GET", header{"X-Forwarded-For": "127.0.0.1"}, 401},
		{ReadLocal, "GET", header{"Authorization": bob}, 200},
		{ReadLocal, "GET", header{"From": here, "Authorization": basic("bob", "wrong")}, 401},
		{ReadLocal, "POST", header{"From": here}, 401},
		{ReadLocal, "POST", header{"From": here, "Authorization": bob}, 403},
		{ReadLocal, "POST", header{"From": here, "X-Cachet-Token": script}, 200},
		{ReadLogin, "GET", header{"From": here}, 401},
		{ReadLogin, "GET", header{"X-Cachet-Token": script}, 200},
		{ReadLogin, "DELETE", header{"X-Cachet-Token": script}, 200},
		{ReadAll, "GET", nil, 200},
		{ReadAll, "POST", nil, 200},
		{ReadAll, "GET", header{"X-Cachet-Token": "wrong"}, 200}, // P-020: the handler decides
	} {
		w := httptest.NewRecorder()
		g.Door(hello, tt.rule).ServeHTTP(w, request(tt.method, "/", tt.h))
		if w.Code != tt.want {
			t.Errorf("rule %d: %s with %v: %d, want %d", tt.rule, tt.method, tt.h, w.Code, tt.want)
		}
		if asks := w.Header().Get("WWW-Authenticate") != ""; asks != (w.Code == 401) {
			t.Errorf("rule %d: %s with %v: asks for a login: %v", tt.rule, tt.method, tt.h, asks)
		}
	}
}

func TestDoorTellsWhoItIs(t *testing.T) {
	g, _ := guarded(t, nil)
	var again error
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, again = g.Identify(r)
		hello(w, r)
	})
	w := httptest.NewRecorder()
	g.Door(h, ReadLogin).ServeHTTP(w, request("GET", "/", header{"X-Cachet-Token": scriptToken}))
	if w.Body.String() != "hello script " || again != nil {
		t.Errorf("%q, %v", w.Body, again)
	}
	g.Door(h, ReadAll).ServeHTTP(httptest.NewRecorder(), request("GET", "/", header{"X-Cachet-Token": "wrong"}))
	if !errors.Is(again, ErrWrong) {
		t.Errorf("behind the door a wrong login is %v", again)
	}
	if n := g.throttle.sources[neighbourhood(SourceOf(request("GET", "/", nil)))].wrong; n != 1 {
		t.Errorf("one wrong token counts %d times", n)
	}
}

// Who answers for long notices that a session has ended meanwhile.
func TestEndedBehindTheDoor(t *testing.T) {
	g, _ := guarded(t, nil)
	c := login(t, g, "ann", annSecret, nil)
	var before, after *model.Account
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		before, _ = g.Identify(r)
		g.Logout(httptest.NewRecorder(), request("POST", "/logout", header{"Cookie": cookieOf(c)}))
		after, _ = g.Identify(r)
	})
	g.Door(h, ReadLogin).ServeHTTP(httptest.NewRecorder(), request("GET", "/events", header{"Cookie": cookieOf(c)}))
	if before == nil || after != nil {
		t.Errorf("before the logout %v, afterwards %v", before, after)
	}
}

func TestBrowsersAreNotAskedForBasic(t *testing.T) {
	for _, h := range []header{
		{"Sec-Fetch-Site": "none"},
		{"Accept": "text/html,application/xhtml+xml"},
		{"Cookie": "orderly=over"},
	} {
		w := httptest.NewRecorder()
		Refuse(w, request("GET", "/", h), ErrNobody)
		if w.Code != 401 || w.Header().Get("WWW-Authenticate") != "" {
			t.Errorf("%v: %d, %v", h, w.Code, w.Header())
		}
	}
	w := httptest.NewRecorder()
	Refuse(w, request("GET", "/", nil), &ThrottledError{1500e6})
	if w.Code != 429 || w.Header().Get("Retry-After") != "2" {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
	var pause interface { // as the dashboard asks
		error
		Pause() time.Duration
	}
	if err := error(&ThrottledError{1500e6}); !errors.As(err, &pause) || pause.Pause() != 2*time.Second {
		t.Errorf("%v has no pause", err)
	}
}

func TestProtect(t *testing.T) {
	g, _ := guarded(t, nil)
	c := login(t, g, "ann", annSecret, nil)
	cookie := c.Name + "=" + c.Value
	form := g.Form(request("GET", "/", header{"Cookie": cookie}))
	other := g.Form(request("GET", "/", header{"Cookie": cookieOf(login(t, g, "bob", bobSecret, nil))}))
	if form == "" || form == other || strings.Contains(cookie, form) {
		t.Fatalf("form tokens %q and %q", form, other)
	}
	sent := func(token string) string { return url.Values{FormField: {token}, "text": {"hi"}}.Encode() }
	for _, tt := range []struct {
		name, method string
		h            header
		body         string
		want         int
	}{
		{"reading needs nothing", "GET", header{"Cookie": cookie, "Sec-Fetch-Site": "cross-site"}, "", 200},
		{"a form of ours", "POST", header{"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}, sent(form), 200},
		{"a form of ours, an old browser", "POST", header{"Cookie": cookie}, sent(form), 200},
		{"a script of ours", "DELETE", header{"Cookie": cookie, FormHeader: form}, "", 200},
		{"without what forms carry", "POST", header{"Cookie": cookie}, "text=hi", 403},
		{"with that of another session", "POST", header{"Cookie": cookie}, sent(other), 403},
		{"in the address", "POST ?" + sent(form), header{"Cookie": cookie}, "", 403},
		{"with an empty one", "POST", header{"Cookie": cookie}, sent(""), 403},
		{"another site", "POST", header{"Cookie": cookie, "Sec-Fetch-Site": "cross-site"}, sent(form), 403},
		{"another name of the same site", "POST", header{"Cookie": cookie, "Sec-Fetch-Site": "same-site"}, sent(form), 403},
		{"another origin, an old browser", "POST", header{"Cookie": cookie, "Origin": "https://evil.example"}, sent(form), 403},
		{"another site has somebody log in", "POST", header{"Sec-Fetch-Site": "cross-site"}, "text=hi", 403},
		{"another site, with a login that the browser remembers", "POST", header{"Sec-Fetch-Site": "cross-site", "Authorization": basic("ann", annSecret)}, "text=hi", 403},
		{"a program with a token", "POST", header{"X-Cachet-Token": scriptToken}, "text=hi", 200},
		{"a program with a login", "PUT", header{"Authorization": basic("ann", annSecret)}, "text=hi", 200},
		{"a page elsewhere that has a token", "POST", header{"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer " + scriptToken}, "text=hi", 200},
		{"an empty token hides no cookie", "POST", header{"Cookie": cookie, "Authorization": "Bearer", "X-Cachet-Token": " "}, "text=hi", 403},
		{"nobody", "POST", nil, "text=hi", 200},
		{"a session that is over", "POST", header{"Cookie": plainCookie + "=" + strings.Repeat("A", 43)}, "text=hi", 200},
		{"too long", "POST", header{"Cookie": cookie}, "x=" + strings.Repeat("x", maxForm) + "&" + sent(form), 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			method, query, _ := strings.Cut(tt.method, " ")
			r := httptest.NewRequest(method, "/do"+query, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, value := range tt.h {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			if g.Protect(hello).ServeHTTP(w, r); w.Code != tt.want {
				t.Errorf("%d %s, want %d", w.Code, w.Body, tt.want)
			}
			if w.Code == 200 && strings.Contains(tt.body, "text=hi") && !strings.HasSuffix(w.Body.String(), "hi") {
				t.Errorf("what the form says is lost: %s", w.Body)
			}
		})
	}
}

func cookieOf(c *http.Cookie) string { return c.Name + "=" + c.Value }

func TestSourceOf(t *testing.T) {
	for _, tt := range []struct {
		remote string
		h      header
		want   string // "" is unknown
	}{
		{"192.0.2.1:9", nil, "192.0.2.1"},
		{"[::ffff:192.0.2.1]:9", nil, "192.0.2.1"},
		{"[fe80::1%eth0]:9", nil, "fe80::1"},
		{"192.0.2.1:9", header{"X-Forwarded-For": "127.0.0.1"}, "192.0.2.1"},
		{"127.0.0.1:9", nil, "127.0.0.1"},
		{"127.0.0.1:9", header{"X-Forwarded-For": "192.0.2.1"}, "192.0.2.1"},
		{"127.0.0.1:9", header{"X-Forwarded-For": "6.6.6.6, 192.0.2.1"}, "192.0.2.1"},
		{"127.0.0.1:9", header{"X-Forwarded-For": "6.6.6.6, 192.0.2.1, 127.0.0.1"}, "192.0.2.1"},
		{"[::1]:9", header{"X-Forwarded-For": "2001:db8::1"}, "2001:db8::1"},
		{"127.0.0.1:9", header{"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1"},
		{"127.0.0.1:9", header{"X-Forwarded-For": "192.0.2.1, unknown"}, ""},
		{"127.0.0.1:9", header{"X-Forwarded-For": ""}, ""},
		{"127.0.0.1:9", header{"X-Real-Ip": "192.0.2.1"}, ""},
		{"127.0.0.1:9", header{"Forwarded": "for=192.0.2.1"}, ""},
		{"127.0.0.1:9", header{"X-Forwarded-For": strings.Repeat("127.0.0.1,", 1e6) + "192.0.2.1"}, "192.0.2.1"},
		{"@", nil, ""},
		{"", nil, ""},
	} {
		r := request("GET", "/", tt.h)
		r.RemoteAddr = tt.remote
		got := SourceOf(r)
		if text := got.String(); got.IsValid() && text != tt.want || got.IsValid() != (tt.want != "") {
			t.Errorf("%s %.60v: %s, want %s", tt.remote, tt.h, text, tt.want)
		}
		if Local(r) != (got.IsValid() && got.IsLoopback()) {
			t.Errorf("%s %.60v: local: %v", tt.remote, tt.h, Local(r))
		}
	}
}
