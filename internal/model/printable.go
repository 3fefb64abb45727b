package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable is text of somebody else without what would harm a terminal or a mail, cut to a number of bytes.
func Printable(text string, most int) string {
	if len(text) > 4*most { // nothing shrinks more than that
		text = text[:4*most]
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return -1
		case r == utf8.RuneError || !unicode.IsGraphic(r):
			return utf8.RuneError
		}
		return r
	}, text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}
