package diag

import (
	"strings"
	"testing"
)

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		`username "me" password "a b" using tls`:                     `username "me" password ******** using tls`,
		`PASSWORD x`:                                                 `PASSWORD ********`,
		"password\n  'x y'\nport 1":                                  "password\n  ********\nport 1",
		`password "never closed` + "\n":                              `password ********`,
		`secret = x then`:                                            `secret = ******** then`,
		`  password: correct horse battery` + "\n  port: 1":          "  password: ********\n  port: 1",
		`{host: x, password: "a, b", port: 1}`:                       `{host: x, password: ********, port: 1}`,
		`{"password": "x", "port": 1}`:                               `{"password": ********, "port": 1}`,
		`- "if failed port 1 password \"a b\" then alert"`:           `- "if failed port 1 password \******** then alert"`,
		`exec "/bin/mysql --password=x -u me"`:                       `exec "/bin/mysql --password=******** -u me"`,
		`MYSQL_PASSWORD=x http://h/?a=b&secret=y`:                    `MYSQL_PASSWORD=******** http://h/?a=b&secret=********`,
		`--password-file /run/x`:                                     `--password-file /run/x`,
		`passwords are words, secretly`:                              `passwords are words, secretly`,
		`if failed url http://me:x@h/a?b=c@d then`:                   `if failed url http://me:********@h/a?b=c@d then`,
		`https://me:a/b@h:1/`:                                        `https://me:********@h:1/`,
		`https://me:a@b@h:1/`:                                        `https://me:********@h:1/`,
		`http://h:80/x http://me@h/ a@b`:                             `http://h:80/x http://me@h/ a@b`,
		`via slack with url https://hooks.x.com/services/T0/B1, a b`: `via slack with url https://hooks.x.com/********, a b`,
		`via slack with url https://x.com/a/hooks/T0B1, a b`:         `via slack with url https://x.com/a/hooks/********, a b`,
		`{url: "https://x.com/api/webhooks/1/2"}`:                    `{url: "https://x.com/api/webhooks/********"}`,
		`via campfire with team a, token b-1, room c`:                `via campfire with team a, token ********, room c`,
		`with: {team: a, token: b, room: c}`:                         `with: {team: a, token: ********, room: c}`,
		`url hooks.x.com/services/T0 a`:                              `url hooks.x.com/******** a`,
		`tokens are words`:                                           `tokens are words`,
		`https://hooks.x.com/ https://x/hooks.a/b`:                   `https://hooks.x.com/ https://x/hooks.a/b`,
		`allow admin:monit read-only allow localhost`:                `allow admin:******** read-only allow localhost`,
		`allow "a" : 'b c' allow @users`:                             `allow "a" : ******** allow @users`,
		`http headers [A: b, Authorization: Basic x, C: d]`:          `http headers [A: b, Authorization: ********, C: d]`,
		`http headers ["X-Api-Key": "x, y", Cookie: z] then`:         `http headers ["X-Api-Key": ********, Cookie: ********] then`,
		`http headers [Set-Cookie: x`:                                `http headers [Set-Cookie: ********`,
		`check file password with path /etc/passwd`:                  `check file password with path /etc/passwd`,
		"depends on secret\ngroup password\nname: password\n":        "depends on secret\ngroup password\nname: password\n",
		`passwords are words; the key: value`:                        `passwords are words; the key: value`,
		"":                                                           "",
	} {
		src := NewSource("f", []byte(in))
		if got := (Span{src, 0, len(in)}).Shown(); got != want {
			t.Errorf("%q is shown as\n%q, want\n%q", in, got, want)
		}
	}
}

func TestShownInParts(t *testing.T) {
	const in = `a password sesame b`
	from, to := strings.Index(in, "sesame"), strings.Index(in, " b")
	src := NewSource("f", []byte(in))
	for start := range in {
		for end := start + 1; end <= len(in); end++ {
			want := in[start:end]
			if start < to && end > from {
				want = in[start:max(start, from)] + Hidden + in[min(to, end):end]
			}
			if got := (Span{src, start, end}).Shown(); got != want {
				t.Fatalf("%d to %d is shown as %q, want %q", start, end, got, want)
			}
		}
	}
}

func TestSnippetHidesSecrets(t *testing.T) {
	const in = "set x password \"sesame\" prot 1\n"
	src := NewSource("f", []byte(in))
	at := strings.Index(in, "prot")
	var l List
	l.Error(Span{src, at, at + 4}, "c", "unexpected")
	l.Error(Span{src, strings.Index(in, "sesame"), strings.Index(in, "sesame") + 3}, "c", "in the middle")
	var b strings.Builder
	if err := Print(&b, l); err != nil {
		t.Fatal(err)
	}
	want := "f:1:25: error: unexpected\n" +
		"     1 | set x password ******** prot 1\n" +
		"       |                         ^^^^\n"
	if !strings.HasPrefix(b.String(), want) || strings.Contains(b.String(), "ses") || strings.Contains(b.String(), "ame") {
		t.Errorf("got\n%swant\n%sand nothing of the password", b.String(), want)
	}
}

func BenchmarkSecrets(b *testing.B) {
	text := []byte(strings.Repeat("check process web with pidfile /run/web.pid\n  if failed port 80 protocol http password x then restart\n", 10000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		secrets(text)
	}
}
