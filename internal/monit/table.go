package monit

import (
	"strings"
	"unicode/utf8"
)

// A Table is text in columns, with boxes around its cells. [Plain] leaves the columns.
type Table struct {
	Columns []Column
	Rows    [][]Cell // each with a cell for every column
}

// A Column has a width, in characters. Text that is longer is cut, or goes on in the lines below.
type Column struct {
	Title string
	Width int
	Right bool // numbers
	Wrap  bool
}

// A Cell is one text and its tone.
type Cell struct {
	Text string
	Tone Tone
}

func (t *Table) String() string {
	var out strings.Builder
	t.rule(&out, "┌", "┬", "┐")
	for _, c := range t.Columns {
		out.WriteString(side + " " + Title.paint(c.pad(c.Title, false)) + " ")
	}
	out.WriteString(side + "\n")
	for _, row := range t.Rows {
		t.rule(&out, "├", "┼", "┤")
		for _, line := range t.lines(row) {
			t.line(&out, row, line)
		}
	}
	t.rule(&out, "└", "┴", "┘")
	return out.String()
}

// side is what stands before, between and after cells.
const side = frame + "│" + reset

// rule writes a line that separates rows.
func (t *Table) rule(out *strings.Builder, left, middle, right string) {
	out.WriteString(frame)
	for i, c := range t.Columns {
		if i == 0 {
			out.WriteString(left)
		} else {
			out.WriteString(middle)
		}
		out.WriteString(strings.Repeat("─", c.Width+2))
	}
	out.WriteString(right + reset + "\n")
}

// line writes one line of a row.
func (t *Table) line(out *strings.Builder, row []Cell, texts []string) {
	for i, c := range t.Columns {
		out.WriteString(side + " " + row[i].Tone.paint(c.pad(texts[i], c.Right)+" "))
	}
	out.WriteString(side + "\n")
}

// lines are the texts of a row, cut to the widths of their columns, in as many lines as they need.
func (t *Table) lines(row []Cell) [][]string {
	var lines [][]string
	for i, c := range t.Columns {
		for n, text := range c.fit(oneLine(row[i].Text)) {
			if n == len(lines) {
				lines = append(lines, make([]string, len(t.Columns)))
			}
			lines[n][i] = text
		}
	}
	return lines
}

// fit makes a text fit the column: at least one line.
func (c Column) fit(text string) []string {
	runes := []rune(text)
	if len(runes) <= c.Width {
		return []string{text}
	}
	if !c.Wrap {
		return []string{string(runes[:c.Width-len(cut)]) + cut}
	}
	var lines []string
	for len(runes) > c.Width {
		lines = append(lines, string(runes[:c.Width]))
		runes = runes[c.Width:]
	}
	return append(lines, string(runes))
}

// cut is the end of a text that is not whole.
const cut = "..."

func (c Column) pad(text string, right bool) string {
	blanks := strings.Repeat(" ", max(0, c.Width-utf8.RuneCountInString(text)))
	if right {
		return blanks + text
	}
	return text + blanks
}
