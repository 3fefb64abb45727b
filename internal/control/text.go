package control

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// evidenceLimit bounds what is told of a program's output, in bytes.
const evidenceLimit = 2 << 10

// evidence is the beginning of an output, fit to be shown.
func evidence(text string) string {
	text = printable(text)
	if len(text) <= evidenceLimit {
		return text
	}
	end := evidenceLimit
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// printable replaces what a terminal or a mail could take for more than text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) && r != utf8.RuneError {
			return r
		}
		return '?'
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}
