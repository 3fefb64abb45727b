package inq

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"orderly/internal/diag"
)

// A lexer splits the text of a file into tokens. The language may change between two tokens.
type lexer struct {
	src      *diag.Source
	pos      int
	language language
	diags    *diag.List
}

// next returns the next token. At the end it returns tokEnd, however often it is asked.
func (lx *lexer) next() token {
	text := lx.src.Text
	for lx.pos < len(text) {
		switch c := text[lx.pos]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			lx.pos++
		case c == '#':
			lx.pos = lx.lineEnd()
		case c == '"':
			return lx.quoted()
		default:
			return lx.word()
		}
	}
	return lx.token(tokEnd, len(text), "")
}

// token makes a token of the text up to end and moves on behind it.
func (lx *lexer) token(k kind, end int, text string) token {
	t := token{k, diag.Span{Src: lx.src, Start: lx.pos, End: end}, text}
	lx.pos = end
	return t
}

func (lx *lexer) lineEnd() int {
	if n := bytes.IndexByte(lx.src.Text[lx.pos:], '\n'); n >= 0 {
		return lx.pos + n
	}
	return len(lx.src.Text)
}

// word reads a bare word, or a character that means itself.
func (lx *lexer) word() token {
	text, end := lx.src.Text, lx.pos
	for end < len(text) {
		r, n := utf8.DecodeRune(text[end:])
		if !lx.language.inWord(r, end == lx.pos) {
			break
		}
		end += n
	}
	if end > lx.pos {
		return lx.token(tokAtom, end, string(text[lx.pos:end]))
	}
	r, n := utf8.DecodeRune(text[lx.pos:])
	if contains(selfMarks, r) {
		return lx.token(tokChar, lx.pos+n, string(r))
	}
	t := lx.token(tokBad, lx.pos+n, "")
	switch {
	case r == utf8.RuneError && n == 1:
		lx.errorf(t, "the file is not in UTF-8")
	case r == '\uFEFF' && t.at.Start == 0:
		lx.errorf(t, "the file begins with a byte order mark").Hinted("save it without")
	case r > ' ' && r < utf8.RuneSelf:
		lx.errorf(t, "the character %c can only stand in quotes", r).Hinted(`write the word as "..."`)
	default:
		lx.errorf(t, "the character %U cannot stand here", r)
	}
	return t
}

// quoted reads text in quotes. It ends on its line, so that a missing quote is found where it is missing.
func (lx *lexer) quoted() token {
	line := lx.src.Text[lx.pos:lx.lineEnd()]
	end := 1
	for end < len(line) && line[end] != '"' {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(line) {
		t := lx.token(tokBad, lx.pos+len(line), "")
		lx.diags.Error(diag.Span{Src: lx.src, Start: t.at.Start, End: t.at.Start + 1}, "inq/unbalanced-quote", "this quote is never closed").
			Hinted(`close it with another "; within quotes, write \" for one`)
		return t
	}
	text, err := strconv.Unquote(string(line[:end+1]))
	t := lx.token(tokQuoted, lx.pos+end+1, text)
	switch {
	case err != nil:
		t.kind = tokBad
		lx.errorf(t, "there is an escape in these quotes that means nothing").Hinted(`write \\ for a backslash`)
	case text == "":
		t.kind = tokBad
		lx.errorf(t, "there is nothing in these quotes")
	}
	return t
}

func (lx *lexer) errorf(t token, format string, args ...any) *diag.Diagnostic {
	return lx.diags.Error(t.at, "inq/character", format, args...)
}
