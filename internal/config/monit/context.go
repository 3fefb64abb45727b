package monit

import (
	"bytes"

	"orderly/internal/diag"
)

// Some keywords change how the text behind them is read. These are the readers of such text; the parser calls
// them instead of next where its rules say so.

// name reads the name of a service, which may be any word, even a keyword.
func (lx *lexer) name() token {
	r := &lx.open[len(lx.open)-1]
	r.pos = skip(r.src.Text, r.pos, " \t\r\n")
	if t, ok := r.bareOrQuoted(" "); ok {
		return t
	}
	return r.raw()
}

// group reads the name of a group, like name but without blanks even in quotes.
func (lx *lexer) group() token {
	r := &lx.open[len(lx.open)-1]
	r.pos = skip(r.src.Text, r.pos, " \t")
	if t, ok := r.bareOrQuoted(""); ok {
		return t
	}
	return r.raw()
}

// raw is the next character as a token that no rule accepts, in a place where only a few are possible.
func (r *reader) raw() token {
	if r.pos >= len(r.src.Text) {
		return r.token(tokEnd, "", r.pos)
	}
	return r.token(tokChar, "", r.pos+1)
}

// bareOrQuoted reads a bare word, or one in quotes that may also hold the characters of extra.
func (r *reader) bareOrQuoted(extra string) (token, bool) {
	text := r.src.Text
	if end := run(text, r.pos, inWord); end > r.pos {
		return r.token(tokWord, "", end), true
	}
	if r.pos >= len(text) || text[r.pos] != '"' && text[r.pos] != '\'' {
		return token{}, false
	}
	quote, end := text[r.pos], r.pos+1
	for end < len(text) && text[end] != quote && nameByte(text[end], extra) {
		end++
	}
	if end == r.pos+1 || end >= len(text) || text[end] != quote {
		return token{}, false
	}
	return r.token(tokQuoted, "", end+1), true
}

func nameByte(c byte, extra string) bool {
	return c != '"' && (c > ' ' || bytes.IndexByte([]byte(extra), c) >= 0)
}

// names reads the list of services behind "depends on". The keyword was read, nothing behind it.
func (lx *lexer) names() []token {
	r := &lx.open[len(lx.open)-1]
	text := r.src.Text
	r.pos = skip(text, r.pos, " \t")
	if end := r.pos + len("on"); hasWord(text, r.pos, "on") && run(text, end, inWord) == end {
		r.pos = skip(text, end, " \t")
	}
	var list []token
	for {
		t, ok := r.bareOrQuoted(" ")
		if !ok {
			return list
		}
		list = append(list, t)
		to := skip(text, r.pos, blanks)
		if !bytes.ContainsAny(text[r.pos:to], ";,()") {
			return list
		}
		r.pos = to
	}
}

// schedule reads what stands behind "every": a number, five fields in quotes, or something else that is wrong.
func (lx *lexer) schedule() token {
	r := &lx.open[len(lx.open)-1]
	text := r.src.Text
	r.pos = skip(text, r.pos, " \t\r\n")
	if end := run(text, r.pos, isDigit); end > r.pos {
		return r.token(tokNumber, "", end)
	}
	if t, ok := r.bareOrQuoted(" \t"); ok {
		return t
	}
	return r.raw()
}

// cycles reads what stands behind "repeat every": a number, which need not be apart from the unit, or the unit alone.
func (lx *lexer) cycles() token {
	r := &lx.open[len(lx.open)-1]
	if at := skip(r.src.Text, r.pos, " \t\r\n"); at < len(r.src.Text) && is(r.src.Text[at], isDigit) {
		return lx.schedule()
	}
	return lx.next()
}

// cronLike tells whether text has the shape of five fields. Values out of range are allowed: they never match.
func cronLike(text []byte) bool {
	fields := 0
	for i := skip(text, 0, " \t"); i < len(text); fields++ {
		end := skip(text, i, "0123456789*,-/")
		if end == i {
			return false
		}
		i = skip(text, end, " \t")
	}
	return fields == 5
}

// arguments enters the quoted argument string that may stand right behind a keyword. Without a quote there, nothing
// changes and arguments are ordinary tokens. Of a method, "program" and "=" may stand before the quote.
func (lx *lexer) arguments(method bool) {
	r := &lx.open[len(lx.open)-1]
	if i := quotedArguments(r.src.Text, r.pos, method); i > 0 {
		r.pos, lx.inArgs = i, true
	}
}

// quotedArguments is the offset behind the quote that begins an argument string at i, or 0.
func quotedArguments(text []byte, i int, method bool) int {
	i = skip(text, i, " \t")
	if method {
		if hasWord(text, i, "program") {
			i = skip(text, i+len("program"), " \t")
		}
		if i < len(text) && text[i] == '=' {
			i = skip(text, i+1, " \t")
		}
	}
	if i < len(text) && text[i] == '"' {
		return i + 1
	}
	return 0
}

// argument reads one argument of an argument string. It tells whether there was one before the closing quote.
func (lx *lexer) argument() (token, bool) {
	r := &lx.open[len(lx.open)-1]
	text := r.src.Text
	r.pos = skip(text, r.pos, " \t\r\n")
	end := r.pos
	for end < len(text) && text[end] != '"' && bytes.IndexByte([]byte(" \t\r\n"), text[end]) < 0 {
		end++
	}
	if r.pos < len(text) && text[r.pos] == '\'' {
		if n := bytes.IndexByte(text[r.pos+1:], '\''); n >= 0 && r.pos+n+2 >= end {
			return r.token(tokQuoted, "", r.pos+n+2), true
		}
	}
	if end == r.pos+1 && text[r.pos] == '\'' {
		lx.inArgs = false
		return lx.unbalanced(r), true
	}
	if end > r.pos {
		return r.token(tokWord, "", end), true
	}
	lx.inArgs = false
	if end < len(text) && text[end] == '"' {
		r.pos++
		lx.closed = r.pos
		return token{}, false
	}
	at := diag.Span{Src: r.src, Start: len(text), End: len(text)}
	lx.diags.Warn(at, "monit/unbalanced-quote", "the program's arguments go on to the end of the file").
		Hinted(`close them with a "`)
	return token{}, false
}
