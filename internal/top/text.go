package top

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"orderly/internal/model"
)

// A style is how text is shown: the parameter of an SGR escape sequence.
type style string

const (
	plain    style = ""
	bold     style = "1"
	reversed style = "7"
	red      style = "31"
	green    style = "32"
	yellow   style = "33"
	grey     style = "90"
	loud     style = "1;31"
)

// A cell is a piece of text. With a width it is cut or filled to that many columns.
type cell struct {
	text  string
	style style
	width int
	right bool // its text is at the right end
}

// A line is what stands beside each other.
type line []cell

// maxText bounds what is looked at of a text that somebody else wrote, in bytes.
const maxText = 4 << 10

// clean makes one line of text harmless for a terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, model.Printable(strings.TrimRight(text, "\n"), maxText))
}

// draw shows a line on a terminal of a width. Its text is cleaned here, and nowhere else.
func (l line) draw(width int) string {
	var b strings.Builder
	for i, c := range l {
		if width <= 0 {
			break
		}
		text, room := clean(c.text), width
		if c.width > 0 {
			room = min(room, c.width)
		}
		text = ansi.Truncate(text, room, "…")
		gap := 0
		if c.width > 0 && (c.right || i < len(l)-1 || c.style == reversed) {
			gap = room - ansi.StringWidth(text)
		}
		if width -= ansi.StringWidth(text) + gap; c.right {
			text = strings.Repeat(" ", gap) + text
		} else {
			text += strings.Repeat(" ", gap)
		}
		b.WriteString(paint(c.style, text))
	}
	return b.String()
}

func paint(s style, text string) string {
	if s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// chosen is the line as one that is pointed at, over the whole width.
func (l line) chosen(width int) line {
	text := ansi.Strip(l.draw(width))
	return line{{text: text, style: reversed, width: width}}
}

// split is a line with one text at the left and another at the right end.
func split(left line, right cell, width int) line {
	room := width - ansi.StringWidth(clean(right.text)) - 1
	shown := line{}
	for _, c := range left {
		w := min(room, ansi.StringWidth(clean(c.text)))
		if w <= 0 {
			break
		}
		c.width, room = w, room-w
		shown = append(shown, c)
	}
	return append(shown, cell{text: "", width: max(1, room+1)}, right)
}

// wrap breaks a text between words into lines of at most width columns; a word that is longer than that has a line of its
// own. There is always a line.
func wrap(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(clean(text)) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case ansi.StringWidth(*last)+1+ansi.StringWidth(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
