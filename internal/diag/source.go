package diag

import (
	"sort"
	"sync"
	"unicode/utf8"
)

// A Source is one text that configuration was read from. But for Hide it is immutable after NewSource.
type Source struct {
	Name  string // as shown to the user: normally the path
	Text  []byte
	lines []int // offset of the first byte of each line

	hidden  []stretch // by Hide
	find    sync.Once
	secrets []stretch // found when text is shown
}

// NewSource takes ownership of text and indexes its lines.
func NewSource(name string, text []byte) *Source {
	s := &Source{Name: name, Text: text, lines: []int{0}}
	for i, b := range text {
		if b == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// A Pos is a place a person can go to. Line and Column count from 1; zero means "the file as a whole".
// Columns count characters, not bytes.
type Pos struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Position finds the line and column of a byte offset; offsets outside the text are clamped to it.
func (s *Source) Position(offset int) Pos {
	offset = min(max(offset, 0), len(s.Text))
	line := sort.SearchInts(s.lines, offset+1) - 1
	return Pos{s.Name, line + 1, utf8.RuneCount(s.Text[s.lines[line]:offset]) + 1}
}

// Line returns the text of a line counted from 1, without its line ending.
func (s *Source) Line(n int) []byte {
	if n < 1 || n > len(s.lines) {
		return nil
	}
	start, end := s.line(n)
	return s.Text[start:end]
}

// line is where a line of the text begins and ends.
func (s *Source) line(n int) (start, end int) {
	start, end = s.lines[n-1], len(s.Text)
	if n < len(s.lines) {
		end = s.lines[n] - 1
	}
	if end > start && s.Text[end-1] == '\r' {
		end--
	}
	return start, end
}

// A Span is a half-open range of bytes in a source: what a diagnostic underlines.
// A span with a negative Start stands for the file as a whole; the zero Span has no place at all.
type Span struct {
	Src        *Source
	Start, End int
}

// Whole is the span of a finding that concerns the file rather than a place in it.
func (s *Source) Whole() Span { return Span{s, -1, -1} }

// Pos is where the span begins.
func (sp Span) Pos() Pos {
	switch {
	case sp.Src == nil:
		return Pos{}
	case sp.Start < 0:
		return Pos{File: sp.Src.Name}
	}
	return sp.Src.Position(sp.Start)
}

// Text is the source text the span covers.
func (sp Span) Text() string {
	if sp.Src == nil || sp.Start < 0 || sp.End > len(sp.Src.Text) || sp.Start > sp.End {
		return ""
	}
	return string(sp.Src.Text[sp.Start:sp.End])
}

// To returns the span from the start of sp to the end of other. Both must come from the same source;
// otherwise sp is returned, because no text lies between two files.
func (sp Span) To(other Span) Span {
	if sp.Src != other.Src || other.End < sp.Start {
		return sp
	}
	return Span{sp.Src, sp.Start, other.End}
}
