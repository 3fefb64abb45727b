package config

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// What is said of units, of bounds of repairs, of heartbeats and of chats, in words. Secrets are not among them.
func TestExplainUnits(t *testing.T) {
	text := `log: {level: debug}
statsd: localhost:8125
inspeqtor: {deploy: 10m}
alert: {channel: slack, with: {url: https://hooks.example.org/services/sesame}}
services:
  web:
    unit: web.service
    init: systemd
    pidfile: /run/web.pid
    reload: /bin/true
    expose: {port: 8080, request: /debug/vars}
    rules: [if memory > 1 GB then reload, if cpu > 90% then restart service db once]
  db: {unit: db, repair: {wait: 0s, retry: never}}
  free: {unit: free, repair: no limit}
  worker: {matching: x, repair: {times: 3, rounds: 2}}
  endless: {matching: y, repair: {times: no limit}}
  backup: {heartbeat: true, period: 1h}
`
	var b bytes.Buffer
	diags, err := Explain(&b, Options{Paths: []string{create(t, filepath.Join(t.TempDir(), "orderly.yaml"), text, 0o600)}})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	for _, want := range []string{
		"tells        slack hooks.example.org of everything\n",
		"logs         also what helps to find mistakes of its own\n", "statsd       localhost:8125\n",
		"deploys      10m0s at most, in which nobody is told and nothing is done\n",
		"inspeqtor    pages and documents at port 4677 of loopback\n",
		"watches      the service that systemd knows as web.service, whose number may be in /run/web.pid\n",
		"reload       /bin/true\n", "shows        the memory of the program, from localhost port 8080, protocol memstats-status",
		"repairs      1s after the one before, twice as long each time, 1m0s at most\n" +
			"                     gives up after 5 within 10m0s that did not help, and tries again 1h0m0s later\n",
		"repairs      at once\n                     gives up after 5 within 10m0s that did not help, until somebody asks for it\n",
		"repairs      as often as rules want\n", "                     never gives up\n",
		"gives up after 3 within 10m0s that did not help, and tries again 1h0m0s later, until it gave up 2 times\n",
		"    ends unasked (implied)\n        rule 2       trouble when deaths differs from the check before\n",
		"    restart loop (implied)\n        rule 3       trouble when deaths of the last 1m0s > 3\n",
		"then         restart db once\n", "    no sign of life for 61m (implied)\n        rule 1       trouble when silence > 1h1m\n",
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
