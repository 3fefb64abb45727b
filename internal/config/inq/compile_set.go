package inq

import (
	"net"
	"slices"
	"time"

	"orderly/internal/diag"
)

// The variables that Inspeqtor knows, and what it takes where none is set.
const (
	defaultCycle = 15 * time.Second

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
	to := c.made.Config.Settings.Inspeqtor
	n, ok := readCount(s.value.Text, maxSeconds)
	if !ok {
		c.badNumber(s, "seconds", to.Deploy)
		return
	}
	to.Deploy = time.Duration(n) * time.Second
}

func (c *compiler) setExposePort(s setting) {
	n, ok := readCount(s.value.Text, maxPort)
	if !ok && s.value.Text != "0" {
		c.errorf(s.value.Span, "number", "%s is no port", quoted(s.value.Text))
		return
	}
	c.made.Config.Settings.Inspeqtor.Expose = n
}

// logLevels are ours by the names that Inspeqtor has for them.
var logLevels = map[string]string{"warn": "warn", "info": "info", "debug": "debug", "verbose": "debug"}

func (c *compiler) setLogLevel(s setting) {
	level, known := logLevels[s.value.Text]
	if !known {
		c.warnf(s.value.Span, "log-level", "%s is no level", quoted(s.value.Text)).Hinted("one of warn, info, debug and verbose")
	}
	c.made.Config.Settings.Log.Level = level
}

func (c *compiler) setStatsd(s setting) {
	host, port, err := net.SplitHostPort(s.value.Text)
	if _, ok := readCount(port, maxPort); err != nil || !ok || host == "" {
		c.errorf(s.value.Span, "address", "%s is no address of a server", quoted(s.value.Text)).Hinted("write HOST:PORT, as in localhost:8125")
		return
	}
	c.made.Config.Settings.Statsd = s.value.Text
}
