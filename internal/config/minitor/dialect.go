package minitor

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A Dialect is the Minitor that a file was written for.
type Dialect int8

// The dialects. They differ in their defaults and in how alerts are worded.
const (
	Unclear Dialect = iota // Python's or the first Go version's: there is nothing to tell them apart
	Python
	Go
	HCL
)

// String names the dialect for people.
func (d Dialect) String() string {
	switch d {
	case Python:
		return "Minitor in Python"
	case Go:
		return "Minitor in Go, version 1"
	case HCL:
		return "Minitor in Go, version 2"
	}
	return "Minitor in Python or in Go, version 1"
}

var (
	goAction = regexp.MustCompile(`(?:^|[^{])\{\{-? *(?:\.|\$|if\b|with\b|range\b|else\b|end\b|printf?\b|len\b|InTZ\b|FormatTime\b|RFC[0-9]+[A-Za-z]*\b|ANSIC\b|UnixDate\b|RubyDate\b)`)
	pyToken  = regexp.MustCompile(`\{(alert_count|alert_message|failure_count|last_output|last_success|monitor_name)[}!:]`)

	hclBlock    = regexp.MustCompile(`(?m)^\s*(?:monitor|alert)\s+"[^"\n]*"\s*\{`)
	jsonMonitor = regexp.MustCompile(`"monitor"\s*:`)
	yamlKey     = regexp.MustCompile(`(?m)^["']?(?:monitors|alerts|check_interval)["']?\s*:`)
)

// isHCL tells the syntax of a file by its name, else by its text.
func isHCL(name string, text []byte) bool {
	switch filepath.Ext(name) {
	case ".hcl":
		return true
	case ".json":
		return jsonMonitor.Match(text)
	}
	return hclBlock.Match(text) && !yamlKey.Match(text)
}

// detect tells for whom a tree was written, and by what.
func detect(t *tree, name string, pyCompat bool) (Dialect, string) {
	if t.isHCL {
		if strings.HasSuffix(name, ".hcl") {
			return HCL, "the file's name ends in .hcl"
		}
		return HCL, "the file is written in HCL"
	}
	if why := goSign(t.root); why != "" {
		return Go, why
	}
	why := pySign(t.root)
	switch {
	case why == monitorAlerts:
		return Python, why
	case pyCompat:
		return Go, "-py-compat was given"
	case why != "":
		return Python, why
	}
	return Unclear, "nothing in the file tells: alerts are due after 1 failure, then with growing gaps, where it says nothing else"
}

// goSign is what only the first Go version understands, or "".
func goSign(root *node) string {
	for _, key := range []string{"default_alert_after", "default_alert_every", "default_alert_down", "default_alert_up"} {
		if root.find(key) != nil {
			return fmt.Sprintf("it has %q", key)
		}
	}
	if isDuration(root.get("check_interval")) {
		return fmt.Sprintf("%q is a duration", "check_interval")
	}
	for _, m := range root.get("monitors").elements() {
		if isDuration(m.get("check_interval")) {
			return fmt.Sprintf("%q of a monitor is a duration", "check_interval")
		}
		if key := goCommand(m); key != "" {
			return fmt.Sprintf("a monitor has %q", key)
		}
	}
	for name, a := range alertsOf(root) {
		if key := goCommand(a); key != "" {
			return fmt.Sprintf("the alert %s has %q", quoted(name), key)
		}
		if worded(a, goAction) {
			return fmt.Sprintf("the alert %s is a Go template", quoted(name))
		}
	}
	return ""
}

// goCommand is a key for commands that Python's version never had.
func goCommand(n *node) string {
	for _, key := range []string{"shell_command", "command_shell"} {
		if n.get(key) != nil {
			return key
		}
	}
	return ""
}

var duration = regexp.MustCompile(`^[0-9.]+[a-zµ]`)

func isDuration(n *node) bool { return n != nil && n.shape == scalar && duration.MatchString(n.text) }

const monitorAlerts = `a monitor has "alerts"`

// pySign is what only Python's version understands, or "".
func pySign(root *node) string {
	for _, m := range root.get("monitors").elements() {
		if m.get("alerts") != nil {
			return monitorAlerts
		}
	}
	for name, a := range alertsOf(root) {
		if worded(a, pyToken) {
			return fmt.Sprintf("the alert %s has placeholders of Python's", quoted(name))
		}
	}
	return ""
}

// alertsOf goes through the alerts of a file.
func alertsOf(root *node) func(yield func(name string, a *node) bool) {
	return func(yield func(string, *node) bool) {
		all := root.get("alerts")
		if all == nil || all.shape != table {
			return
		}
		for _, e := range all.table {
			if e.value.shape == table && !yield(e.key, e.value) {
				return
			}
		}
	}
}

// worded tells whether the command of an alert has a text like this.
func worded(a *node, like *regexp.Regexp) (found bool) {
	for _, key := range commandKeys {
		a.get(key).texts(func(text string) { found = found || like.MatchString(text) })
	}
	return found
}

// commandKeys are the names that a command goes by.
var commandKeys = []string{"command", "shell_command", "command_shell"}

// isShellKey tells a key whose command is for a shell, however it is written.
func isShellKey(key string) bool { return slices.Contains(commandKeys[1:], key) }
