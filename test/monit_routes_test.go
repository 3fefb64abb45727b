package test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// routes is what may be different in what the web interface answers.
var routes = variety{
	title: "HTTP",
	text: "Every route with GET and POST, with and without a login, for people who may only read, with forged and with wrong requests:\n" +
		"status line, headers and body. A page is a page; the texts are compared as above.",
	measured: []string{"Date: ~", "Set-Cookie: securitytoken=~; Max-Age=600; HttpOnly; SameSite=strict"},
	differences: []difference{
		{"", "HTTP/1.0 ...", "HTTP/1.1 ...", "connections may stay open, for those who ask for it"},
		{"", "Content-Security-Policy: frame-ancestors 'self'", "Content-Security-Policy: ...; frame-ancestors 'self'", "pages load nothing from anywhere"},
		{"", "", "Cache-Control: no-store", "what is told to one reader is not kept for the next"},
		{"", "", "X-Content-Type-Options: nosniff", "Monit has this since 5.34"},
		{"", "", "Permissions-Policy: ...", "Monit has this since 5.35"},
		{"", "", "Referrer-Policy: same-origin", "Monit has this since 5.35"},
		{"", "", "X-Xss-Protection: 1; mode=block", "Monit has this since 5.35"},
		{"", "You are not authorized to access monit. ...", "You are not authorized to access this host. ...", "one text for all reasons, too"},
		{"", "[error] URL too long<p>", "[error] URL too long", "errors all have one form"},
		{"", "Server: monit 5.#.#", "Server: monit 6.1.0", "orderly has the interfaces of Monit 6.1"},
	},
}

// request is one of the walk. Its form is sent with POST; "token" in it is what protects from forgery.
type request struct{ method, path, login, form string }

func (r request) String() string {
	return strings.TrimSpace(r.method + " " + r.path + " " + r.login + " " + r.form)
}

// walk is every route in every way that matters.
func walk() []request {
	var out []request
	for _, path := range []string{
		"/", "/_runtime", "/_viewlog", "/_about", "/_ping", "/_PING", "/_getid", "/_monit", "/favicon.ico", "/_doaction",
		"/_status", "/_status2", "/_summary", "/_report", "/_status?service=spool", "/_status?group=app", "/_status?format=text&level=full",
		"/_summary?service=app.*", "/_report?type=down", "/_report?type=bogus", "/_status?service=nosuch", "/_summary?group=nosuch",
		"/spool", "/SPOOL", "/%73pool", "/spool/", "/nosuch", "/_ping/", "/" + strings.Repeat("x", 600),
	} {
		out = append(out, request{"GET", path, "admin:monit", ""})
	}
	for _, path := range []string{"/", "/_runtime", "/_viewlog", "/_status", "/spool"} {
		out = append(out, request{"GET", path, "guest:guest", ""}, request{"GET", path, "", ""}, request{"GET", path, "admin:wrong", ""})
	}
	out = append(out, request{"GET", "/", "nobody:monit", ""}, request{"GET", "/", "ADMIN:monit", ""}, request{"PUT", "/", "admin:monit", ""}, request{"HEAD", "/", "admin:monit", ""})
	for _, path := range []string{"/_status", "/_summary", "/_runtime", "/_viewlog", "/spool", "/_doaction"} {
		out = append(out, request{"POST", path, "admin:monit", "token"})
	}
	out = append(out, request{"POST", "/_status", "admin:monit", "token&format=text&service=spool"}) // before anything is done to it
	for _, form := range []string{
		"token&action=monitor&service=spool", "token&action=MONITOR&service=SPOOL", "token&action=monitor&service=spoo.", "token&action=monitor&service=nosuch",
		"token&action=monitor&service=nosuch&service=spool", "token&action=monitor&service=spool&service=nosuch",
		"token&action=frob&service=spool", "token&action=monitor", "token&service=spool", "action=monitor&service=spool", "securitytoken=&action=monitor&service=spool",
		"securitytoken=other&action=monitor&service=spool",
	} {
		out = append(out, request{"POST", "/_doaction", "admin:monit", form})
	}
	for _, form := range []string{"token&action=monitor", "token&action=frob", "action=monitor"} {
		out = append(out, request{"POST", "/spool", "admin:monit", form}, request{"POST", "/spool", "guest:guest", form})
	}
	return append(out,
		request{"POST", "/nosuch", "admin:monit", "token&action=monitor"},
		request{"POST", "/_doaction", "guest:guest", "token&action=monitor&service=spool"},
		request{"POST", "/_doaction", "", "token&action=monitor&service=spool"},
		request{"POST", "/_runtime", "admin:monit", "token&action=validate"},
		request{"POST", "/_runtime", "guest:guest", "token&action=validate"},
		request{"POST", "/_status", "admin:monit", "format=text"},
		request{"POST", "/_report", "admin:monit", "token&type=total"},
	)
}

// TestRoutesAreMonits walks through both web interfaces.
func TestRoutesAreMonits(t *testing.T) { // H-02 to H-08, H-11, H-15, H-16, H-18
	t.Parallel()
	monit, orderly := bothSides(t)
	for _, a := range []*side{monit, orderly} {
		a.start()
		a.settle()
	}
	for _, q := range walk() {
		say := func(a *side) []string {
			head, text := a.answer(q)
			return append(routes.reduce(a, q.String(), head), texts.reduce(a, "status", text)...)
		}
		if text := unlike(say(orderly), say(monit)); text != "" {
			t.Errorf("%s: %s", q, text)
		}
	}
	routes.unmet(t)
}

// answer tells what is answered to a request, as lines: the status, the headers in the order of their names, and what the body
// is. A text is returned by itself.
func (a *side) answer(q request) (head, text []string) {
	a.t.Helper()
	form := strings.TrimPrefix(strings.Replace("&"+q.form, "&token", "&securitytoken=t0ken", 1), "&")
	r, body := a.ask(q.method, q.path, q.login, form)
	kind := r.Header.Get("Content-Type")
	head = []string{r.Proto + " " + r.Status, "Content-Type: " + kind}
	if kind == "image/x-icon" {
		return head, nil
	}
	for name, values := range r.Header {
		if name != "Connection" && name != "Content-Type" && name != "Content-Length" {
			head = append(head, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(head[1:])
	_, message, failed := strings.Cut(body, "</h2>")
	switch {
	case kind == "text/plain":
		return head, strings.Split(body, "\n")
	case failed && r.StatusCode >= 400:
		message, _, _ = strings.Cut(message, "<hr>")
		return append(head, message), nil
	case strings.Contains(body, "<html"):
		return append(head, "(a page)"), nil
	}
	return append(head, body), nil
}

// ask sends a request and reads the answer. Who sends a token in a form also has it as a cookie.
func (a *side) ask(method, path, login, form string) (*http.Response, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, fmt.Sprintf("http://127.0.0.1:%d", a.port)+path, strings.NewReader(form))
	if err != nil {
		a.t.Fatal(err)
	}
	if name, password, ok := strings.Cut(login, ":"); ok {
		req.SetBasicAuth(name, password)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if strings.Contains(form, "securitytoken=") {
		req.Header.Set("Cookie", "securitytoken=t0ken")
	}
	client := &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		a.t.Fatalf("%s: %s %s: %v", a.name, method, path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		a.t.Fatalf("%s: %s %s: %v", a.name, method, path, err)
	}
	return resp, string(body)
}
