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
		p.diags.Error(p.atEnd(), "monit/syntax", "unexpected end of file").Hinted("expected %s", want)
		p.stop()
		return
	}
	d := p.diags.Error(p.tok.span(), "monit/syntax", "unexpected %s", shown(p.tok))
	if p.long.Src == p.tok.src && p.long.Start >= p.began && p.long.End <= p.tok.end {
		d.Relate(diag.Span{Src: p.long.Src, Start: p.long.Start, End: p.long.Start + 1},
			"the text in quotes that begins here goes over several lines; perhaps it was not meant to")
	}
	d.Hint = p.advice(want, words)
	p.stop()
}

// advice says what to do about an unexpected token.
func (p *parser) advice(want string, words []string) string {
	text, forText := p.tok.span().Shown(), strings.HasSuffix(want, "(text)")
	switch {
	case p.tok.start == 0 && strings.HasPrefix(text, "\xef\xbb\xbf"):
		return "the file begins with a byte order mark; save it without"
	case glued(p.tok) != "":
		return "write it as separate words: " + glued(p.tok)
	case len(text) > 3 && diag.Nearest(text, words) != "":
		return "did you mean " + quote(diag.Nearest(text, words)) + "?"
	case forText && p.tok.kind == tokPath:
		return "text that begins with a slash is taken as a path, in quotes too; it cannot be used here"
	case forText && (p.tok.kind == tokKeyword || p.tok.kind == tokNumber):
		return quote(text) + " is no text here; to use it as a value, write it in quotes"
	case p.tok.kind == tokQuoted && strings.HasSuffix(want, "number"):
		return "write the number without quotes"
	}
	return "expected " + want
}

// atEnd is where an unexpected end is reported: at the last token, because there is nothing to see behind it.
func (p *parser) atEnd() diag.Span {
	if p.last.Src == p.tok.src && p.last.End > 0 {
		return p.last
	}
	return p.here()
}

// shown quotes a token for a message: its first line, cut where it is long.
func shown(t token) string {
	const most = 40
	text := []byte(t.span().Shown())
	if t.kind == tokQuoted || t.kind == tokPath {
		if n := len(text) - 1; n > 0 && (text[0] == '"' || text[0] == '\'') && text[n] == text[0] {
			text = text[1:n]
		}
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
	if t.kind != tokWord || len(text) > 40 || !bytes.ContainsAny(text, "<>=0123456789") {
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
