package native

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"orderly/internal/diag"
)

// Bounds of a file, in bytes. A tree of YAML nodes is many times as large as its text.
const (
	maxSize    = 4 << 20
	maxLine    = 16 << 10
	maxTree    = 16 << 20 // every value counts nodeSize and its text
	maxAliased = 4 << 20  // what aliases add to it
	nodeSize   = 16
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
	if i := d.longLine(); i > 0 {
		d.errorf(diag.Span{Src: d.src, Start: d.lines[i-1].start, End: d.lines[i-1].start}, "size", "the line is longer than %d bytes", maxLine)
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
	if !d.bounded(root) {
		return nil
	}
	return root
}

// bounded reports a tree that is too large to be used.
func (d *decoder) bounded(root *yaml.Node) bool {
	w := weigher{done: map[*yaml.Node]int{}}
	whole, written := w.weigh(root), weighWritten(root)
	switch {
	case w.loop != nil:
		d.errorf(d.span(w.loop), "alias", "the alias %q stands for something that contains it", w.loop.Value)
	case whole-written > maxAliased:
		d.errorf(d.src.Whole(), "alias", "the aliases of the file stand for too much")
	case written > maxTree:
		d.errorf(d.src.Whole(), "size", "the file says too much").Hinted("put parts of it into files of their own, in conf.d")
	default:
		return true
	}
	return false
}

// longLine is the number of a line that is too long, 0 when there is none.
func (d *decoder) longLine() int {
	for i, l := range d.lines {
		end := len(d.src.Text)
		if i+1 < len(d.lines) {
			end = d.lines[i+1].start
		}
		if end-l.start > maxLine {
			return i + 1
		}
	}
	return 0
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

// A weigher computes how large nodes are with every alias written out.
type weigher struct {
	done map[*yaml.Node]int // of what aliases stand for; -1 while under way
	loop *yaml.Node         // an alias within what it stands for
}

// weigh is the size of a node, or anything above all bounds.
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
	size := len(n.Value) + nodeSize
	for _, c := range n.Content {
		if size > maxTree+maxAliased || w.loop != nil {
			break
		}
		size += w.weigh(c)
	}
	if n.Anchor != "" {
		w.done[n] = size
	}
	return size
}

// weighWritten is the size of a node as it is written.
func weighWritten(n *yaml.Node) int {
	size := len(n.Value) + nodeSize
	for _, c := range n.Content {
		size += weighWritten(c)
	}
	return size
}

// A line is where a line of the text starts.
type line struct {
	start int
	ascii bool // every character is one byte
}

// linesOf finds the lines of a text, as YAML counts them.
func linesOf(text []byte) []line {
	lines := []line{{0, true}}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			n = 2
		}
		i += n
		switch {
		case r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			lines = append(lines, line{i, true})
		case r >= utf8.RuneSelf:
			lines[len(lines)-1].ascii = false
		}
	}
	return lines
}

// offset finds the byte at a line and column counted from 1. Columns count characters.
func (d *decoder) offset(number, column int) int {
	switch {
	case number < 1:
		return 0
	case number > len(d.lines):
		return len(d.src.Text)
	}
	l := d.lines[number-1]
	if l.ascii {
		return min(l.start+max(column, 1)-1, len(d.src.Text))
	}
	i := l.start
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

// maxUnderlined bounds what is underlined of values whose end is not known.
const maxUnderlined = 200

// restOfLine is from an offset to the end of its line, without blanks there.
func (d *decoder) restOfLine(i int) diag.Span {
	line := d.src.Text[i:min(i+maxUnderlined, len(d.src.Text))]
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
	end := last.Line
	if last.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		end += strings.Count(last.Value, "\n")
	}
	next := d.offset(end+1, 1)
	start := min(d.offset(it.key.Line, it.key.Column), next) // an alias may stand for something further up
	text := bytes.TrimRight(d.src.Text[start:next], " \t\r\n")
	return diag.Span{Src: d.src, Start: start, End: start + len(text)}
}
