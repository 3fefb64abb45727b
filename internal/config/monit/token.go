package monit

import "orderly/internal/diag"

// A kind is what sort of token a piece of text is.
type kind uint8

const (
	tokEnd     kind = iota // end of the text
	tokStop                // stands in for every token while a statement is in error
	tokKeyword             // token.name says which
	tokWord                // a bare word
	tokQuoted              // in quotes, not a path
	tokPath                // beginning with a slash, in quotes or not
	tokNumber
	tokReal // a number with decimals
	tokMail
	tokURL
	tokChar // a character that means itself
	tokBad  // unreadable; the finding has been reported
)

// A token is a piece of a source. Only its place is kept: most tokens are never looked at as text.
type token struct {
	kind       kind
	soft       bool   // a keyword that is a plain word to older versions
	name       string // of keywords: the canonical spelling; of tokChar: the character
	src        *diag.Source
	start, end int
}

func (t token) span() diag.Span { return diag.Span{Src: t.src, Start: t.start, End: t.end} }

func (t token) bytes() []byte { return t.src.Text[t.start:t.end] }

// is tells whether the token is the keyword or the character of that name.
func (t token) is(name string) bool {
	return t.name == name && (t.kind == tokKeyword || t.kind == tokChar)
}

// isString tells whether the token can be the value that rules call a string.
func (t token) isString() bool {
	return t.kind == tokWord || t.kind == tokQuoted || t.soft
}

// The classes of bytes.
const (
	inWord  = 1 << iota // may be part of a bare word
	isBlank             // is skipped between tokens
	isDigit
	isAlpha
)

// blanks are the bytes that are skipped between tokens in ordinary context.
const blanks = " \t\r\n;,()"

var byteClass = func() (class [256]uint8) {
	for c := range class {
		if c > ' ' {
			class[c] |= inWord
		}
	}
	for _, c := range []byte(`!@:{}"';(),%`) {
		class[c] &^= inWord
	}
	for _, c := range []byte(blanks) {
		class[c] |= isBlank
	}
	for c := '0'; c <= '9'; c++ {
		class[c] |= isDigit
	}
	for c := 'a'; c <= 'z'; c++ {
		class[c] |= isAlpha
		class[c-'a'+'A'] |= isAlpha
	}
	return class
}()

func is(c byte, class uint8) bool { return byteClass[c]&class != 0 }

// run is the end of the longest stretch of bytes of a class that begins at i.
func run(text []byte, i int, class uint8) int {
	for i < len(text) && byteClass[text[i]]&class != 0 {
		i++
	}
	return i
}

// skip is the offset of the first byte from i on that is not in set.
func skip(text []byte, i int, set string) int {
next:
	for ; i < len(text); i++ {
		for j := range len(set) {
			if text[i] == set[j] {
				continue next
			}
		}
		break
	}
	return i
}

// hasWord tells whether a word in lower case stands at i, in any letter case. It need not end there.
func hasWord(text []byte, i int, word string) bool {
	if len(text)-i < len(word) {
		return false
	}
	for j := range len(word) {
		if lower(text[i+j]) != word[j] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
