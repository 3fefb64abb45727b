package monit

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"orderly/internal/diag"
)

// unexpected reports that the next token cannot stand where it does, and puts the statement in error.
// want says what could stand there; words are the keywords among that, from which a slip of the pen is guessed.
func (p *parser) unexpected(want string, words ...string) {
	if p.failed {
		return
	}
	if p.tok.kind == tokEnd {
		p.diags.Error(p.lineOf(p.tok), "monit/syntax", "unexpected end of file").Hinted("expected %s", want)
		p.stop()
		return
	}
	d := p.diags.Error(p.tok.span(), "monit/syntax", "unexpected %s", shown(p.tok))
	switch text := string(p.tok.bytes()); {
	case p.tok.start == 0 && bytes.HasPrefix(p.tok.bytes(), []byte("\xef\xbb\xbf")):
		d.Hint = "the file begins with a byte order mark; save it without"
	case diag.Nearest(text, words) != "":
		d.Hinted("did you mean %q?", diag.Nearest(text, words))
	case p.tok.kind == tokKeyword && !p.tok.soft && strings.Contains(want, "text"):
		d.Hinted("%q is a keyword here; to use it as a value, write it in quotes", text)
	case glued(p.tok) != "":
		d.Hinted("write it as separate words: %s", glued(p.tok))
	default:
		d.Hinted("expected %s", want)
	}
	p.stop()
}

// lineOf is where the end of the text is reported: at its last character, because people cannot go behind it.
func (p *parser) lineOf(end token) diag.Span {
	if p.last.Src == end.src && p.last.End > 0 {
		return p.last
	}
	return end.span()
}

// shown quotes a token for a message: its first line, cut where it is long.
func shown(t token) string {
	const most = 40
	text := t.bytes()
	if t.kind == tokQuoted || t.kind == tokPath && (text[0] == '"' || text[0] == '\'') {
		text = text[1 : len(text)-1]
	}
	cut := false
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text, cut = text[:i], true
	}
	if len(text) > most {
		text, cut = text[:most], true
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range string(text) {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			r = '?'
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	if cut {
		b.WriteString("...")
	}
	return b.String()
}

// glued takes apart a word in which an operator, a number and a unit were written without blanks between them:
// "size>10MB" reads "size > 10 MB" then. It returns "" for other words.
func glued(t token) string {
	text := t.bytes()
	if t.kind != tokWord || len(text) > 40 || bytes.IndexAny(text, "<>=0123456789") < 0 {
		return ""
	}
	var parts []string
	for i := 0; i < len(text); {
		end := i
		switch {
		case is(text[i], isDigit):
			end = skip(text, i, "0123456789.")
		case is(text[i], isAlpha):
			end = run(text, i, isAlpha)
		default:
			end = skip(text, i, "<>=")
		}
		if end == i {
			return ""
		}
		parts = append(parts, string(text[i:end]))
		i = end
	}
	if len(parts) < 2 || len(parts) > 4 {
		return ""
	}
	for _, part := range parts {
		if _, ok := lookup([]byte(part)); !ok && !is(part[0], isDigit) {
			return ""
		}
	}
	return strings.Join(parts, " ")
}
