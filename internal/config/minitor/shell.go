package minitor

import (
	"regexp"
	"strings"
)

// A shell follows the quoting of a command for a POSIX shell, as far as it takes to put a text into it as one word.
type shell struct {
	open    []byte // what is open: ' " ` and ( of $( or of a subshell
	escaped bool   // behind a backslash
	comment bool
	last    byte // before the place where it is

	line    []byte    // so far
	pending []heredoc // their texts begin at the next line
	body    *heredoc  // in the text of this one
}

// A heredoc is a text on the lines after a command.
type heredoc struct {
	end      string // the line that ends it
	tabs     bool   // which tabs may precede
	verbatim bool   // nothing in it is filled in
}

// A context is what a place in a command lies in.
type context int8

const (
	inPlain    context = iota
	inSingle           // quotes
	inDouble           // quotes
	inText             // of a heredoc in which the shell fills in variables
	inVerbatim         // of one in which it does not
)

func (s *shell) context() context {
	switch {
	case s.body != nil && s.body.verbatim:
		return inVerbatim
	case s.body != nil:
		return inText
	case len(s.open) == 0:
		return inPlain
	}
	switch s.open[len(s.open)-1] {
	case '\'':
		return inSingle
	case '"':
		return inDouble
	}
	return inPlain
}

// enclose makes a quoted word part of what is around it. The word stands alone in a heredoc.
func (s *shell) enclose(word string) string {
	switch s.context() {
	case inSingle:
		return "'" + word + "'"
	case inDouble:
		return `"` + word + `"`
	}
	return word
}

// shellWord makes one word of a text.
func shellWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// word goes past a word that was put in.
func (s *shell) word() {
	s.last, s.escaped = 'x', false
	s.line = append(s.line, 0)
}

// write goes past a part of the command.
func (s *shell) write(text string) {
	for i := range len(text) {
		s.step(text[i])
	}
}

var hereWord = regexp.MustCompile(`(?:^|[^<])<<(-?)[ \t]*(?:'([^']+)'|"([^"]+)"|(\\?)([^\s'"<>;&|()]+))$`)

func (s *shell) step(b byte) {
	defer func() { s.last = b }()
	if b == '\n' {
		s.newline()
		return
	}
	if s.body != nil {
		s.line = append(s.line, b)
		return
	}
	if s.here(b) {
		s.line = s.line[:0] // so that the word is found once
	}
	s.line = append(s.line, b)
	switch {
	case s.comment:
		return
	case s.escaped:
		s.escaped = false
		return
	}
	top := byte(0)
	if len(s.open) > 0 {
		top = s.open[len(s.open)-1]
	}
	if top == '\'' {
		if b == '\'' {
			s.open = s.open[:len(s.open)-1]
		}
		return
	}
	switch {
	case b == '\\':
		s.escaped = true
	case b == top && (b == '"' || b == '`'), b == ')' && top == '(':
		s.open = s.open[:len(s.open)-1]
	case b == '"' || b == '`', b == '\'' && top != '"', b == '(' && (top != '"' || s.last == '$'):
		s.open = append(s.open, b)
	case b == '#' && top != '"' && strings.IndexByte("\x00 \t;&|(\n", s.last) >= 0:
		s.comment = true
	}
}

// here notes a heredoc whose word has just ended.
func (s *shell) here(next byte) bool {
	if s.comment || s.context() != inPlain || strings.IndexByte(" \t;&|()<>\n", next) < 0 {
		return false
	}
	m := hereWord.FindSubmatch(s.line)
	if m == nil {
		return false
	}
	h := heredoc{tabs: len(m[1]) > 0, verbatim: len(m[2])+len(m[3])+len(m[4]) > 0}
	h.end = string(m[2]) + string(m[3]) + string(m[5])
	s.pending = append(s.pending, h)
	return true
}

// newline begins a line, which may be the first one of a heredoc or the one behind its end.
func (s *shell) newline() {
	if s.body == nil {
		s.here('\n')
	} else {
		line := string(s.line)
		if s.body.tabs {
			line = strings.TrimLeft(line, "\t")
		}
		if line == s.body.end {
			s.body, s.pending = nil, s.pending[1:]
		}
	}
	if s.body == nil && len(s.pending) > 0 {
		s.body = &s.pending[0]
	}
	s.comment, s.escaped, s.line = false, false, s.line[:0]
}
