package httpd

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func TestNetwork(t *testing.T) { // H-09
	for _, tt := range []struct {
		text, address string
		want          bool
	}{
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "127.0.0.2", false},
		{"127.0.0.1", "::ffff:127.0.0.1", true},
		{"::ffff:127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "::1", false},
		{"10.1.0.0/16", "10.1.255.3", true},
		{"10.1.2.3/16", "10.1.255.3", true},
		{"10.1.0.0/16", "10.2.0.1", false},
		{"10.1.0.0/255.255.0.0", "10.1.9.9", true},
		{"10.1.0.0/255.255.0.0", "10.2.9.9", false},
		{"10.0.0.7/255.0.0.255", "10.9.9.7", true},
		{"10.0.0.7/255.0.0.255", "10.9.9.8", false},
		{"0.0.0.0/0", "8.8.8.8", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"0.0.0.0/0.0.0.0", "8.8.8.8", true},
		{"::/0", "2001:db8::1", true},
		{"2001:db8::/32", "2001:db8:1::5", true},
		{"2001:db8::/32", "2001:db9::5", false},
		{"[::1]", "::1", true},
		{"::1", "::1", true},
	} {
		n, ok := parseNetwork(tt.text)
		if !ok {
			t.Errorf("%s is no network", tt.text)
		}
		if got := n.contains(netip.MustParseAddr(tt.address)); got != tt.want {
			t.Errorf("%s in %s: %v", tt.address, tt.text, got)
		}
	}
	for _, text := range []string{"", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/255.255", "::1/129", "::1/255.0.0.0", "10.0.0/8", "10.0.0.1/-1"} {
		if _, ok := parseNetwork(text); ok {
			t.Errorf("%q is a network", text)
		}
	}
}

func TestHosts(t *testing.T) { // H-09
	for _, tt := range []struct {
		allow string
		in    bool
	}{
		{"127.0.0.1", true},
		{"localhost", true},
		{"127.0.0.0/8", true},
		{"192.0.2.0/24", false},
		{"::1", false},
	} {
		h := &model.HTTPD{Allow: []model.Admission{{Kind: model.AdmitHost, Name: tt.allow}}}
		s, address := onPort(t, h)
		got, err := s.raw("tcp", address, "GET /_ping HTTP/1.0\r\n\r\n")
		if in := strings.HasSuffix(got, "\r\n\r\npong"); in != tt.in {
			t.Errorf("%s: got %q, %v", tt.allow, got, err)
		}
		if !tt.in && got != "" {
			t.Errorf("%s: there was an answer: %q", tt.allow, got)
		}
		if denied := strings.Contains(s.log.String(), "Denied connection from non-authorized client [127.0.0.1]"); denied == tt.in {
			t.Errorf("%s: the log says %q", tt.allow, s.log)
		}
	}
}

func TestHostsDoNotConcernSockets(t *testing.T) { // H-09, H-13
	s := setStage(t, onSocket(t, model.Admission{Kind: model.AdmitHost, Name: "192.0.2.1"}))
	s.get("", "/_ping").expect(t, http.StatusOK, "pong")
	if got := s.post("", "/_doaction", map[string][]string{"action": {"start"}, "service": {"spool"}}); got.StatusCode != 302 || s.taken() == nil {
		t.Errorf("got %d %s", got.StatusCode, got.body)
	}
}

func TestUnknownHost(t *testing.T) {
	log := &logged{}
	g := newGate(t.Context(), []model.Admission{
		{Kind: model.AdmitHost, Name: "no such host"},
		{Kind: model.AdmitHost, Name: "192.0.2.1"},
	}, &remarks{log: slog.New(slog.NewTextHandler(log, nil))}, time.Now())
	if !strings.Contains(log.String(), "nobody may connect from no such host") {
		t.Errorf("the log says %q", log)
	}
	for address, want := range map[string]bool{"192.0.2.1": true, "127.0.0.1": false} {
		if got := g.lets(&net.TCPAddr{IP: net.ParseIP(address)}); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestReloadAsksThoseInside(t *testing.T) { // H-09: a connection that stays is asked again
	h := &model.HTTPD{Allow: []model.Admission{{Kind: model.AdmitHost, Name: "127.0.0.1"}}}
	s, _ := onPort(t, h)
	s.get("", "/_ping", "Connection", "keep-alive").expect(t, 200, "pong")
	changed := *h
	changed.Allow = []model.Admission{{Kind: model.AdmitHost, Name: "192.0.2.1"}}
	if err := s.server.Configure(t.Context(), &changed); err != nil {
		t.Fatal(err)
	}
	if got, err := s.client.Get(s.base + "/_ping"); err == nil {
		t.Errorf("got %d", got.StatusCode)
	}
}

// A group lets nobody in, but where one is named nobody gets in without a login: not even from a host that is allowed.
func TestGroup(t *testing.T) { // H-10
	group := model.Admission{Kind: model.AdmitGroup, Name: "operators"}
	s := setStage(t, onSocket(t, model.Admission{Kind: model.AdmitHost, Name: "127.0.0.1"}, group))
	for _, login := range []string{"", "operators:x", "root:x", ":"} {
		if got := s.get(login, "/_ping"); got.StatusCode != 401 {
			t.Errorf("%q is answered with %d", login, got.StatusCode)
		}
	}
	s = setStage(t, onSocket(t, group, admin))
	s.get("admin:monit", "/_ping").expect(t, 200, "pong")
}

func TestLogin(t *testing.T) { // H-08, H-11
	s := setStage(t, onSocket(t, admin, watcher, model.Admission{Kind: model.AdmitUser, Name: "Admin", Password: "second"}))
	const secret = "s3cret-typed-in"
	refused := s.get("", "/")
	for _, tt := range []struct {
		login string
		in    bool
	}{
		{"admin:monit", true},
		{"ADMIN:monit", true},
		{"guest:guest", true},
		{"admin:second", false}, // the first entry counts
		{"admin:Monit", false},
		{"admin:", false},
		{"admin:" + secret, false},
		{"nobody:" + secret, false},
		{":", false},
		{"admin:" + strings.Repeat("x", 2000), false},
	} {
		got := s.get(tt.login, "/_ping")
		if tt.in {
			got.expect(t, 200, "pong")
			continue
		}
		got.expect(t, 401, refused.body) // the same for all causes
		if realm := got.Header.Get("WWW-Authenticate"); realm != `Basic realm="monit"` {
			t.Errorf("WWW-Authenticate is %q", realm)
		}
	}
	for _, header := range []string{"Basic YWRtaW4=", "Basic !!!", "Bearer YWRtaW46bW9uaXQ=", "Basic", "YWRtaW46bW9uaXQ="} {
		s.get("", "/_ping", "Authorization", header).expect(t, 401, refused.body)
	}
	log := s.log.String()
	for _, want := range []string{"unknown user 'nobody'", "wrong password for user 'admin'"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log misses %q", want)
		}
	}
	if strings.Contains(log, secret) || strings.Contains(log, "monit'") {
		t.Errorf("the log tells passwords: %s", log)
	}
}

func TestReadOnlyListener(t *testing.T) { // H-11
	h := onSocket(t, admin)
	h.Socket.ReadOnly = true
	s := setStage(t, h)
	got := s.post("admin:monit", "/_doaction", map[string][]string{"action": {"start"}, "service": {"spool"}})
	if got.StatusCode != 403 || s.taken() != nil {
		t.Errorf("got %d %s", got.StatusCode, got.body)
	}
	s.get("admin:monit", "/_viewlog").expect(t, 403, "...") // H-18
	if page := s.get("admin:monit", "/appd"); strings.Contains(page.body, "<button") {
		t.Error("there are buttons")
	}
}

func TestPasswordFiles(t *testing.T) { // H-10
	file := func(lines ...string) string {
		path := filepath.Join(t.TempDir(), "passwords")
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	clear := file("# people", "", "plainu:plain:pw", "other:otherpw", "broken", ":x")
	md5 := file("md5u:$1$abcdefgh$O3RcxDaJZDBrlS0uVgUNi/", "clear:text")
	crypt := file("cryptu:abYFL2LDrKX/c", "sha:$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA", "cut:abYFL2LDrKX/", "none:*")
	gates := []model.Admission{
		{Kind: model.AdmitFile, Name: clear, Hash: "cleartext", Users: []string{"PLAINU", "absent"}, ReadOnly: true},
		{Kind: model.AdmitFile, Name: md5, Hash: "md5"},
		{Kind: model.AdmitFile, Name: crypt, Hash: "crypt"},
		{Kind: model.AdmitFile, Name: "/nowhere/passwords", Hash: "crypt"},
		{Kind: model.AdmitFile, Name: t.TempDir(), Hash: "crypt"},
	}
	log := &logged{}
	g := newGate(t.Context(), gates, &remarks{log: slog.New(slog.NewTextHandler(log, nil))}, time.Now())
	for _, tt := range []struct {
		user, password string
		in, readOnly   bool
	}{
		{"plainu", "plain:pw", true, true},
		{"plainu", "plain", false, false},
		{"other", "otherpw", false, false}, // not among the users named
		{"md5u", "md5pw", true, false},
		{"MD5U", "md5pw", true, false},
		{"md5u", "md5", false, false},
		{"clear", "text", false, false}, // not a hash
		{"cryptu", "crpw", true, false},
		{"cryptu", "abYFL2LDrKX/c", false, false},
		{"sha", "secret", true, false},
		{"cut", "crpw", false, false},
		{"none", "*", false, false},
		{"none", "", false, false},
		{"broken", "", false, false},
		{"", "x", false, false},
	} {
		for range 2 { // the second time from memory
			who, why := g.greet(t.Context(), tt.user, tt.password, true, time.Now())
			if (why == "") != tt.in || who.readOnly != tt.readOnly {
				t.Errorf("%s:%s: %+v, %q", tt.user, tt.password, who, why)
			}
		}
	}
	for _, want := range []string{"line 5 is not a user and a cleartext password", "line 2 is not a user and a md5 password", "/nowhere/passwords", "is not a regular file"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log misses %q: %s", want, log)
		}
	}
	if strings.Contains(log.String(), "text\"") || strings.Contains(log.String(), "abYF") {
		t.Errorf("the log tells secrets: %s", log)
	}
}

// TestAHashIsWaitedForAsLongAsTheAnswer has a slow hash under way all the time, as wrong logins of others would.
func TestAHashIsWaitedForAsLongAsTheAnswer(t *testing.T) {
	known := newSecret("md5", "$1$abcdefgh$O3RcxDaJZDBrlS0uVgUNi/")
	g := &gate{entries: []entry{{user: "md5u", secret: known}}, decoy: known}
	hashing <- struct{}{}
	defer func() { <-hashing }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, why := g.greet(ctx, "md5u", "any", true, time.Now()); !strings.HasPrefix(why, "there was no time") {
		t.Errorf("a login that nobody checked: %q", why)
	}
	if _, why := g.greet(ctx, "other", "any", true, time.Now()); why != "unknown user 'other'" {
		t.Errorf("nobody's login: %q", why)
	}
}

func TestPasswordFileChanges(t *testing.T) { // H-10
	path := filepath.Join(t.TempDir(), "passwords")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	write("one:first")
	g := newGate(t.Context(), []model.Admission{{Kind: model.AdmitFile, Name: path}}, &remarks{log: slog.New(slog.DiscardHandler)}, now)
	lets := func(password string) bool {
		_, why := g.greet(t.Context(), "one", password, true, now)
		return why == ""
	}
	write("one:another")
	if !lets("first") {
		t.Error("it is read at each request")
	}
	now = now.Add(freshness)
	if lets("first") || !lets("another") {
		t.Error("it is not read again")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	now = now.Add(freshness)
	if lets("another") {
		t.Error("who was in a file that is gone is let in")
	}
	write("one:back")
	now = now.Add(freshness)
	if !lets("back") {
		t.Error("a file that came back is not read")
	}
}

func TestRemarksHaveBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &logged{}
		r := &remarks{log: slog.New(slog.NewTextHandler(log, nil))}
		for range 10 * remarksPerPeriod {
			r.add(time.Now(), slog.LevelError, "client says %s", "a\x1b[2J\n\"b\""+strings.Repeat("x", 10_000))
		}
		if n := len(log.lines); n != remarksPerPeriod {
			t.Errorf("%d lines", n)
		}
		if first := log.lines[0]; len(first) > 2*remarkLength || strings.Contains(first, "\x1b") || strings.Count(first, "\n") != 1 {
			t.Errorf("a line is %q", first)
		}
		time.Sleep(remarkPeriod)
		r.add(time.Now(), slog.LevelError, "again")
		if last := log.lines[len(log.lines)-2:]; !strings.Contains(last[0], "540 more remarks") || !strings.Contains(last[1], "again") {
			t.Errorf("the last lines are %q", last)
		}
	})
}

func TestPanicIsContained(t *testing.T) {
	h := onSocket(t, admin)
	s := setStage(t, h)
	s.in.Settings = nil
	if got, err := s.raw("unix", h.Socket.Path, "GET / HTTP/1.0\r\nAuthorization: Basic YWRtaW46bW9uaXQ=\r\n\r\n"); got != "" {
		t.Errorf("got %q, %v", got, err)
	}
	s.get("admin:monit", "/_ping").expect(t, 200, "pong")
	if !strings.Contains(s.log.String(), "page_home.go") {
		t.Errorf("the log does not say where: %s", s.log)
	}
}
