package inq

import (
	"unicode"

	"orderly/internal/diag"
)

// A kind is what sort of token a piece of text is.
type kind uint8

const (
	tokEnd    kind = iota // end of the text
	tokStop               // stands in for every token while a statement is in error
	tokAtom               // a bare word
	tokQuoted             // in quotes
	tokChar               // a character that means itself
	tokBad                // unreadable; the finding has been reported
)

// A token is a piece of a source.
type token struct {
	kind kind
	at   diag.Span
	text string // what it stands for: without quotes and escapes
}

// is tells whether the token is a keyword or a character. In quotes it would be neither.
func (t token) is(text string) bool {
	return t.text == text && (t.kind == tokAtom || t.kind == tokChar)
}

// firstOfLine tells whether only blanks stand before the token on its line.
func (t token) firstOfLine() bool {
	i := t.at.Start
	for i > 0 && (t.at.Src.Text[i-1] == ' ' || t.at.Src.Text[i-1] == '\t') {
		i--
	}
	return i == 0 || t.at.Src.Text[i-1] == '\n'
}

// A language is one of the three that Inspeqtor's files are written in. They differ in what a bare word may hold.
type language uint8

const (
	inConf language = iota
	inCheck
	inJobs
)

// The characters besides letters and digits that a bare word may hold, and those that mean themselves.
const (
	wordMarks = "!$%&'*+-/=?^_`{|}~@."
	confMarks = ":;<>"
	selfMarks = ",:;<>()"
)

// inWord tells whether a character may stand in a bare word; first, at its beginning.
func (l language) inWord(r rune, first bool) bool {
	switch {
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
		return true
	case r == '#':
		return l == inJobs && !first
	case r < unicode.MaxASCII:
		return contains(wordMarks, r) || l == inConf && contains(confMarks, r)
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != unicode.ReplacementChar
}

func contains(set string, r rune) bool {
	for _, s := range set {
		if s == r {
			return true
		}
	}
	return false
}

// The words that cannot be names unless they are in quotes.
var (
	confWords  = []string{"set", "send", "alerts", "to", "via", "with"}
	checkWords = []string{
		"check", "service", "host", "with", "if", "then", "for", "cycles", "expose", "alert", "restart", "reload",
	}
	jobWords = []string{"check", "jobs", "with", "happens", "every", "minute", "minutes", "hour", "hours", "day", "days"}
)

func (l language) reserved() []string {
	switch l {
	case inConf:
		return confWords
	case inCheck:
		return checkWords
	default:
		return jobWords
	}
}
