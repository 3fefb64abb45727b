package monit

import (
	"strings"
	"unicode"
)

// visible keeps what programs wrote and people named from commanding a terminal: of control characters only the ends of
// lines and tabs stay as they are.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case unicode.IsControl(r) && r != '\n' && r != '\t':
			return '?'
		}
		return r
	}, text)
}

// oneLine is visible text that does not leave its line.
func oneLine(text string) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(visible(text))
}
