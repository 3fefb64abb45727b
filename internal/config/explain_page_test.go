package config

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestExplainPage(t *testing.T) {
	text := `host: box
page: {listen: ":8080", title: Shop, zone: Europe/Berlin, subscribe: [mail, webhook]}
accounts:
  deploy: {token: sesame_sesame_sesame, scope: update, only: Website, from: 192.0.2.0/24}
history: {events: forever}
services:
  web: {unit: web, component: {name: Website, group: Sales, private: true, metric: true}}
  db: {unit: db, public: false}
`
	var b bytes.Buffer
	diags, err := Explain(&b, Options{Paths: []string{create(t, filepath.Join(t.TempDir(), "orderly.yaml"), text, 0o600)}})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	for _, want := range []string{
		"status page  at :8080, called Shop\n",
		"days as in Europe/Berlin\n",
		"a component is well after 2 checks in a row and 30s, its incident is closed 5m0s later\n",
		"visitors may subscribe by mail and webhook\n",
		"account      deploy tells how components are by a token, only of Website, from 192.0.2.0/24\n",
		"keeps        minutes for 2 d, quarters of an hour for 30 d, days for 730 d, events for ever\n",
		"component    Website in the group Sales, for who has logged in, with how fast it answers\n",
		"component    none: it is not on the status page\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the explanation lacks %q", want)
		}
	}
	if strings.Contains(b.String(), "sesame") {
		t.Error("the explanation shows a secret")
	}
	if t.Failed() {
		t.Log(b.String())
	}
}
