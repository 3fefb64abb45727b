package notice

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"text/template"
	"text/template/parse"
	"time"
)

const (
	maxSource   = 64 << 10  // bytes of a template
	maxRendered = 120 << 10 // bytes of a message: what Linux takes as one argument of a program
)

var (
	errTooLong = fmt.Errorf("the text grows beyond %d KiB", maxRendered>>10)
	errLoop    = errors.New("a message has nothing to loop over: range, template and block are not for it")
)

// A Template words notices: Go's text/template over the fields of [Notice], with the functions of function.go.
// It may be used by several goroutines.
type Template struct{ text *template.Template }

var braces = regexp.MustCompile(`\{\{+|\{$`)

// Literal is a text as it has to be written in a template to stand for itself, whatever follows it.
func Literal(text string) string {
	return braces.ReplaceAllStringFunc(text, func(run string) string { return `{{"` + run + `"}}` })
}

// Parse reads a template. A field or function that does not exist is an error here, not when the message is due.
func Parse(text string) (*Template, error) {
	if len(text) > maxSource {
		return nil, fmt.Errorf("cannot read a template: it is longer than %d KiB", maxSource>>10)
	}
	parsed, err := template.New("text").Option("missingkey=error").Funcs(functions).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("cannot read a template: %s", plain(err))
	}
	for _, part := range parsed.Templates() {
		if part.Tree != nil && loops(part.Root) {
			return nil, fmt.Errorf("cannot read a template: %w", errLoop)
		}
	}
	t := &Template{parsed}
	for _, n := range samples {
		if _, err := t.Render(n); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Render words a notice, in at most 120 KiB.
func (t *Template) Render(n Notice) (string, error) {
	var out bounded
	if err := t.text.Execute(&out, n); err != nil {
		if errors.Is(err, errTooLong) {
			err = errTooLong
		}
		return "", fmt.Errorf("cannot fill a template: %s", plain(err))
	}
	return out.String(), nil
}

// plain is an error of the template package less its own name of the template.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "template: text:")
	return strings.TrimPrefix(text, "template: ")
}

// bounded is a buffer that refuses to grow too large.
type bounded struct{ strings.Builder }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxRendered {
		return 0, errTooLong
	}
	return b.Builder.Write(p)
}

// loops finds what could keep a template busy for ever while it writes nothing.
func loops(n parse.Node) bool {
	var branch *parse.BranchNode
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return false
		}
		for _, each := range n.Nodes {
			if loops(each) {
				return true
			}
		}
	case *parse.RangeNode, *parse.TemplateNode:
		return true
	case *parse.IfNode:
		branch = &n.BranchNode
	case *parse.WithNode:
		branch = &n.BranchNode
	}
	return branch != nil && (loops(branch.List) || loops(branch.ElseList))
}

// samples are what templates are tried with: something that fails and something that is well, for their branches.
var samples = []Notice{
	{
		MonitorName: "web", Service: "web", Host: "www.example.org", Rule: "failed port 80", Kind: "still_failing",
		Text: "connection refused", Message: "web check has failed 5 times", Evidence: "connection refused\n",
		LastCheckOutput: "connection refused", Action: "restart", AlertCount: 3, FailureCount: 5,
		LastSuccess: sampleTime, Since: sampleTime.Add(time.Minute), At: sampleTime.Add(10 * time.Minute),
		Duration: 9 * time.Minute, Delay: time.Minute,
	},
	{
		MonitorName: "web", Service: "web", Host: "www.example.org", Rule: "failed port 80", Kind: "recovered",
		Text: "is well again", Message: "web check is up again!", IsUp: true, At: sampleTime,
	},
}

var sampleTime = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
