package minitor

import (
	"slices"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// maxFindings is how much is reported of one file before the rest is passed over.
const maxFindings = 100

// A word is a text where it was written.
type word struct {
	text string
	at   diag.Span
}

// A compiler goes through one file: its settings, its alerts, its monitors.
type compiler struct {
	env   Env
	src   *diag.Source
	diags *diag.List
	first int // findings of other files
	made  *Compilation

	nodes    int // of the tree so far
	overfull bool

	interval0 time.Duration // between two passes over all monitors
	alerts    map[string]*alert
	usual     cadence
	names0    map[string]bool // of services, in lower case
}

func newCompiler(src *diag.Source, env Env, diags *diag.List) *compiler {
	return &compiler{
		env: env, src: src, diags: diags, first: len(*diags), alerts: map[string]*alert{}, names0: map[string]bool{},
		made: &Compilation{
			Config: &model.Config{Settings: model.Settings{Host: env.Hostname, Limits: model.DefaultLimits()}},
			Places: map[*model.Service]Place{}, Texts: map[diag.Pos]diag.Span{}, Kept: map[string]string{},
		},
	}
}

func (c *compiler) full() bool { return len(*c.diags)-c.first >= maxFindings }

func (c *compiler) errorf(at diag.Span, code, format string, args ...any) *diag.Diagnostic {
	if c.full() {
		return new(diag.Diagnostic)
	}
	return c.diags.Error(at, "minitor/"+code, format, args...)
}

func (c *compiler) warnf(at diag.Span, code, format string, args ...any) *diag.Diagnostic {
	if c.full() {
		return new(diag.Diagnostic)
	}
	return c.diags.Warn(at, "minitor/"+code, format, args...)
}

func (c *compiler) run() {
	before := c.diags.HasErrors()
	t := c.read()
	if t == nil {
		if !c.diags.HasErrors() || before {
			c.errorf(c.src.Whole(), "monitors", "there are no monitors")
		}
		return
	}
	c.made.Dialect, c.made.Reason = detect(t, c.src.Name, c.env.PyCompat)
	c.known(t.root, globalKeys, "a setting")
	for _, e := range t.root.table {
		if e.key != "monitors" && e.key != "alerts" {
			c.made.Statements = append(c.made.Statements, e.whole)
		}
	}
	c.settings(t.root)
	c.readAlerts(t.root.get("alerts"))
	c.readMonitors(t.root)
	c.made.Idle = c.idle()
}

// read makes a tree of the file; nil where there is nothing in it.
func (c *compiler) read() *tree {
	if len(c.src.Text) > maxSize {
		c.errorf(c.src.Whole(), "size", "the file has more than %d bytes", maxSize)
		return nil
	}
	t := &tree{isHCL: isHCL(c.src.Name, c.src.Text)}
	if t.isHCL {
		t.root = c.readHCL(c.src)
	} else {
		t.root = c.readYAML(c.src, []string{c.src.Name})
	}
	switch {
	case t.root == nil || t.root.shape == absent:
		return nil
	case t.root.shape != table:
		c.errorf(t.root.span, "type", "the file is %s, not a mapping", t.root.what())
		return nil
	}
	return t
}

// The keys that tables may have.
var (
	globalKeys = []string{
		"check_interval",
		"monitors",
		"alerts",
		"default_alert_after",
		"default_alert_every",
		"default_alert_down",
		"default_alert_up",
	}
	monitorKeys = []string{
		"name",
		"command",
		"shell_command",
		"command_shell",
		"alerts",
		"alert_down",
		"alert_up",
		"check_interval",
		"alert_after",
		"alert_every",
		"timeout",
		"depends_on",
		"group",
		"alert_max_gap",
		"severity",
		"warn_status",
		"retries",
		"fix",
		"fix_limit",
		"maintenance",
		"component",
		"public",
		"description",
		"link",
	}
	alertKeys = []string{
		"command",
		"shell_command",
		"command_shell",
		"unsafe_raw",
		"timeout",
		"channels",
	}
)

// known warns of keys that mean nothing, as they do to Minitor, and of those that are there twice.
func (c *compiler) known(n *node, keys []string, what string) {
	for i := range n.table {
		e := &n.table[i]
		if e != n.find(e.key) {
			c.warnf(e.at, "repeated", "%s is there twice: the last one counts", quoted(e.key))
			continue
		}
		if !slices.Contains(keys, e.key) {
			d := c.warnf(e.at, "unknown-key", "%s is not %s that Minitor knows: it has no effect", quoted(e.key), what)
			if near := diag.Nearest(e.key, keys); near != "" {
				d.Hinted("did you mean %q?", near)
			}
		}
	}
}

// settings reads what holds for all monitors.
func (c *compiler) settings(root *node) {
	c.interval0 = model.DefaultInterval // also for the first Go version, which would never pause
	if n := root.get("check_interval"); n != nil {
		if d := c.positive("check_interval", n); d > 0 {
			c.interval0 = d
		}
	}
	c.made.Config.Settings.Interval = c.interval0
	c.usual = c.defaults(root)
}

// positive reads an interval that must be one.
func (c *compiler) positive(key string, n *node) time.Duration {
	before := len(*c.diags)
	d := c.interval(key, n)
	if d < minInterval && len(*c.diags) == before {
		c.errorf(n.span, "interval", "%s must be at least %v", quoted(key), minInterval)
	}
	return d
}

// unique makes a name one that no other service has.
func (c *compiler) unique(name string) string {
	out := name
	for n := 2; c.names0[strings.ToLower(out)]; n++ {
		out = name + " (" + itoa(n) + ")"
	}
	c.names0[strings.ToLower(out)] = true
	return out
}
