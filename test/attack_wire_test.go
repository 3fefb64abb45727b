package test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw sends bytes to a door and returns the status of what comes back, 0 if that is nothing, and all of it up to 64 kB.
func (x *target) raw(door, text string) (status int, reply string) {
	x.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(x.base[door], "http://"))
	if err != nil {
		x.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(c, text) // whoever refuses may hang up before it has all
	all, _ := io.ReadAll(io.LimitReader(c, 64<<10))
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(string(all))), nil)
	if err != nil {
		return 0, string(all)
	}
	_ = resp.Body.Close()
	return resp.StatusCode, string(all)
}

// Requests that are none, that are two at once, or that are too much (Show 6).
func TestHeadersThatAttack(t *testing.T) {
	x := besieged(t)
	at := strings.TrimPrefix(x.base["web"], "http://")
	for name, tt := range map[string]struct {
		request string
		want    []int
	}{
		"a name with an encoded line break":   {"GET / HTTP/1.1\r\nHost: a%0d%0aSet-Cookie:%20a=b\r\nConnection: close\r\n\r\n", []int{400, 421}},
		"a line that only goes on":            {"GET / HTTP/1.1\r\nHost: " + at + "\nX-Evil: 1\r\n evil\r\nConnection: close\r\n\r\n", []int{200, 400}},
		"a name with a return":                {"GET / HTTP/1.1\r\nHost: a\rb\r\nConnection: close\r\n\r\n", []int{400}},
		"no name":                             {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", []int{400}},
		"two names":                           {"GET / HTTP/1.1\r\nHost: " + at + "\r\nHost: evil.example\r\nConnection: close\r\n\r\n", []int{400}},
		"a name of somebody else":             {"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", []int{421}},
		"a name of somebody else in the line": {"GET http://evil.example/ HTTP/1.1\r\nHost: " + at + "\r\nConnection: close\r\n\r\n", []int{421}},
		"a name with a port of somebody else": {"GET / HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n", []int{421}},
		"a name that ends with ours":          {"GET / HTTP/1.1\r\nHost: evil.localhost.example\r\nConnection: close\r\n\r\n", []int{421}},
		"two lengths":                         {"POST /login HTTP/1.1\r\nHost: " + at + "\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nname=x", []int{400}},
		"a length and chunks":                 {"POST /login HTTP/1.1\r\nHost: " + at + "\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: " + at + "\r\n\r\n", []int{400, 403}},
		"a length that is none":               {"POST /login HTTP/1.1\r\nHost: " + at + "\r\nContent-Length: +5\r\nConnection: close\r\n\r\nname=", []int{400}},
		"a negative length":                   {"POST /login HTTP/1.1\r\nHost: " + at + "\r\nContent-Length: -1\r\nConnection: close\r\n\r\n", []int{400}},
		"chunks twice":                        {"POST /login HTTP/1.1\r\nHost: " + at + "\r\nTransfer-Encoding: chunked, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", []int{400, 501}},
		"an unknown coding":                   {"POST /login HTTP/1.1\r\nHost: " + at + "\r\nTransfer-Encoding: xchunked\r\nConnection: close\r\n\r\n0\r\n\r\n", []int{400, 501}},
		"a header too long":                   {"GET / HTTP/1.1\r\nHost: " + at + "\r\nX-Long: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", []int{0, 431}},
		"too many headers":                    {"GET / HTTP/1.1\r\nHost: " + at + "\r\n" + strings.Repeat("X-Many: x\r\n", 100_000) + "\r\n", []int{0, 431}},
		"cookies too long":                    {"GET / HTTP/1.1\r\nHost: " + at + "\r\nConnection: close\r\nCookie: " + strings.Repeat("orderly=x; ", 1000) + "\r\n\r\n", []int{200}},
		"a header without a name":             {"GET / HTTP/1.1\r\nHost: " + at + "\r\n: x\r\nConnection: close\r\n\r\n", []int{400}},
		"a header with a zero byte":           {"GET / HTTP/1.1\r\nHost: " + at + "\r\nX-A: a\x00b\r\nConnection: close\r\n\r\n", []int{400}},
		"a space before the colon":            {"GET / HTTP/1.1\r\nHost : " + at + "\r\nConnection: close\r\n\r\n", []int{400}},
		"no protocol":                         {"GET /\r\n\r\n", []int{400}},
		"a future protocol":                   {"GET / HTTP/9.9\r\nHost: " + at + "\r\n\r\n", []int{400, 505}},
		"garbage":                             {strings.Repeat("\xff\x00\x01", 3000) + "\r\n\r\n", []int{0, 400, 431}},
		"a body where none belongs":           {"GET / HTTP/1.1\r\nHost: " + at + "\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", []int{200}},
		"an upgrade":                          {"GET / HTTP/1.1\r\nHost: " + at + "\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n", []int{200}},
		"a range":                             {"GET / HTTP/1.1\r\nHost: " + at + "\r\nRange: bytes=" + strings.Repeat("0-1,", 2000) + "0-1\r\nConnection: close\r\n\r\n", []int{200, 416}},
	} {
		status, reply := x.raw("web", tt.request)
		if !oneOf(status, tt.want) || strings.Contains(reply, "smuggled") || strings.Count(reply, "HTTP/1.1 ") > 1 {
			t.Errorf("%s: %d, want %v\n%.300s", name, status, tt.want, reply)
		}
	}
	if status, _ := x.raw("web", "GET / HTTP/1.1\r\nHost: "+at+"\r\nConnection: close\r\n\r\n"); status != http.StatusOK {
		t.Errorf("afterwards: %d", status)
	}
}

func oneOf(n int, of []int) bool {
	for _, each := range of {
		if n == each {
			return true
		}
	}
	return false
}

// Whoever is not on this host needs an account to read what is not public, whatever headers say, and whoever is needs a name of it.
func TestOnlyThisHostReadsWithoutALogin(t *testing.T) {
	x := besieged(t)
	for _, path := range []string{"/", "/services/job", "/events", "/v1/status", "/v1/events", "/v1/history?service=job", "/metrics", "/incidents", "/live", "/host", "/silences", "/outbox"} {
		w := way{"web", http.MethodGet, path}
		if a := x.ask(w); a.status != http.StatusOK {
			t.Errorf("%s on this host: %d", w, a.status)
		}
		for _, far := range []twist{
			header("X-Forwarded-For", "203.0.113.9"), header("X-Forwarded-For", "127.0.0.1, 203.0.113.9"), header("X-Forwarded-For", "203.0.113.9, 127.0.0.1"),
			header("Forwarded", "for=127.0.0.1"), header("X-Real-Ip", "127.0.0.1"), header("Via", "1.1 proxy"), header("X-Forwarded-For", "unknown"), header("X-Forwarded-Host", "localhost"),
		} {
			if a := x.ask(w, far); a.status != http.StatusUnauthorized {
				t.Errorf("%s by way of a proxy: %d", w, a.status)
			}
			if a := x.ask(w, far, named("evil.example"), withLogin); a.status != http.StatusOK {
				t.Errorf("%s by way of a proxy with a login: %d", w, a.status)
			}
		}
		if a := x.ask(w, named("evil.example")); a.status != http.StatusMisdirectedRequest {
			t.Errorf("%s under the name of another site: %d", w, a.status)
		}
	}
	for _, path := range []string{"/page/../v1/status", "/page//../v1/status", "/api/../metrics", "/page/%2e%2e/v1/status", "/api/%2e%2e/", "/page/..%2fv1/status", "//v1/status", "/page/./../"} {
		for _, method := range []string{"GET", "CONNECT"} {
			_, reply := x.raw("web", fmt.Sprintf("%s %s HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", method, path))
			if strings.Contains(reply, `"services"`) || strings.Contains(reply, "orderly_service") || strings.Contains(reply, "/events") {
				t.Errorf("%s %s under the name of another site tells:\n%.500s", method, path, reply)
			}
		}
	}
}

// hostilePaths lead, or try to lead, to what is not there.
var hostilePaths = []string{
	"/..", "/../", "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/..%5c..%5cetc%5cpasswd", "/....//etc/passwd", "//etc/passwd",
	"//evil.example/", "///evil.example/%2e%2e", "/\\evil.example", "/%5cevil.example/", "/%00", "/a%00.html", "/%0d%0aSet-Cookie:%20a=b", "/%0a", "/%ff%fe", "/%c0%ae%c0%ae/", "/%E2%80%AE", "/;/", "/?", "/??",
	"/.git/config", "/orderly.db", "/orderly.yaml", "/state/orderly.db", "/assets/../web.go", "/assets/%2e%2e/%2e%2e/go.mod", "/assets/..%2f..%2fgo.mod", "/assets/.", "/assets/%00", "/assets/",
	"/page/assets/..%2fpublic.go", "/page/..", "/page/%2e%2e/", "/page/logo/../../etc/passwd", "/page/incidents/-1", "/page/incidents/99999999999999999999", "/page/incidents/1%00", "/page/badge/..%2f1.svg", "/page/component/1%2f2",
	"/services/..", "/services/%2e%2e%2fevents", "/services/job/..", "/services/job/%2e%2e/%2e%2e", "/services/job/restart/", "/services//restart", "/services/job/nothing", "/services/" + strings.Repeat("a/", 2000),
	"/api/v1/components/..%2f1", "/api/v1/components/0", "/api/v1/components/-1", "/api/v1/components/1e3", "/api/v1/components/99999999999999999999", "/api/v1/components/1/../../version", "/api/v1//components", "/api/", "/api/v1/", "/api/v9/x",
	"/v1/../metrics", "/v1/%2e%2e/", "/v1/", "/v1", "/metrics/", "/metrics/../v1/status", "/healthz/", "/ping/", "/ping/..", "/ping/%2e%2e/", "/ping/" + attackKey + "/..", "/ping/a/b/c/d", "/ping/" + strings.Repeat("k", 4000),
	"/" + strings.Repeat("a", 9000), "/?" + strings.Repeat("a=b&", 3000), "/events?before=" + strings.Repeat("9", 3000), "/history?before=%00", "/%", "/%zz", "/%u0041", "*",
}

// No path leads out of what is there, breaks anything or comes back as something else (Show 6).
func TestPathsThatAttack(t *testing.T) {
	x := besieged(t)
	me := x.login()
	for _, door := range []string{"web", "page"} {
		host := strings.TrimPrefix(x.base[door], "http://")
		for _, path := range hostilePaths {
			for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "CONNECT"} {
				status, reply := x.raw(door, method+" "+path+" HTTP/1.1\r\nHost: "+host+"\r\nCookie: "+me.cookie+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
				head, _, _ := strings.Cut(reply, "\r\n\r\n")
				switch {
				case status == 0 || status >= 500:
					t.Errorf("%s: %s %.80s: %d\n%.300s", door, method, path, status, reply)
				case strings.Contains(reply, "root:x:0") || strings.Contains(reply, "SQLite format") || strings.Contains(reply, "module orderly") || strings.Contains(reply, attackPassword):
					t.Errorf("%s: %s %.80s leads out", door, method, path)
				case strings.Contains(head, "Set-Cookie: a=b"), strings.Contains(head, "Location: //"), strings.Contains(head, "Location: http"), strings.Contains(head, `Location: /\`):
					t.Errorf("%s: %s %.80s: %s", door, method, path, head)
				case status != http.StatusBadRequest && !strings.Contains(head, "X-Content-Type-Options: nosniff"):
					t.Errorf("%s: %s %.80s: %d without what guards it\n%s", door, method, path, status, head)
				}
			}
		}
	}
}

// Methods that a route does not have do nothing, and nothing comes back of what was sent (Show 6).
func TestMethodsThatAttack(t *testing.T) {
	x := besieged(t)
	me := x.login()
	known := map[string]bool{}
	for _, w := range ways(t) {
		known[w.String()] = true
	}
	before := x.belongings()
	for _, w := range ways(t) {
		if strings.HasPrefix(w.path, "/ping/") {
			continue // where POST and GET are the same
		}
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "TRACK", "PROPFIND", "get"} {
			if other := (way{w.door, method, w.path}); !known[other.String()] {
				if a := x.ask(other, me.cookies, header("X-Secret", "echo-me")); a.status < 400 || a.status >= 500 || strings.Contains(a.body, "echo-me") {
					t.Errorf("%s: %d\n%.200s", other, a.status, a.body)
				}
			}
		}
		if a := x.ask(way{w.door, http.MethodHead, w.path}, me.cookies); a.body != "" {
			t.Errorf("HEAD of %s has a body", w)
		}
	}
	if after := x.belongings(); after != before {
		t.Errorf("something has changed:\n%s\nbefore it was\n%s", after, before)
	}
}
