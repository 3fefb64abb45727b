package inq

import (
	"strings"

	"orderly/internal/diag"
)

// unexpected reports that the next token cannot stand where it does, and puts the statement in error. Want says what
// could stand there; words are the keywords among that, from which a slip of the pen is guessed.
func (p *parser) unexpected(want string, words ...string) {
	if p.failed {
		return
	}
	if p.tok.kind == tokEnd {
		at := p.last
		if at.Src == nil {
			at = p.file.src.Whole()
		}
		p.diags.Error(at, "inq/syntax", "unexpected end of file").Hinted("expected %s", want)
		p.stop()
		return
	}
	shown := p.tok.at.Shown()
	if p.tok.kind != tokQuoted {
		shown = quoted(shown)
	}
	d := p.diags.Error(p.tok.at, "inq/syntax", "unexpected %s", shown)
	d.Hint = p.advice(want, words)
	p.stop()
}

// strangers are words of people who thought of another language, and what to tell them.
var strangers = map[string]string{
	"owned":     "write: with owner NAME",
	"not":       "that a service runs is always checked; no rule is needed",
	"exists":    "that a service runs is always checked; no rule is needed",
	"failed":    "a rule is about a number: if memory:rss > 100m then alert",
	"and":       "write two rules",
	"or":        "write two rules",
	"else":      "recovery is always told; no action can follow it",
	"start":     "an action is alert, restart or reload",
	"stop":      "an action is alert, restart or reload",
	"exec":      "an action is alert, restart or reload",
	"unmonitor": "an action is alert, restart or reload",
	"via":       "how a team hears is said in inspeqtor.conf: send alerts to TEAM via CHANNEL with ...",
	"within":    "only cycles in a row can be counted: for 3 cycles",
	"times":     "only cycles in a row can be counted: for 3 cycles",
}

// advice says what to do about an unexpected token.
func (p *parser) advice(want string, words []string) string {
	text := p.tok.text
	name := len(words) == 0
	switch {
	case strings.HasPrefix(text, "=") && (glued(p.tok.at, '<') || glued(p.tok.at, '>')), text == "=", text == "==", text == "!=":
		return "there are only < and >"
	case p.tok.kind == tokQuoted && !name:
		return "expected " + want + ", not in quotes"
	case p.lx.language != inConf && p.tok.kind == tokAtom && strangers[text] != "":
		return strangers[text]
	case p.lx.language != inConf && strangers[p.last.Text()] != "":
		return strangers[p.last.Text()]
	case name && p.tok.kind == tokAtom && !p.tok.firstOfLine():
		return quoted(text) + " is a word of the language; to use it as a name or a value, write it in quotes"
	case len(text) > 2 && diag.Nearest(text, words) != "":
		return "did you mean " + quoted(diag.Nearest(text, words)) + "?"
	}
	return "expected " + want
}

// glued tells whether a character stands right in front of a place.
func glued(at diag.Span, c byte) bool { return at.Start > 0 && at.Src.Text[at.Start-1] == c }
