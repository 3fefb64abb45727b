package minitor

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"orderly/internal/diag"
)

// Bounds of a file. They are far above what anybody writes.
const (
	maxSize  = 1 << 20 // bytes
	maxNodes = 100_000 // with every alias and file written out
	maxDepth = 200
	maxFiles = 100
)

// A yamlReader makes nodes of one file in YAML.
type yamlReader struct {
	c     *compiler
	src   *diag.Source
	lines []int // offsets
	chain []string
	open  map[*yaml.Node]bool // aliased nodes under way
}

// readYAML reads a text; chain are the files that include each other down to it. It returns nil where there is nothing
// to be used.
func (c *compiler) readYAML(src *diag.Source, chain []string) *node {
	if !utf8.Valid(src.Text) {
		c.errorf(src.Whole(), "encoding", "the file is not in UTF-8")
		return nil
	}
	r := &yamlReader{c: c, src: src, lines: []int{0}, chain: chain, open: map[*yaml.Node]bool{}}
	for i, b := range src.Text {
		if b == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	var doc yaml.Node
	switch err := yaml.NewDecoder(bytes.NewReader(src.Text)).Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	return r.node(doc.Content[0], 0)
}

var (
	yamlLine   = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)
	yamlParser = regexp.MustCompile(`^did not find expected (<document start>|node content|key|'-' indicator|',' or)`)
)

// syntax reports what the parser says. It knows lines only, and counts them from 0 where it misses something.
func (r *yamlReader) syntax(err error) {
	found := yamlLine.FindStringSubmatch(err.Error())
	text := strings.TrimPrefix(err.Error(), found[0])
	line, _ := strconv.Atoi(found[1])
	if yamlParser.MatchString(text) {
		line++
	}
	start := r.lines[max(0, min(line, len(r.lines))-1)]
	r.c.errorf(r.restOfLine(start), "yaml", "this is not YAML: %s", text)
}

// node copies a node of the parser, with its aliases and what it includes written out. It is never nil.
func (r *yamlReader) node(n *yaml.Node, depth int) *node {
	out := &node{span: r.span(n)}
	if r.c.nodes++; r.c.nodes > maxNodes || depth > maxDepth {
		if !r.c.overfull {
			r.c.errorf(out.span, "size", "the file says too much")
		}
		r.c.overfull = true
		return out
	}
	switch n.Kind {
	case yaml.AliasNode:
		if r.open[n.Alias] {
			r.c.errorf(out.span, "alias", "the alias %s stands for something that contains it", quoted(n.Value))
			return out
		}
		r.open[n.Alias] = true
		out = r.node(n.Alias, depth+1)
		delete(r.open, n.Alias)
		return out
	case yaml.ScalarNode:
		return r.scalar(n, out)
	case yaml.SequenceNode:
		out.shape = list
		for _, c := range n.Content {
			out.list = append(out.list, r.node(c, depth+1))
		}
	case yaml.MappingNode:
		out.shape = table
		r.entries(n, out, depth)
	}
	r.known(n, out)
	return out
}

// scalar reads a single value, or the file that it includes.
func (r *yamlReader) scalar(n *yaml.Node, out *node) *node {
	if n.Tag == "!include" {
		return r.include(n.Value, out)
	}
	r.known(n, out)
	out.text, out.plain = n.Value, n.Style&^yaml.TaggedStyle == 0
	if out.shape = scalar; n.Tag == "!!null" && out.plain {
		out.shape = absent
	}
	return out
}

// known refuses tags that would make an object of a value.
func (r *yamlReader) known(n *yaml.Node, out *node) {
	if n.Style&yaml.TaggedStyle == 0 {
		return
	}
	switch n.Tag {
	case "!!str", "!!int", "!!bool", "!!float", "!!null", "!!seq", "!!map":
	default:
		r.c.errorf(out.span, "tag", "a value cannot be a %s", quoted(n.Tag))
	}
}

// entries reads the keys of a mapping, those it takes over from others by << first.
func (r *yamlReader) entries(n *yaml.Node, out *node, depth int) {
	var merged, own []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		e := entry{key: k.Value, at: r.span(k), value: r.node(v, depth+1), whole: r.whole(k, v)}
		if k.Tag != "!!merge" {
			own = append(own, e)
			continue
		}
		sources := []*node{e.value}
		if e.value.shape == list {
			sources = e.value.list
		}
		for _, from := range sources {
			merged = append(append([]entry(nil), from.table...), merged...) // the first of them counts
		}
	}
	out.table = append(merged, own...)
}

// include reads another file in place of its name.
func (r *yamlReader) include(name string, out *node) *node {
	path, text, err := r.c.lookFor(name, filepath.Dir(r.src.Name))
	switch {
	case err != nil:
		r.c.errorf(out.span, "include", "cannot read %s: %v", quoted(name), err)
		return out
	case len(text) > maxSize || len(r.c.made.Included) >= maxFiles:
		r.c.errorf(out.span, "include", "cannot include %s: there is too much of it", quoted(name))
		return out
	}
	for _, above := range r.chain {
		if filepath.Clean(above) == filepath.Clean(path) {
			r.c.errorf(out.span, "include", "%s includes itself", quoted(name))
			return out
		}
	}
	r.c.made.Included = append(r.c.made.Included, path)
	switch filepath.Ext(path) {
	case ".yml", ".yaml", ".json":
		if read := r.c.readYAML(diag.NewSource(path, text), append(r.chain[:len(r.chain):len(r.chain)], path)); read != nil {
			return read
		}
		return out
	}
	out.shape, out.text = scalar, string(text)
	return out
}

// lookFor finds an included file beside the one that includes it, else in the working directory.
func (c *compiler) lookFor(name, dir string) (path string, text []byte, err error) {
	path = name
	if !filepath.IsAbs(name) {
		path = filepath.Join(dir, name)
	}
	text, err = c.env.ReadFile(path)
	if err != nil && path != filepath.Clean(name) {
		if here, failed := c.env.ReadFile(name); failed == nil {
			return name, here, nil
		}
	}
	return path, text, err
}

// offset finds the byte at a line and column counted from 1. Columns count characters.
func (r *yamlReader) offset(line, column int) int {
	if line < 1 || line > len(r.lines) {
		return len(r.src.Text)
	}
	i := r.lines[line-1]
	for ; column > 1 && i < len(r.src.Text); column-- {
		_, n := utf8.DecodeRune(r.src.Text[i:])
		i += n
	}
	return i
}

// span is what diagnostics about a node underline: the text of a scalar, or the first line of anything else.
func (r *yamlReader) span(n *yaml.Node) diag.Span {
	i := r.offset(n.Line, n.Column)
	sp := r.restOfLine(i)
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		return sp
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		i++
	}
	if i <= len(r.src.Text) && bytes.HasPrefix(r.src.Text[i:], []byte(n.Value)) {
		return diag.Span{Src: r.src, Start: i, End: i + len(n.Value)}
	}
	return sp
}

func (r *yamlReader) restOfLine(i int) diag.Span {
	const most = 200
	line := r.src.Text[i:min(i+most, len(r.src.Text))]
	if n := bytes.IndexAny(line, "\r\n"); n >= 0 {
		line = line[:n]
	}
	return diag.Span{Src: r.src, Start: i, End: i + len(bytes.TrimRight(line, " \t"))}
}

// whole is all the text of a key and its value.
func (r *yamlReader) whole(key, value *yaml.Node) diag.Span {
	last := value
	for len(last.Content) > 0 {
		last = last.Content[len(last.Content)-1]
	}
	end := last.Line
	if last.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		end = r.endOfBlock(last.Line, key.Column)
	}
	next := r.offset(end+1, 1)
	start := min(r.offset(key.Line, key.Column), next) // an alias may stand for something further up
	text := bytes.TrimRight(r.src.Text[start:next], " \t\r\n")
	return diag.Span{Src: r.src, Start: start, End: start + len(text)}
}

// endOfBlock is the last line of a text that is indented more than a column.
func (r *yamlReader) endOfBlock(line, column int) int {
	for ; line < len(r.lines); line++ {
		text := r.restOfLine(r.lines[line]).Text()
		blanks := len(text) - len(strings.TrimLeft(text, " "))
		if strings.TrimSpace(text) != "" && blanks < column {
			break
		}
	}
	return line
}
