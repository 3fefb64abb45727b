package cli

import (
	"slices"
	"strings"
)

// minitorOptions are what a command line of Minitor says.
type minitorOptions struct {
	file     string
	stateDir string
	socket   string
	metrics  bool
	port     int
	debug    bool
	pyCompat bool
	version  bool
	alerts   []string // to run at the start
	fatal    bool     // nothing is started when one of them fails
}

// usualMetricsPort is where both Minitors serve metrics.
const usualMetricsPort = 8080

// debugging is how many times -v has everything logged, as with the first Minitor. What less of them ask for is logged
// in any case.
const debugging = 3

// parseMinitor reads a command line of either Minitor. The error is flag.ErrHelp where help is asked for, else it is the
// user's.
func parseMinitor(args []string, at places) (minitorOptions, error) {
	var o minitorOptions
	var alerts string
	verbose := 0
	flags := quietFlags(minitorName)
	for _, name := range []string{"c", "config"} {
		flags.StringVar(&o.file, name, "", "")
	}
	for _, name := range []string{"m", "metrics"} {
		flags.BoolVar(&o.metrics, name, false, "")
	}
	for _, name := range []string{"p", "metrics-port"} {
		flags.IntVar(&o.port, name, usualMetricsPort, "")
	}
	for i, name := range []string{"v", "vv", "vvv"} {
		flags.BoolFunc(name, "", func(string) error { verbose += i + 1; return nil })
	}
	flags.BoolVar(&o.debug, "debug", false, "")
	flags.BoolVar(&o.pyCompat, "py-compat", false, "")
	flags.StringVar(&alerts, "startup-alerts", "", "")
	flags.BoolVar(&o.fatal, "startup-alerts-fatal", true, "")
	flags.StringVar(&o.stateDir, "state-dir", at.stateDir, "")
	flags.StringVar(&o.socket, "socket", at.socket, "")
	flags.BoolVar(&o.version, "version", false, "")
	known := func(name string) bool { return flags.Lookup(name) != nil }
	if err := flags.Parse(apart(args, known)); err != nil {
		return o, badFlag(minitorName, err)
	}
	switch {
	case flags.NArg() > 0:
		return o, misuse(minitorName, "nothing but options is understood, not %q", flags.Arg(0))
	case o.port < 1 || o.port > 65535:
		return o, misuse(minitorName, "%d is no port", o.port)
	}
	o.file = first(o.file, usualMinitorFile())
	o.debug = o.debug || verbose >= debugging
	o.alerts = slices.DeleteFunc(strings.Split(alerts, ","), func(name string) bool { return name == "" })
	return o, nil
}

// apart takes short options and their values apart, as in -p9090, which the first Minitor understands.
func apart(args []string, known func(name string) bool) []string {
	var out []string
	for _, arg := range args {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if len(name) > 1 && !strings.HasPrefix(arg, "--") && (strings.HasPrefix(arg, "-c") || strings.HasPrefix(arg, "-p")) && !known(name) {
			out = append(out, arg[:2], arg[2:])
			continue
		}
		out = append(out, arg)
	}
	return out
}
