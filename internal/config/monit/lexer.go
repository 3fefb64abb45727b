package monit

import (
	"bytes"
	"net/netip"

	"orderly/internal/diag"
)

// A lexer splits the text of a file, and of those it includes, into tokens.
//
// The rules are those of a longest-match scanner: of everything that could begin at a place the longest reading
// wins, and among equals a keyword. That is why "10MB" and ">5" are bare words.
type lexer struct {
	diags  *diag.List
	inc    Includer
	file   *File
	open   []reader // the sources being read, innermost last
	inArgs bool     // within a quoted argument string
	closed int      // offset behind the quote that closed one just now; 0: none was
	read   int      // bytes included so far
	full   bool     // more is not included, and that was said
}

// A reader is a source and how far it was read.
type reader struct {
	src *diag.Source
	pos int
}

// next returns the next token in ordinary context. At the end it returns tokEnd, however often it is asked.
func (lx *lexer) next() token {
	if lx.inArgs {
		if t, ok := lx.argument(); ok {
			return t
		}
	}
	for {
		r := &lx.open[len(lx.open)-1]
		t := lx.scan(r)
		switch {
		case t.kind == tokEnd && len(lx.open) > 1:
			lx.open = lx.open[:len(lx.open)-1]
		case t.kind == tokKeyword && t.name == "include":
			lx.include(t)
		default:
			return t
		}
	}
}

// scan reads one token of a source.
func (lx *lexer) scan(r *reader) token {
	text := r.src.Text
	for r.pos < len(text) {
		c := text[r.pos]
		switch {
		case is(c, isBlank):
			r.pos++
		case c == '#':
			lx.comment(r)
		case c == '\\' && run(text, r.pos, inWord) == r.pos+1:
			r.pos++
		case c == '"' || c == '\'':
			return lx.quoted(r)
		case c == 0:
			return lx.endAtNUL(r)
		default:
			if t, noise := lx.word(r); !noise {
				return t
			}
		}
	}
	return r.token(tokEnd, "", len(text))
}

// token makes a token of the text up to end and moves on behind it.
func (r *reader) token(k kind, name string, end int) token {
	t := token{kind: k, name: name, src: r.src, start: r.pos, end: end}
	r.pos = end
	return t
}

func (lx *lexer) comment(r *reader) {
	start := r.pos
	if n := bytes.IndexByte(r.src.Text[start:], '\n'); n >= 0 {
		r.pos += n
	} else {
		r.pos = len(r.src.Text)
	}
	lx.file.Comments = append(lx.file.Comments, diag.Span{Src: r.src, Start: start, End: r.pos})
}

// endAtNUL ends everything at a NUL byte, as Monit does.
func (lx *lexer) endAtNUL(r *reader) token {
	at := diag.Span{Src: r.src, Start: r.pos, End: r.pos + 1}
	lx.diags.Warn(at, "monit/nul", "nothing is read after this NUL byte").Hinted("remove the byte")
	t := r.token(tokEnd, "", r.pos)
	for i := range lx.open {
		lx.open[i].pos = len(lx.open[i].src.Text)
	}
	return t
}

// quoted reads a string in quotes.
func (lx *lexer) quoted(r *reader) token {
	text, quote := r.src.Text, r.src.Text[r.pos]
	n := bytes.IndexByte(text[r.pos+1:], quote)
	if n < 0 {
		return lx.unbalanced(r)
	}
	body := text[r.pos+1 : r.pos+1+n]
	k := tokQuoted
	if len(body) > 0 && body[0] == '/' && bytes.IndexByte(body, '\n') < 0 {
		k = tokPath
	}
	return r.token(k, "", r.pos+n+2)
}

// unbalanced reports a quote that is never closed; the token is the rest of its line.
func (lx *lexer) unbalanced(r *reader) token {
	end := len(r.src.Text)
	if n := bytes.IndexByte(r.src.Text[r.pos:], '\n'); n >= 0 {
		end = r.pos + n
	}
	quote := r.src.Text[r.pos]
	t := r.token(tokBad, "", end)
	at := diag.Span{Src: t.src, Start: t.start, End: t.start + 1}
	lx.diags.Error(at, "monit/unbalanced-quote", "quote %c is never closed", quote).
		Hinted("close it with another %c; a quote cannot be written inside quotes of the same kind", quote)
	return t
}

// word reads anything that is not quoted. It tells whether that is to be ignored.
func (lx *lexer) word(r *reader) (t token, noise bool) {
	text, start := r.src.Text, r.pos
	end := run(text, start, inWord)
	if end == start {
		return r.mark(), false
	}
	k, known := lookup(text[start:end])
	if !known {
		if name, to := method(text, start, end); name != "" {
			return r.token(tokKeyword, name, to), false
		}
	}
	if name, to, ok := k.extend(text, start, end); ok {
		return r.token(tokKeyword, name, to), name == ""
	}
	if longer := r.extended(end); longer.kind != tokEnd {
		return longer, false
	}
	switch {
	case text[start] == '/':
		return r.token(tokPath, "", end), false
	case known && k.name != "" && (!k.blank || end < len(text) && (text[end] == ' ' || text[end] == '\t')):
		t := r.token(tokKeyword, k.name, end)
		t.soft = k.soft
		return t, k.noise
	}
	return r.token(number(text[start:end]), "", end), false
}

// method finds the keyword of a program at the start of a word that only ends at the quote of its arguments, as in
// start="/bin/true".
func method(text []byte, start, end int) (name string, to int) {
	for _, name := range []string{"start", "stop", "restart"} {
		if to := start + len(name); to < end && hasWord(text, start, name) && quotedArguments(text, to, true) > end {
			return name, to
		}
	}
	return "", 0
}

// mark reads a character that cannot be part of a word.
func (r *reader) mark() token {
	text, i := r.src.Text, r.pos
	switch {
	case text[i] == '%':
		return r.token(tokKeyword, "percent", i+1)
	case hasWord(text, i, "!=~"):
		return r.token(tokKeyword, "nomatch", i+3)
	case hasWord(text, i, "!="):
		return r.token(tokKeyword, "!=", i+2)
	}
	if t := r.extended(i); t.kind != tokEnd {
		return t
	}
	return r.token(tokChar, string(text[i:i+1]), i+1)
}

// extend finds a keyword that is longer than the word it begins with: several words, or a qualifier in parentheses.
func (k *keyword) extend(text []byte, start, end int) (name string, to int, ok bool) {
	for _, p := range k.phrases {
		if hasWord(text, start, p.text) {
			return p.name, start + len(p.text), true
		}
	}
	if k.gauges != nil {
		return gauge(text, end, k.gauges)
	}
	return "", 0, false
}

// gauge reads a qualifier such as "(5 min)" behind the keyword that ends at i.
func gauge(text []byte, i int, names map[string]string) (name string, to int, ok bool) {
	i = skip(text, i, " ")
	if _, cpu := names["us"]; cpu && hasWord(text, i, "usage") {
		i = skip(text, i+len("usage"), " ")
	}
	if i >= len(text) || text[i] != '(' {
		return "", 0, false
	}
	var word []byte
	for i = skip(text, i+1, " "); i < len(text) && len(word) < 10; i++ {
		switch c := text[i]; {
		case c == ')':
			name, ok = names[string(word)]
			return name, i + 1, ok
		case is(c, isDigit|isAlpha):
			blank := text[i-1] == ' ' && len(word) > 0
			if blank && (is(c, isDigit) || !is(word[len(word)-1], isDigit)) {
				return "", 0, false
			}
			word = append(word, lower(c))
		case c != ' ':
			return "", 0, false
		}
	}
	return "", 0, false
}

// extended reads tokens that go on behind the bare word that ends at end: mail addresses, URLs and IPv6 addresses.
func (r *reader) extended(end int) token {
	text := r.src.Text
	if end >= len(text) || text[end] != '@' && text[end] != ':' {
		return token{}
	}
	if text[end] == '@' {
		if to := run(text, end+1, inWord); to > end+1 && end > r.pos {
			return r.token(tokMail, "", to)
		}
		return token{}
	}
	if hasWord(text, end, "://") && run(text, r.pos, isAlpha) == end && end > r.pos {
		to := end + len("://")
		for to < len(text) && text[to] > ' ' {
			to++
		}
		return r.token(tokURL, "", to)
	}
	if to := ipv6(text, r.pos); to > end {
		return r.token(tokWord, "", to)
	}
	return token{}
}

// ipv6 is the end of the IPv6 address at i, which may have a prefix length; i where there is none.
func ipv6(text []byte, i int) int {
	const longest = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
	end, colons := i, 0
	for end < len(text) && end-i <= longest && (is(text[end], isDigit|isAlpha) || text[end] == ':' || text[end] == '.') {
		if text[end] == ':' {
			colons++
		}
		end++
	}
	if colons < 2 || end-i > longest {
		return i
	}
	if _, err := netip.ParseAddr(string(text[i:end])); err != nil {
		return i
	}
	if end < len(text) && text[end] == '/' {
		if to := run(text, end+1, isDigit); to > end+1 {
			return to
		}
	}
	return end
}

// lookup finds a keyword of one word.
func lookup(word []byte) (*keyword, bool) {
	const longest = len("allowselfcertification")
	if len(word) > longest {
		return &noKeyword, false
	}
	var buf [longest]byte
	n := copy(buf[:], word)
	for i := range n {
		buf[i] = lower(buf[i])
	}
	if k, ok := keywords[string(buf[:n])]; ok {
		return k, true
	}
	return &noKeyword, false
}

var noKeyword keyword

// number tells whether a bare word is a number.
func number(word []byte) kind {
	i := run(word, 0, isDigit)
	switch {
	case i == 0:
		return tokWord
	case i == len(word):
		return tokNumber
	case word[i] == '.' && i+1 < len(word) && run(word, i+1, isDigit) == len(word):
		return tokReal
	}
	return tokWord
}
