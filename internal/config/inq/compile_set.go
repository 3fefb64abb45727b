package inq

import (
	"net"
	"slices"
	"time"

	"orderly/internal/diag"
)

// The variables that Inspeqtor knows, and what it takes where none is set.
const (
	defaultCycle  = 15 * time.Second
	defaultDeploy = 300 * time.Second

	maxSeconds = 1<<32 - 1
	maxPort    = 65535
)

var variables = map[string]func(*compiler, setting){
	"cycle_time":      (*compiler).setCycleTime,
	"deploy_length":   (*compiler).setDeployLength,
	"expose_port":     (*compiler).setExposePort,
	"log_level":       (*compiler).setLogLevel,
	"statsd_location": (*compiler).setStatsd,
}

// settings compiles the variables. Of those that are set twice the first counts.
func (c *compiler) settings() {
	first := map[string]diag.Span{}
	for _, f := range c.files {
		for _, s := range f.sets {
			c.made.Statements = append(c.made.Statements, s.span)
			name := s.name.Text
			if at, is := first[name]; is {
				c.repeated(s.span, at, quoted(name))
				continue
			}
			first[name] = s.span
			if set := variables[name]; set != nil {
				set(c, s)
				continue
			}
			d := c.warnf(s.name.Span, "unknown-variable", "nothing uses the variable %s", quoted(name))
			if near := nearest(name, variables); near != "" {
				d.Hinted("did you mean %q?", near)
			}
		}
	}
}

// repeated warns of something of which only the first counts.
func (c *compiler) repeated(at, first diag.Span, what string) {
	c.warnf(at, "repeated", "%s is there already, and the first one counts", what).Relate(first, "this one counts")
}

func nearest[T any](name string, known map[string]T) string {
	names := make([]string, 0, len(known))
	for each := range known {
		names = append(names, each)
	}
	slices.Sort(names)
	return diag.Nearest(name, names)
}

func (c *compiler) setCycleTime(s setting) {
	n, ok := readCount(s.value.Text, maxSeconds)
	switch {
	case ok:
		c.cycle = time.Duration(n) * time.Second
	case s.value.Text == "0":
		c.errorf(s.value.Span, "cycle-time", "there must be time between two cycles").Hinted("write a number of seconds: set cycle_time 15")
	default:
		c.badNumber(s, "seconds", defaultCycle)
	}
}

// badNumber warns of a number that cannot be used, in whose place the default is taken.
func (c *compiler) badNumber(s setting, unit string, otherwise time.Duration) {
	c.warnf(s.value.Span, "number", "%s is no number of %s; it is taken to be %d", quoted(s.value.Text), unit, int(otherwise.Seconds()))
}

func (c *compiler) setDeployLength(s setting) {
	if _, ok := readCount(s.value.Text, maxSeconds); !ok {
		c.badNumber(s, "seconds", defaultDeploy)
	}
	c.notYet(s.span, "deploy_length has no effect", "before a deploy: orderly unmonitor --all; after it: orderly monitor --all")
}

func (c *compiler) setExposePort(s setting) {
	if s.value.Text == "0" {
		return
	}
	if _, ok := readCount(s.value.Text, maxPort); !ok {
		c.errorf(s.value.Span, "number", "%s is no port", quoted(s.value.Text))
		return
	}
	c.notYet(s.span, "expose_port has no effect", "orderly has pages of its own; see its --listen")
}

var logLevels = []string{"warn", "info", "debug", "verbose"}

func (c *compiler) setLogLevel(s setting) {
	switch level := s.value.Text; {
	case !slices.Contains(logLevels, level):
		c.warnf(s.value.Span, "log-level", "%s is no level", quoted(level)).Hinted("one of warn, info, debug and verbose")
	case level != "info":
		c.notYet(s.span, "log_level has no effect", "orderly logs as with the level info")
	}
}

func (c *compiler) setStatsd(s setting) {
	host, port, err := net.SplitHostPort(s.value.Text)
	if _, ok := readCount(port, maxPort); err != nil || !ok || host == "" {
		c.errorf(s.value.Span, "address", "%s is no address of a server", quoted(s.value.Text)).Hinted("write HOST:PORT, as in localhost:8125")
		return
	}
	c.notYet(s.span, "statsd_location has no effect", "measurements are not sent anywhere yet")
}
