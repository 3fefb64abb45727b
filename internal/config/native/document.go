package native

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"orderly/internal/diag"
)

// Bounds of a file, in bytes. A tree of YAML nodes is many times as large as its text.
const (
	maxSize     = 4 << 20
	maxExpanded = 16 << 20 // with every alias written out
)

// document parses the text and returns the value at its top; nil when there is none or it cannot be used.
func (d *decoder) document() *yaml.Node {
	switch {
	case len(d.src.Text) > maxSize:
		d.errorf(d.src.Whole(), "size", "the file has more than %d bytes", maxSize).
			Hinted("put parts of it into files of their own, in conf.d")
		return nil
	case !utf8.Valid(d.src.Text):
		d.errorf(d.invalid(), "encoding", "the file is not in UTF-8")
		return nil
	}
	in := yaml.NewDecoder(bytes.NewReader(d.src.Text))
	var doc, more yaml.Node
	if err := in.Decode(&doc); err != nil {
		d.syntax(err)
		return nil
	}
	if err := in.Decode(&more); err == nil {
		d.errorf(d.span(&more), "documents", "the file has more than one YAML document").Hinted(`remove the line "---"`)
		return nil
	} else if !errors.Is(err, io.EOF) {
		d.syntax(err)
		return nil
	}
	root := doc.Content[0]
	w := weigher{done: map[*yaml.Node]int{}}
	switch n := w.weigh(root); {
	case w.loop != nil:
		d.errorf(d.span(w.loop), "alias", "the alias %q stands for something that contains it", w.loop.Value)
		return nil
	case n > maxExpanded:
		d.errorf(d.src.Whole(), "alias", "with its aliases written out the file has more than %d bytes", maxExpanded)
		return nil
	}
	return root
}

// invalid is the first byte that is not UTF-8.
func (d *decoder) invalid() diag.Span {
	for i := 0; i < len(d.src.Text); {
		r, n := utf8.DecodeRune(d.src.Text[i:])
		if r == utf8.RuneError && n == 1 {
			return diag.Span{Src: d.src, Start: i, End: i + 1}
		}
		i += n
	}
	return d.src.Whole()
}

var (
	yamlLine   = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)
	yamlParser = regexp.MustCompile(`^did not find expected (<document start>|node content|key|'-' indicator|',' or)`)
)

// syntax reports what the YAML parser says. It knows lines only, and its parser, other than its scanner, counts
// them from 0.
func (d *decoder) syntax(err error) {
	if errors.Is(err, io.EOF) {
		return // an empty file
	}
	found := yamlLine.FindStringSubmatch(err.Error())
	text := strings.TrimPrefix(err.Error(), found[0])
	line, _ := strconv.Atoi(found[1])
	if yamlParser.MatchString(text) {
		line++
	}
	line = max(1, min(line, len(d.lines)))
	d.errorf(d.restOfLine(d.offset(line, 1)), "yaml", "this is not YAML: %s", text)
}

// A weigher computes how much text nodes stand for.
type weigher struct {
	done map[*yaml.Node]int // of what aliases stand for; -1 while under way
	loop *yaml.Node         // an alias within what it stands for
}

// weigh is the size of a node with every alias written out, or anything above maxExpanded.
func (w *weigher) weigh(n *yaml.Node) int {
	if n.Kind == yaml.AliasNode {
		switch known, ok := w.done[n.Alias]; {
		case known < 0:
			w.loop = n
			return 0
		case ok:
			return known
		}
		return w.weigh(n.Alias)
	}
	if n.Anchor != "" {
		w.done[n] = -1
	}
	size := len(n.Value) + 1
	for _, c := range n.Content {
		if size > maxExpanded || w.loop != nil {
			break
		}
		size += w.weigh(c)
	}
	if n.Anchor != "" {
		w.done[n] = size
	}
	return size
}

// lineStarts finds the offset of the first byte of each line, as YAML counts lines.
func lineStarts(text []byte) []int {
	lines := []int{0}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			n = 2
		}
		i += n
		switch r {
		case '\n', '\r', '\u0085', '\u2028', '\u2029':
			lines = append(lines, i)
		}
	}
	return lines
}

// offset finds the byte at a line and column counted from 1. Columns count characters.
func (d *decoder) offset(line, column int) int {
	if line < 1 {
		return 0
	}
	if line > len(d.lines) {
		return len(d.src.Text)
	}
	i := d.lines[line-1]
	for ; column > 1 && i < len(d.src.Text); column-- {
		_, n := utf8.DecodeRune(d.src.Text[i:])
		i += n
	}
	return i
}

// inner finds the text of a scalar. It is verbatim when the text in the file is that of the value, byte by byte.
func (d *decoder) inner(n *yaml.Node) (sp diag.Span, verbatim bool) {
	text := d.src.Text
	i := d.offset(n.Line, n.Column)
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && i < len(text) && (text[i] == '\'' || text[i] == '"') {
		i++
	}
	if n.Kind == yaml.ScalarNode && n.Value != "" && bytes.HasPrefix(text[i:], []byte(n.Value)) {
		return diag.Span{Src: d.src, Start: i, End: i + len(n.Value)}, true
	}
	return d.restOfLine(d.offset(n.Line, n.Column)), false
}

// span is what diagnostics about a node underline: the text of a scalar, or the first line of anything else.
func (d *decoder) span(n *yaml.Node) diag.Span {
	sp, _ := d.inner(n)
	return sp
}

// restOfLine is from an offset to the end of its line, without blanks there.
func (d *decoder) restOfLine(i int) diag.Span {
	line := d.src.Text[i:]
	if n := bytes.IndexAny(line, "\r\n"); n >= 0 {
		line = line[:n]
	}
	return diag.Span{Src: d.src, Start: i, End: i + len(bytes.TrimRight(line, " \t"))}
}

// whole is all the text of a key and its value.
func (d *decoder) whole(it item) diag.Span {
	last := it.value
	for len(last.Content) > 0 {
		last = last.Content[len(last.Content)-1]
	}
	sp := d.restOfLine(d.offset(last.Line, last.Column))
	if last.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		line := min(sort.SearchInts(d.lines, sp.Start+1)+strings.Count(last.Value, "\n"), len(d.lines))
		sp = d.restOfLine(d.lines[line-1])
	}
	start := d.offset(it.key.Line, it.key.Column)
	return diag.Span{Src: d.src, Start: min(start, sp.End), End: sp.End}
}
