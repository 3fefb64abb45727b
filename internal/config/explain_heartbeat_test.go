package config

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestExplainHeartbeats(t *testing.T) { // and no key is shown
	text := `pings: {listen: "127.0.0.1:2813", secret: sesame_sesame_sesame}
heartbeat: {url: "https://hc.example.org/sesame", every: 2m, healthchecks: true}
services:
  nightly: {heartbeat: true, schedule: 0 3 * * *, zone: UTC, grace: 10m, max run: 30m, ping: sesame_sesame_sesame1}
  here: {heartbeat: true, schedule: 0 3 * * *}
  often: {heartbeat: true, period: 1h}
`
	var b bytes.Buffer
	diags, err := Explain(&b, Options{Paths: []string{create(t, filepath.Join(t.TempDir(), "orderly.yaml"), text, 0o600)}})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	for _, want := range []string{
		"hears        pings at 127.0.0.1:2813\n                     of any heartbeat, from who knows a secret\n",
		"heartbeat    every 2m0s, hc.example.org is told that orderly makes progress, or that it makes no progress\n",
		"expects      one when the time in UTC is 0 3 * * *, or up to 10m0s later\n                     runs that take no more than 30m0s\n",
		"hears        who pings it over HTTP and knows its key\n",
		"expects      one when the time of this host is 0 3 * * *, or up to 1m0s later\n",
		"expects      one within 1h0m0s of the one before, or up to 1m0s later\n",
		"    failed (implied)\n",
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

func TestKeysOfHeartbeatsDiffer(t *testing.T) {
	dir := t.TempDir()
	create(t, filepath.Join(dir, "conf.d", "a.yaml"), "services: {b: {heartbeat: true, ping: sesame_sesame_sesame1}, c: {heartbeat: true, ping: sesame_sesame_sesame2}}\n", 0o600)
	main := create(t, filepath.Join(dir, "orderly.yaml"), "pings: {secret: sesame_sesame_sesame2}\nservices: {a: {heartbeat: true, ping: sesame_sesame_sesame1}}\n", 0o600)
	r := Read(Options{Paths: []string{main}})
	var found []string
	for _, d := range r.Diagnostics {
		found = append(found, d.Summary)
	}
	want := `"b" is pinged with the key of "a"|"c" is pinged with the secret of all`
	if got := strings.Join(found, "|"); got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}
