package config

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"orderly/internal/diag"
)

// secretStatements is every place where the languages take a secret; the secrets all hold "sesame".
var secretStatements = []struct{ name, text string }{
	{"monitrc", `set mailserver mx1 port 587 username "me" password "sesame 1" using tls, mx2 password sesame2`},
	{"monitrc", `set httpd port 2812 allow admin:sesame1 allow "me":"sesame 2" read-only allow localhost`},
	{"monitrc", `set mmonit https://me:sesame@mm.example.net:8443/collector with timeout 5 seconds register without credentials`},
	{"monitrc", `check host h address x if failed port 80 protocol http username me password "sesame" request "/" then alert`},
	{"monitrc", `check host h address x if failed url https://me:sesame@h:8443/a?b=c content = "x" then alert`},
	{"monitrc", `check host h address x if failed url https://me:ses%61me@h then alert`},
	{"monitrc", `check host h address x if failed port 80 protocol http http headers [A: b, Authorization: "Basic, sesame", X-Api-Key: sesame] then alert`},
	{"monitrc", `check host h address x if failed port 80 protocol apache-status username me password sesame loglimit > 10% then alert`},
	{"monitrc", `check host h address x if failed port 25 protocol smtp username me password 'sesame' then alert`},
	{"monitrc", `check host h address x if failed port 3306 protocol mysql username me password sesame rsakey checksum md5 "8f7f419955cefa0b33a2ba316cba3659" then alert`},
	{"monitrc", `check host h address x if failed port 5432 protocol pgsql username me password sesame database "x" then alert`},
	{"monitrc", `check host h address x if failed port 1883 protocol mqtt username me password sesame then alert`},
	{"monitrc", `check host h address x if failed port 1812 type udp protocol radius secret sesame then alert`},
	{"orderly.yaml", "mail:\n  servers:\n    - {host: mx, user: me, password: sesame 1}\n    - host: mx2\n      password: \"sesame 2\"\n"},
	{"orderly.yaml", "httpd:\n  port: 2812\n  allow:\n    - {user: me, password: sesame}\n    - user: you\n      password: \"sesame 2\"\n"},
	{"orderly.yaml", "collectors:\n  - url: https://me:sesame@mm.example.net/collector\n  - url: http://mm.example.net/\n    username: me\n    password: sesame\n"},
	{"orderly.yaml", "alert:\n  - channel: slack\n    with: {url: https://hooks.slack.com/services/sesame, icon_emoji: ghost}\n  - {channel: campfire, with: {team: a, token: sesame, room: c}}\n"},
	{"orderly.yaml", "pings: {listen: ':2813', secret: sesame_sesame_sesame}\nheartbeat: https://example.org/sesame/x\nservices:\n  h:\n    heartbeat: true\n    ping: sesame_sesame_sesame2\n"},
	{"orderly.yaml", "heartbeat:\n  every: 1m\n  healthchecks: true\n  url: 'https://example.org/sesame/x?sesame'\nservices:\n  h: {heartbeat: true, ping: \"sesame\"}\n"},
	{"orderly.yaml", "services:\n  h:\n    unit: x\n    alert: {channel: slack, with: {url: 'https://chat.example.org/hooks/sesame'}}\n"},
	{"inspeqtor.conf", `send alerts via slack with url https://hooks.slack.com/services/sesame, icon_emoji ghost`},
	{"inspeqtor.conf", `send alerts via campfire with team a, token sesame, url "https://chat.example.org/hooks/sesame", room c`},
	{"orderly.yaml", "services:\n  h:\n    host: x\n    rules:\n      - if failed port 80 protocol http username me password \"sesame\" then alert\n"},
}

// Wherever a configuration is cut, and whatever is missing in it or too much, no finding and no explanation shows a secret.
func TestSecretsAreNeverShown(t *testing.T) {
	dir := t.TempDir()
	for _, s := range secretStatements {
		words := strings.SplitAfter(s.text, " ")
		for i, word := range words {
			before, after := strings.Join(words[:i], ""), strings.Join(words[i:], "")
			variants := []string{before, before + "oops " + after, before + "7 " + after, before + strings.TrimPrefix(after, word)}
			switch strings.Trim(strings.TrimSpace(word), `"[:`) {
			case "password", "secret", "token", "allow", "headers", "ping", "heartbeat", "A", "Authorization", "X-Api-Key":
				variants = variants[:3] // without the word nothing tells that the next one is a secret
			}
			if strings.HasPrefix(strings.Trim(word, `'"`), "sesame") {
				variants = variants[:1] // what is put in between would be the secret
			}
			for _, text := range append(variants, s.text) {
				in := create(t, filepath.Join(dir, s.name), text+"\n", 0o600)
				var out bytes.Buffer
				diags, err := Explain(&out, Options{Paths: []string{in}})
				if err != nil {
					t.Fatal(err)
				}
				if err := diag.Print(&out, diags); err != nil {
					t.Fatal(err)
				}
				if err := json.NewEncoder(&out).Encode(diags.Report()); err != nil {
					t.Fatal(err)
				}
				if at := strings.Index(out.String(), "sesame"); at >= 0 {
					t.Errorf("%s\n--- shows ---\n%s", text, out.String()[max(0, at-300):min(out.Len(), at+100)])
				}
			}
		}
	}
}
