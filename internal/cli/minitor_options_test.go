package cli

import (
	"errors"
	"flag"
	"reflect"
	"testing"
)

// Pins M-070, M-071 and the flags of both Minitors, with one dash and two.
func TestParseMinitor(t *testing.T) {
	t.Chdir(t.TempDir())
	at := places{stateDir: "/state", socket: "/sock"}
	usual := minitorOptions{file: "config.yml", stateDir: "/state", socket: "/sock", port: 8080, fatal: true}
	with := func(change func(*minitorOptions)) minitorOptions {
		o := usual
		change(&o)
		return o
	}
	for _, c := range []struct {
		args []string
		want minitorOptions
	}{
		{nil, usual},
		{[]string{"-c", "a.yml"}, with(func(o *minitorOptions) { o.file = "a.yml" })},
		{[]string{"-ca.yml"}, with(func(o *minitorOptions) { o.file = "a.yml" })},
		{[]string{"--config=a.hcl"}, with(func(o *minitorOptions) { o.file = "a.hcl" })},
		{[]string{"-config", "a.hcl"}, with(func(o *minitorOptions) { o.file = "a.hcl" })},
		{[]string{"-m", "-p", "9090"}, with(func(o *minitorOptions) { o.metrics, o.port = true, 9090 })},
		{[]string{"-m", "-p9090"}, with(func(o *minitorOptions) { o.metrics, o.port = true, 9090 })},
		{[]string{"--metrics", "--metrics-port", "9090"}, with(func(o *minitorOptions) { o.metrics, o.port = true, 9090 })},
		{[]string{"-metrics", "-metrics-port=9090"}, with(func(o *minitorOptions) { o.metrics, o.port = true, 9090 })},
		{[]string{"-v", "-v"}, usual},
		{[]string{"-v", "-v", "-v"}, with(func(o *minitorOptions) { o.debug = true })},
		{[]string{"-vvv"}, with(func(o *minitorOptions) { o.debug = true })},
		{[]string{"-debug"}, with(func(o *minitorOptions) { o.debug = true })},
		{[]string{"-version"}, with(func(o *minitorOptions) { o.version = true })},
		{[]string{"-py-compat"}, with(func(o *minitorOptions) { o.pyCompat = true })},
		{[]string{"--py-compat"}, with(func(o *minitorOptions) { o.pyCompat = true })},
		{[]string{"-startup-alerts", "a,b"}, with(func(o *minitorOptions) { o.alerts = []string{"a", "b"} })},
		{[]string{"-startup-alerts=a", "-startup-alerts-fatal=false"}, with(func(o *minitorOptions) { o.alerts, o.fatal = []string{"a"}, false })},
		{[]string{"-state-dir", "/x", "-socket", "/y"}, with(func(o *minitorOptions) { o.stateDir, o.socket = "/x", "/y" })},
	} {
		got, err := parseMinitor(c.args, at)
		if len(got.alerts) == 0 {
			got.alerts = nil
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, %v, want %+v", c.args, got, err, c.want)
		}
	}
	for _, args := range [][]string{{"-x"}, {"file"}, {"-p", "many"}, {"-p", "0"}, {"-p", "70000"}, {"-c"}} {
		var stop *exit
		if _, err := parseMinitor(args, at); !errors.As(err, &stop) || stop.status != exitUsage {
			t.Errorf("%q: %v", args, err)
		}
	}
	for _, arg := range []string{"-h", "--help", "-help"} {
		if _, err := parseMinitor([]string{arg}, at); !errors.Is(err, flag.ErrHelp) {
			t.Errorf("%s: %v", arg, err)
		}
	}
}
