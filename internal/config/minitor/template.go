package minitor

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"text/template/parse"

	"orderly/internal/notice"
)

// style is in which of the languages of templates an alert is written.
type style int8

const (
	python style = iota
	golang
	golangTokens // with the placeholders of Python's in between
)

// styleOf decides for one alert, by its texts as they are written.
func (c *compiler) styleOf(command *command) style {
	hasGo, hasToken, isPython := false, false, true
	command.from.texts(func(text string) {
		hasGo = hasGo || goAction.MatchString(text)
		hasToken = hasToken || exactToken.MatchString(text) || pyToken.MatchString(text)
		isPython = isPython && pythonFormat(text, func(string) {}, func(field) {}) == nil
	})
	switch d := c.made.Dialect; {
	case (hasGo || d == HCL) && hasToken:
		c.warnf(command.at, "mixed", "placeholders of Python's are filled in as well, after the Go template").
			Hinted("write {{.MonitorName}} and the like throughout")
		return golangTokens
	case hasGo || d == HCL:
		return golang
	case d == Python || isPython && (hasToken || d == Unclear && !isLiteral(command)):
		return python
	case hasToken:
		return golangTokens
	}
	return golang
}

// isLiteral tells whether a text is the same in all languages, but for single braces.
func isLiteral(command *command) (literal bool) {
	literal = true
	command.from.texts(func(text string) { literal = literal && !strings.Contains(text, "{{") && !strings.Contains(text, "}}") })
	return literal
}

var exactToken = regexp.MustCompile(`\{(alert_count|alert_message|failure_count|last_output|last_success|monitor_name)\}`)

// A wording makes the Go template of one text of an alert. What a check has written becomes a word of its own where the
// text is a command for the shell.
type wording struct {
	c     *compiler
	sh    *shell // nil: the text is not for a shell, or what a check has written may act in it
	out   strings.Builder
	loose bool // something in it can act all the same
}

// template makes a Go template of one text.
func (c *compiler) template(pieces []piece, in style, sh *shell) (string, error) {
	w := &wording{c: c, sh: sh}
	var err error
	if in == python {
		err = w.fromPython(pieces)
	} else {
		err = w.fromGo(pieces, in)
	}
	text := w.out.String()
	if err == nil {
		_, err = notice.Parse(text)
	}
	switch {
	case err != nil:
		return "", plainTemplate(err)
	case w.loose:
		err = errLoose
	}
	return text, err
}

var noField = regexp.MustCompile(`can't evaluate field (\w+)`)

// plainTemplate is why a template cannot be used, without the names of our own types.
func plainTemplate(err error) error {
	if m := noField.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("there is no field .%s", m[1])
	}
	return err
}

// errLoose is no reason not to use a template.
var errLoose = errors.New("what a check writes can be executed here")

func (w *wording) fromPython(pieces []piece) error {
	for _, p := range pieces {
		if p.opaque {
			w.text(p.text)
			continue
		}
		if err := pythonFormat(p.text, w.text, func(f field) { w.action(f.action(), f.tainted(), f.token == "last_output" && f.spec == "" && !f.repr) }); err != nil {
			return err
		}
	}
	return nil
}

func (w *wording) fromGo(pieces []piece, in style) error {
	var source strings.Builder
	for _, p := range pieces {
		if p.opaque {
			source.WriteString(notice.Literal(p.text))
		} else {
			source.WriteString(p.text)
		}
	}
	if _, err := notice.Parse(source.String()); err != nil {
		return err
	}
	if w.sh == nil && in == golang {
		w.out.WriteString(source.String())
		return nil
	}
	t := parse.New("text")
	t.Mode = parse.SkipFuncCheck
	t, err := t.Parse(source.String(), "", "", map[string]*parse.Tree{})
	if err != nil {
		return err
	}
	w.walk(t.Root, in)
	return nil
}

// walk writes nodes of a Go template anew.
func (w *wording) walk(n *parse.ListNode, in style) {
	if n == nil {
		return
	}
	for _, each := range n.Nodes {
		switch each := each.(type) {
		case *parse.TextNode:
			w.goText(string(each.Text), in)
		case *parse.ActionNode:
			if len(each.Pipe.Decl) > 0 {
				w.out.WriteString(each.String())
				continue
			}
			pipe := each.Pipe.String()
			w.action(pipe, tainted(each.Pipe), pipe == ".LastCheckOutput")
		case *parse.IfNode:
			w.branch("if", &each.BranchNode, in)
		case *parse.WithNode:
			w.branch("with", &each.BranchNode, in)
		}
	}
}

func (w *wording) branch(word string, b *parse.BranchNode, in style) {
	w.out.WriteString("{{" + word + " " + b.Pipe.String() + "}}")
	w.walk(b.List, in)
	if b.ElseList != nil {
		w.out.WriteString("{{else}}")
		w.walk(b.ElseList, in)
	}
	w.out.WriteString("{{end}}")
}

// goText writes text between actions, in which there may be placeholders of Python's.
func (w *wording) goText(text string, in style) {
	if in == golangTokens {
		for {
			at := exactToken.FindStringSubmatchIndex(text)
			if at == nil {
				break
			}
			w.text(text[:at[0]])
			f := field{token: text[at[2]:at[3]]}
			w.action(f.action(), f.tainted(), f.tainted())
			text = text[at[1]:]
		}
	}
	w.text(text)
}

// text writes something that stands for itself.
func (w *wording) text(s string) {
	if w.sh != nil {
		w.sh.write(s)
	}
	w.out.WriteString(notice.Literal(s))
}

// action writes something that is filled in. Plain says that it is the output of the check and nothing else.
func (w *wording) action(x string, tainted, plain bool) {
	if w.sh == nil || !tainted {
		w.out.WriteString("{{" + x + "}}")
		if w.sh != nil {
			w.sh.word()
		}
		return
	}
	if w.sh.escaped { // what follows the backslash is no longer one character
		w.text(`\`)
	}
	switch w.sh.context() {
	case inVerbatim:
		w.out.WriteString("{{" + x + "}}")
	case inText:
		if plain {
			w.out.WriteString("${ORDERLY_LAST_OUTPUT}")
			break
		}
		w.out.WriteString("{{" + x + "}}")
		w.loose = true
	default:
		if !plain {
			x += " | print"
		}
		w.out.WriteString(w.sh.enclose("{{" + x + " | shellquote}}"))
	}
	w.sh.word()
}

// tainted tells whether what a check has written can be in the result of a pipeline.
func tainted(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.PipeNode:
		last := n.Cmds[len(n.Cmds)-1]
		if f, is := last.Args[0].(*parse.IdentifierNode); is && f.Ident == "shellquote" {
			return false
		}
		for _, cmd := range n.Cmds {
			for _, arg := range cmd.Args {
				if tainted(arg) {
					return true
				}
			}
		}
	case *parse.FieldNode:
		return n.Ident[0] == "LastCheckOutput" || n.Ident[0] == "Evidence" || n.Ident[0] == "Text"
	case *parse.DotNode, *parse.VariableNode, *parse.ChainNode:
		return true
	}
	return false
}
