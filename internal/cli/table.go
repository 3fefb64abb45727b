package cli

import (
	"strings"
	"unicode/utf8"
)

// A table lines words up in columns, two spaces apart. The last column of a row is as wide as it is.
type table struct {
	indent string
	rows   [][]cell
}

type cell struct {
	text  string
	style style
}

// row adds a row of cells without style.
func (t *table) row(texts ...string) {
	cells := make([]cell, len(texts))
	for i, text := range texts {
		cells[i].text = text
	}
	t.add(cells...)
}

func (t *table) add(cells ...cell) {
	for i := range cells {
		cells[i].text = clean(cells[i].text)
	}
	t.rows = append(t.rows, cells)
}

// widest is the width of the widest column, in characters. A longer cell pushes only the rest of its own row aside.
const widest = 40

// widths are those of all columns but the last.
func (t *table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], min(widest, utf8.RuneCountInString(c.text)))
		}
	}
	return widths
}

// print writes the rows to stdout.
func (p *program) print(t *table) {
	widths := t.widths()
	var b strings.Builder
	for _, row := range t.rows {
		b.Reset()
		b.WriteString(t.indent)
		for i, c := range row {
			b.WriteString(p.paint(c.style, c.text))
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(c.text))+2))
			}
		}
		p.line(strings.TrimRight(b.String(), " "))
	}
}
