package config

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"orderly/internal/model"
)

func TestLoadNative(t *testing.T) {
	dir := t.TempDir()
	in := create(t, filepath.Join(dir, "orderly.yaml"), `host: front
every: 10s
services:
  web:
    pidfile: /run/web.pid
    depends: db
    rules:
      - if cpu > 80% then alert
`, 0o644)
	create(t, filepath.Join(dir, "conf.d/db.conf"), named("db")+"depends on cache\n", 0o644)
	create(t, filepath.Join(dir, "conf.d/cache.yaml"), "services: {cache: {host: cache, rules: [failed ping then alert]}}\n", 0o644)

	r := Read(Options{Paths: []string{in}})
	if len(r.Diagnostics) > 0 || len(r.Files) != 3 {
		t.Fatalf("%d files: %v", len(r.Files), r.Diagnostics)
	}
	var names []string
	for _, s := range r.Config.Services {
		names = append(names, s.Name)
	}
	if want := []string{"web", "front", "cache", "db"}; !slices.Equal(names, want) {
		t.Errorf("services %q, want %q", names, want)
	}
	if s := r.Config.Settings; s.Host != "front" || s.Interval.Seconds() != 10 {
		t.Errorf("settings %+v", s)
	}

	var b bytes.Buffer
	if _, err := Explain(&b, Options{Paths: []string{in}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"    host: front\n", "    depends: db\n", "    if cpu > 80% then alert\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the explanation lacks %q:\n%s", want, b.String())
		}
	}
}

func TestNativeDependenciesHavePlaces(t *testing.T) {
	in := create(t, filepath.Join(t.TempDir(), "orderly.yaml"), "services:\n  a:\n    file: /a\n    depends: [c, b]\n  b: {file: /b}\n", 0o644)
	diags := Read(Options{Paths: []string{in}}).Diagnostics
	if len(diags) != 1 || diags[0].Code != "config/depends-unknown" || diags[0].Span.Text() != "c" {
		t.Errorf("found %v", diags)
	}
}

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	in := create(t, filepath.Join(dir, "monitrc"), explained, 0o600)
	text, diags, err := Convert(Options{Paths: []string{in}})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	was := Read(Options{Paths: []string{in}}).Config
	again := Read(Options{Paths: []string{create(t, filepath.Join(dir, "out/orderly.yaml"), string(text), 0o600)}})
	if again.Diagnostics.HasErrors() {
		t.Fatalf("what was written is refused: %v\n%s", again.Diagnostics, text)
	}
	is := again.Config
	for i, s := range was.Services {
		if got := is.Services[i]; got.Fingerprint() != s.Fingerprint() {
			t.Errorf("%s differs:\n%s", s.Name, text)
		}
	}

	text, diags, err = Convert(Options{Paths: []string{create(t, filepath.Join(dir, "broken"), "frobnicate\n", 0o600)}})
	if text != nil || err != nil || !diags.HasErrors() {
		t.Errorf("of a broken file became %q, %v", text, err)
	}
}

func TestConvertBuiltin(t *testing.T) {
	was := builtin("box", []mount{{"/dev/sda1", "/", "ext4"}})
	was.Seal()
	text, err := encode(was, nil)
	if err != nil {
		t.Fatal(err)
	}
	again := Read(Options{Paths: []string{create(t, filepath.Join(t.TempDir(), "orderly.yaml"), string(text), 0o600)}})
	is := again.Config
	if again.Diagnostics.HasErrors() || len(is.Services) != len(was.Services) {
		t.Fatalf("what was written is refused: %v\n%s", again.Diagnostics, text)
	}
	for i, s := range was.Services {
		got := is.Services[i]
		if got.Name != s.Name || got.Mode != s.Mode || len(got.Rules) != len(s.Rules) {
			t.Errorf("%s differs:\n%s", s.Name, text)
		}
		for k := range min(len(got.Rules), len(s.Rules)) {
			if got.Rules[k].ID != s.Rules[k].ID {
				t.Errorf("rule %q became %q", s.Rules[k].Text, got.Rules[k].Text)
			}
		}
	}
	if strings.Contains(string(text), "Not all") {
		t.Errorf("something is lost:\n%s", text)
	}
}

// Channels that one file names are known to all, whichever stands first, as fallbacks too.
func TestNamesOfChannelsAreKnownEverywhere(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "orderly.yaml")
	create(t, main, "alert: [ops]\nservices: {a: {host: a, alert: pager, rules: [failed ping then alert]}}\n", 0o644)
	create(t, filepath.Join(dir, "conf.d/a.yaml"), `notify:
  ops: {channel: slack, with: {url: "https://h.example.org/T0/B0"}, fallback: [pager, boss]}
  variant: {channel: pager, to: other}
alert: [variant]
`, 0o644)
	create(t, filepath.Join(dir, "conf.d/b.yaml"), `tls: {verify: false}
notify:
  boss: {to: boss@example.org, server: {host: mx.example.org, tls: true}, fallback: [ops]}
  pager: {channel: pagerduty, with: {token: R0UTE}, fallback: [boss]}
`, 0o644)
	r := Read(Options{Paths: []string{main}})
	if len(r.Diagnostics) > 0 {
		t.Fatal(r.Diagnostics)
	}
	said := func(r model.Route) (text string) {
		text = r.Channel + " " + r.Address
		for _, f := range r.Fallback {
			text += ", " + f.Channel + " " + f.Address
			if f.Server != nil && f.Server.TLS != nil {
				text += fmt.Sprintf(" by TLS, verified %v", f.Server.TLS.Verify)
			}
		}
		return text
	}
	var got []string
	for _, route := range append(r.Config.Routes, r.Config.Find("a").Routes...) {
		got = append(got, said(route))
	}
	const boss = ", mail boss@example.org by TLS, verified false"
	want := []string{"slack ops, pagerduty pager" + boss, "pagerduty variant" + boss, "pagerduty pager" + boss}
	if !slices.Equal(got, want) {
		t.Errorf("told are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	create(t, filepath.Join(dir, "conf.d/c.yaml"), "notify: {ops: boss@example.org}\n", 0o644)
	r = Read(Options{Paths: []string{main}})
	if len(r.Diagnostics) != 1 || !strings.Contains(r.Diagnostics[0].Summary, `"ops" is the name of another channel, in `+filepath.Join(dir, "conf.d/a.yaml")) {
		t.Errorf("found %v", r.Diagnostics)
	}
}
