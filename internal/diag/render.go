package diag

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxLine bounds how much of a source line is shown, in characters; longer ones are cut around the caret.
const maxLine = 120

// Print writes the findings for a person: place, summary, the line with what is meant underlined, and the hint.
func Print(w io.Writer, l List) error {
	var b bytes.Buffer
	for _, d := range l {
		d.render(&b)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// String is the finding on one line, without the source text.
func (d Diagnostic) String() string {
	return place(d.Span.Pos()) + d.Severity.String() + ": " + d.Summary
}

func place(p Pos) string {
	switch {
	case p.File == "":
		return ""
	case p.Line == 0:
		return p.File + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
}

func (d Diagnostic) render(b *bytes.Buffer) {
	b.WriteString(d.String() + "\n")
	gutter := d.Span.snippet(b)
	for _, r := range d.Related {
		fmt.Fprintf(b, "%s%s\n", place(r.Span.Pos()), r.Summary)
		r.Span.snippet(b)
	}
	if d.Hint != "" {
		for i, line := range strings.Split(d.Hint, "\n") {
			lead := "hint: "
			if i > 0 {
				lead = "      "
			}
			fmt.Fprintf(b, "%s| %s%s\n", gutter, lead, line)
		}
	}
}

// snippet writes the line of the span and a row of carets below it; it returns the width of its gutter as spaces.
func (sp Span) snippet(b *bytes.Buffer) string {
	gutter := strings.Repeat(" ", 7)
	p := sp.Pos()
	if p.Line == 0 {
		return gutter
	}
	line, column, width := sp.underlined(p.Line)
	if len(line) > maxLine {
		from := max(0, min(column-maxLine/3, len(line)-maxLine))
		line, column = line[from:from+maxLine], column-from
		width = max(1, min(width, maxLine-column))
	}
	if len(bytes.TrimSpace([]byte(string(line)))) == 0 {
		return gutter
	}
	number := fmt.Sprintf("%6d ", p.Line)
	fmt.Fprintf(b, "%s| %s\n", number, string(line))
	fmt.Fprintf(b, "%s| %s%s\n", gutter, strings.Repeat(" ", column), strings.Repeat("^", width))
	return gutter
}

// underlined is the line that the span begins in, as it may be shown, and which characters of it the span covers.
func (sp Span) underlined(number int) (line []rune, column, width int) {
	start, end := sp.Src.line(number)
	from := min(max(sp.Start, start), end)
	to := min(max(sp.End, from), end)
	before, inside := printable(sp.Src.shown(start, from)), printable(sp.Src.shown(from, to))
	line = slices.Concat(before, inside, printable(sp.Src.shown(to, end)))
	return line, len(before), max(1, len(inside))
}

// printable turns a line into the characters that are shown: tabs become one space so that carets stay
// under their text, and control characters cannot reach the terminal.
func printable(line string) []rune {
	out := make([]rune, 0, len(line))
	for _, r := range line {
		switch {
		case r == '\t':
			r = ' '
		case r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0):
			r = utf8.RuneError
		}
		out = append(out, r)
	}
	return out
}
