package httpd

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"orderly/internal/model"
)

func TestForgery(t *testing.T) { // H-07
	s := setStage(t, onSocket(t, model.Admission{Kind: model.AdmitUser, Name: "admin", Password: "monit"}))
	for _, tt := range []struct {
		name    string
		token   string // in the form
		headers []string
		refused bool
	}{
		{"match", "abc", []string{"Cookie", "securitytoken=abc"}, false},
		{"among others", "abc", []string{"Cookie", "a=b; securitytoken=old; securitytoken=abc"}, false},
		{"no field", "", []string{"Cookie", "securitytoken=abc"}, true},
		{"no cookie", "abc", nil, true},
		{"another cookie", "abc", []string{"Cookie", "token=abc"}, true},
		{"both empty", "", []string{"Cookie", "securitytoken="}, true},
		{"mismatch", "abc", []string{"Cookie", "securitytoken=xyz"}, true},
		{"prefix", "abc", []string{"Cookie", "securitytoken=ab"}, true},
		{"of this site", "abc", []string{"Cookie", "securitytoken=abc", "Sec-Fetch-Site", "same-origin", "Origin", "http://proxy"}, false},
		{"typed in", "abc", []string{"Cookie", "securitytoken=abc", "Sec-Fetch-Site", "none"}, false},
		{"of another site", "abc", []string{"Cookie", "securitytoken=abc", "Sec-Fetch-Site", "cross-site"}, true},
		{"of a neighbour", "abc", []string{"Cookie", "securitytoken=abc", "Sec-Fetch-Site", "same-site"}, true},
		{"of this origin", "abc", []string{"Cookie", "securitytoken=abc", "Origin", "http://localhost"}, false},
		{"of another origin", "abc", []string{"Cookie", "securitytoken=abc", "Origin", "http://evil.example"}, true},
		{"of no origin", "abc", []string{"Cookie", "securitytoken=abc", "Origin", "null"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := url.Values{"action": {"start"}, "service": {"spool"}}
			if tt.token != "" {
				form.Set("securitytoken", tt.token)
			}
			got := s.do("admin:monit", http.MethodPost, "/_doaction", form, append(tt.headers, "Content-Type", "application/x-www-form-urlencoded")...)
			if did := s.taken(); tt.refused != (did == nil) {
				t.Errorf("did %v", did)
			}
			if tt.refused && (got.StatusCode != 403 || got.message() != "Invalid CSRF Token") {
				t.Errorf("got %d %s", got.StatusCode, got.body)
			}
		})
	}
	if !strings.Contains(s.log.String(), "client [unix socket]: the tokens differ") {
		t.Error("the log does not say why")
	}
}

func TestTokenInQueryDoesNotCount(t *testing.T) { // H-07: it would be in logs of proxies
	s := setStage(t, onSocket(t, everybody...))
	got := s.do("admin:monit", http.MethodPost, "/_doaction?securitytoken=abc", url.Values{"action": {"start"}}, "Cookie", "securitytoken=abc")
	if got.StatusCode != 403 {
		t.Errorf("got %d", got.StatusCode)
	}
}

func TestOrderOfChecks(t *testing.T) { // 401, then the token, then permission, then arguments
	s := setStage(t, onSocket(t, everybody...))
	bad := url.Values{"action": {"frob"}, "service": {"zz"}}
	s.post("guest:wrong", "/_doaction", bad).expect(t, 401, "...")
	if got := s.do("guest:guest", http.MethodPost, "/_doaction", bad); got.message() != "Invalid CSRF Token" {
		t.Errorf("got %s", got.body)
	}
	if got := s.post("guest:guest", "/_doaction", bad); got.message() != errReadOnly.message {
		t.Errorf("got %s", got.body)
	}
	if got := s.post("admin:monit", "/_doaction", bad); got.message() != `Invalid action "frob"` {
		t.Errorf("got %s", got.body)
	}
}

func TestTokenStays(t *testing.T) { // pages that a browser shows already go on working
	s := setStage(t, onSocket(t, everybody...))
	first := s.get("admin:monit", "/spool").Cookies()[0]
	again := s.get("admin:monit", "/appd", "Cookie", "securitytoken="+first.Value)
	if got := again.Cookies()[0].Value; got != first.Value {
		t.Errorf("got %s, had %s", got, first.Value)
	}
	if !strings.Contains(again.body, `name="securitytoken" value="`+first.Value+`"`) {
		t.Error("the page has another token")
	}
	for _, made := range []string{"made-up", strings.Repeat("Z", 32), ""} {
		if got := s.get("admin:monit", "/", "Cookie", "securitytoken="+made).Cookies()[0].Value; got == made || len(got) != 32 {
			t.Errorf("it took over %q as %q", made, got)
		}
	}
}
