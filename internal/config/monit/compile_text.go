package monit

import (
	"cmp"
	"slices"
	"strings"

	"orderly/internal/diag"
)

// maxText bounds Rule.Text, in characters: it is part of every event and message.
const maxText = 300

// A commentIndex finds the comments inside a span.
type commentIndex map[*diag.Source][]diag.Span

func (x *commentIndex) index(comments []diag.Span) {
	*x = commentIndex{}
	for _, s := range comments {
		(*x)[s.Src] = append((*x)[s.Src], s)
	}
	for _, list := range *x {
		slices.SortFunc(list, func(a, b diag.Span) int { return cmp.Compare(a.Start, b.Start) })
	}
}

func (x commentIndex) within(sp diag.Span) []diag.Span {
	list := x[sp.Src]
	from, _ := slices.BinarySearchFunc(list, sp.Start, func(c diag.Span, start int) int { return cmp.Compare(c.Start, start) })
	to, _ := slices.BinarySearchFunc(list, sp.End, func(c diag.Span, end int) int { return cmp.Compare(c.Start, end) })
	return list[from:max(from, to)]
}

// text is what the user wrote, on one line: without comments, with passwords hidden and blanks collapsed.
func (c *compiler) text(sp diag.Span, secrets ...diag.Span) string {
	cuts := slices.Clone(c.comments.within(sp))
	comments := len(cuts)
	for _, s := range secrets {
		if s.Src == sp.Src && s.Start >= sp.Start && s.End <= sp.End {
			cuts = append(cuts, s)
		}
	}
	whole := sp.Text()
	if len(cuts) > 0 {
		hidden := map[diag.Span]bool{}
		for _, s := range cuts[comments:] {
			hidden[s] = true
		}
		slices.SortFunc(cuts, func(a, b diag.Span) int { return cmp.Compare(a.Start, b.Start) })
		whole = cutOut(whole, sp.Start, cuts, hidden)
	}
	line := strings.Join(strings.Fields(strings.ToValidUTF8(whole, "\uFFFD")), " ")
	if r := []rune(line); len(r) > maxText {
		line = string(r[:maxText-1]) + "…"
	}
	return line
}

// cutOut replaces spans of a text that begins at an offset: by stars where the span is hidden, else by a blank.
func cutOut(text string, offset int, cuts []diag.Span, hidden map[diag.Span]bool) string {
	var out strings.Builder
	done := 0
	for _, s := range cuts {
		from, to := s.Start-offset, min(s.End-offset, len(text))
		if from < done {
			continue
		}
		out.WriteString(text[done:from])
		if hidden[s] {
			out.WriteString("***")
		} else {
			out.WriteByte(' ')
		}
		done = to
	}
	out.WriteString(text[done:])
	return out.String()
}
