package test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	// markup is what somebody who wants to do harm writes wherever they can: an element and an attribute that no page of ours has.
	markup = `'"></title></script></style><xss onx=y>`
	// address is where such people want a link to lead.
	address = "javascript:xss()"

	attackKey      = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
	attackPassword = "correct horse battery staple"
	friend         = "https://frames.example.org" // whose pages may show what is embedded
)

// attackable is a configuration in which everything that a configuration can name says harm.
const attackable = `every: 1s
host: @HOST@
page:
  listen: 127.0.0.1:@PAGE@
  title: @MARKUP@
  about: @TEXT@
  footer: @TEXT@
  frames: [@FRIEND@]
  subscribe: [mail, webhook]
accounts:
  @ACCOUNT@: {password: @HASH@, scope: admin}
  reader: {password: @HASH@, scope: read}
services:
  @MARKUP@:
    command: [/bin/sh, -c, 'echo "$0"; exit 1', @MARKUP@]
    groups: [@MARKUP@]
    component: {name: @MARKUP@, group: @MARKUP@, description: @TEXT@, link: "https://example.org/\"><xss>", metric: true}
    rules:
      - if: status != 0
        as: @MARKUP@
        then: alert
  job: {heartbeat: true, period: 1h, ping: @KEY@}
`

// A target is a daemon under attack.
type target struct {
	*daemon
	base map[string]string // of each door
}

// besieged runs a daemon with harm wherever somebody could have put it.
func besieged(t testing.TB) *target {
	t.Helper()
	web, page := "127.0.0.1:"+strconv.Itoa(freePort(t)), freePort(t)
	d := newDaemon(t, "")
	d.listen, d.config = web, d.path("orderly.yaml")
	quoted := func(s string) string {
		text, _ := json.Marshal(s) // which is YAML as well
		return string(text)
	}
	d.write("orderly.yaml", strings.NewReplacer(
		"@MARKUP@", quoted(markup), "@HOST@", quoted("host"+markup), "@TEXT@", quoted(markup+" ["+markup+"]("+address+") <"+address+"> ![x]("+address+")\n\n```\n"+markup+"\n```\n\n# "+markup+"\n\n- "+markup),
		"@ACCOUNT@", quoted(admin), "@PAGE@", strconv.Itoa(page), "@FRIEND@", friend, "@HASH@", hashOf(t, attackPassword), "@KEY@", attackKey,
	).Replace(attackable))
	d.start()
	x := &target{d, map[string]string{"web": "http://" + web, "page": "http://127.0.0.1:" + strconv.Itoa(page)}}
	d.eventually("an incident follows from a check", func() bool {
		return strings.Contains(x.ask(way{"web", http.MethodGet, "/api/v1/incidents/1"}).body, `"id":1,`)
	})
	x.inscribe()
	return x
}

// admin is an account whose name is as bad as it can be.
var admin = strings.ReplaceAll(markup, ":", "")

// hashOf is the hash of a password as the configuration has it.
func hashOf(t testing.TB, password string) string {
	t.Helper()
	hash := exec.Command(binary, "user", "hash")
	hash.Stdin = strings.NewReader(password + "\n")
	line, err := hash.Output()
	if err != nil {
		t.Fatal("orderly user hash: ", err)
	}
	return strings.TrimSpace(string(line))
}

// inscribe writes harm into everything that comes over the network.
func (x *target) inscribe() {
	x.t.Helper()
	text := markup + " [" + markup + "](" + address + ")"
	for _, o := range []struct {
		path   string
		fields map[string]any
	}{
		{"components", map[string]any{"name": markup, "status": 1, "description": text, "link": "https://example.org/" + markup, "tags": markup}},
		{"components/groups", map[string]any{"name": markup, "visible": 1}},
		{"incidents", map[string]any{"name": markup, "message": text, "status": 1, "visible": 1, "component_id": 1, "component_status": 4}},
		{"incidents/1/updates", map[string]any{"message": text, "status": 2}},
		{"metrics", map[string]any{"name": markup, "suffix": markup, "description": text, "default_value": 1}},
		{"schedules", map[string]any{"name": markup, "message": text, "status": 0, "scheduled_at": time.Now().Add(time.Hour).Format(time.DateTime)}},
		{"subscribers", map[string]any{"email": `"<xss>"@example.org`, "verify": 1}},
		{"subscribers", map[string]any{"email": "xss@example.org", "verify": 1}},
	} {
		body, err := json.Marshal(o.fields)
		if err != nil {
			x.t.Fatal(err)
		}
		a := x.ask(way{"web", http.MethodPost, "/api/v1/" + o.path}, withLogin, kind("application/json"), saying(string(body)))
		if a.status != http.StatusOK && (a.status != http.StatusBadRequest || !strings.Contains(o.path, "subscribers")) {
			x.t.Fatalf("POST %s: %d\n%s", o.path, a.status, a.body)
		}
	}
	if a := x.ask(way{"web", http.MethodPost, "/ping/" + attackKey + "/fail"}, header("User-Agent", markup), saying(markup)); a.status != http.StatusOK {
		x.t.Fatalf("the job is not heard: %d %s", a.status, a.body)
	}
	x.eventually("an incident follows from that as well", func() bool {
		return strings.Contains(x.ask(way{"web", http.MethodGet, "/api/v1/incidents"}).body, "job")
	})
	x.must("silence", markup, "--for", "1h", "--reason", markup)
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// A twist is how an attacker makes a request other than a friendly one would be.
type twist func(*http.Request)

func header(name, value string) twist { return func(r *http.Request) { r.Header.Set(name, value) } }
func kind(is string) twist            { return header("Content-Type", is) }
func named(host string) twist         { return func(r *http.Request) { r.Host = host } }

func saying(body string) twist {
	return func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
}

// form is the body of a form.
func form(pairs ...string) twist {
	fields := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields.Add(pairs[i], pairs[i+1])
	}
	return func(r *http.Request) {
		kind("application/x-www-form-urlencoded")(r)
		saying(fields.Encode())(r)
	}
}

func withLogin(r *http.Request) { r.SetBasicAuth(admin, attackPassword) }

// bare neither follows redirections nor keeps connections.
var bare = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask sends a request. Of what does not end, the answer has the first piece.
func (x *target) ask(w way, twists ...twist) answer {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, w.method, x.base[w.door]+w.path, nil)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, change := range twists {
		change(r)
	}
	resp, err := bare.Do(r)
	if err != nil {
		x.t.Fatalf("%s: %v\nlog:\n%s", w, err, x.log)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		piece := make([]byte, 64)
		n, _ := resp.Body.Read(piece)
		a.body = string(piece[:n])
		return a
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		x.t.Fatalf("%s: %v", w, err)
	}
	a.body = string(body)
	return a
}

// A session is somebody who has logged in with a browser.
type session struct{ cookie, token string }

func (s session) cookies(r *http.Request) { r.Header.Set("Cookie", s.cookie) }

var hiddenToken = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// login logs in as the administrator.
func (x *target) login() session {
	x.t.Helper()
	a := x.ask(way{"web", http.MethodPost, "/login"}, form("name", admin, "password", attackPassword))
	name, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	if a.status != http.StatusSeeOther || name == "" {
		x.t.Fatalf("login: %d %v", a.status, a.header)
	}
	s := session{cookie: name}
	if found := hiddenToken.FindStringSubmatch(x.ask(way{"web", http.MethodGet, "/logout"}, s.cookies).body); found != nil {
		s.token = found[1]
	}
	if s.token == "" {
		x.t.Fatal("the page has no form that is protected")
	}
	return s
}

// belongings is all that an attacker might have changed, and that does not change by itself.
func (x *target) belongings() string {
	x.t.Helper()
	var b strings.Builder
	for _, path := range []string{"components", "components/groups", "incidents", "incidents/1/updates", "metrics", "schedules", "subscribers"} {
		a := x.ask(way{"web", http.MethodGet, "/api/v1/" + path + "?per_page=1000"}, withLogin)
		var list struct{ Data []belonging }
		if err := json.Unmarshal([]byte(a.body), &list); err != nil {
			x.t.Fatalf("GET %s: %d, %v\n%s", path, a.status, err, a.body)
		}
		for _, one := range list.Data {
			if path == "components" && strings.Contains(string(one.Meta), "orderly") {
				one.Status = 0 // its check decides
			}
			fmt.Fprintf(&b, "%s: %+v\n", path, one)
		}
	}
	for _, args := range [][]string{{"silence", "list", "--json"}, {"user", "list"}, {"token", "list"}} {
		fmt.Fprintln(&b, lately.ReplaceAllString(x.must(args...), ""))
	}
	for _, kind := range []string{"action", "action_failed", "acknowledged", "silenced", "reloaded"} {
		fmt.Fprintln(&b, kind, x.happened(markup, kind), x.happened("job", kind))
	}
	return b.String()
}

// lately is when an account was last used, and what follows.
var lately = regexp.MustCompile(`configuration .*`)

// A text is JSON as it came.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	*t = text(b)
	return nil
}

// A belonging is one thing of the status page, as far as nothing but people change it.
type belonging struct {
	ID                           int
	Name, Message, Email, Suffix string
	Enabled                      bool
	Visible, Status              int
	Group                        int `json:"group_id"`
	Meta                         text
}
