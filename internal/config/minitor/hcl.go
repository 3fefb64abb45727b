package minitor

import (
	"math/big"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"

	"orderly/internal/diag"
)

// maxHCL and maxNesting bound what the parser of HCL, which calls itself for every bracket, is given.
const (
	maxHCL     = 256 << 10
	maxNesting = 300
)

// An hclReader makes nodes of a file in HCL or its JSON.
type hclReader struct {
	c   *compiler
	src *diag.Source
}

// readHCL reads a text; it returns nil where there is nothing to be used.
func (c *compiler) readHCL(src *diag.Source) *node {
	switch {
	case !utf8.Valid(src.Text):
		c.errorf(src.Whole(), "encoding", "the file is not in UTF-8")
		return nil
	case len(src.Text) > maxHCL || nesting(src.Text) > maxNesting:
		c.errorf(src.Whole(), "size", "the file says too much")
		return nil
	}
	r := &hclReader{c, src}
	var file *hcl.File
	var found hcl.Diagnostics
	if filepath.Ext(src.Name) == ".json" {
		file, found = json.Parse(src.Text, src.Name)
	} else {
		file, found = hclsyntax.ParseConfig(src.Text, src.Name, hcl.InitialPos)
	}
	r.report(found)
	if file == nil || found.HasErrors() {
		return nil
	}
	return r.root(file.Body)
}

// nesting is how deep brackets stand in each other, taken too high where they stand in texts.
func nesting(text []byte) (deepest int) {
	depth := 0
	for _, b := range text {
		switch b {
		case '(', '[', '{':
			if depth++; depth > deepest {
				deepest = depth
			}
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
	}
	return deepest
}

// root reads the file: its blocks become the lists that YAML has.
func (r *hclReader) root(body hcl.Body) *node {
	out := r.body(body, schema(globalKeys, "monitors", "alerts"), "monitor", "alert")
	monitors := &node{span: out.span, shape: list}
	alerts := &node{span: out.span, shape: table}
	rest := out.table[:0]
	for _, e := range out.table {
		switch e.key {
		case "monitor":
			monitors.list = append(monitors.list, e.value)
		case "alert":
			name := e.value.find("name")
			alerts.table = append(alerts.table, entry{name.value.text, name.at, e.value, e.whole})
			e.value.table = e.value.table[1:]
		default:
			rest = append(rest, e)
		}
	}
	out.table = append(rest, entry{"monitors", out.span, monitors, out.span}, entry{"alerts", out.span, alerts, out.span})
	return out
}

func schema(keys []string, without ...string) *hcl.BodySchema {
	var s hcl.BodySchema
	for _, key := range keys {
		if !slices.Contains(without, key) {
			s.Attributes = append(s.Attributes, hcl.AttributeSchema{Name: key})
		}
	}
	return &s
}

// body reads attributes and blocks. The name of a block becomes its first entry.
func (r *hclReader) body(body hcl.Body, s *hcl.BodySchema, blocks ...string) *node {
	out := &node{shape: table, span: r.src.Whole()}
	for _, b := range blocks {
		s.Blocks = append(s.Blocks, hcl.BlockHeaderSchema{Type: b, LabelNames: []string{"name"}})
	}
	content, found := body.Content(s)
	r.report(found)
	for _, want := range s.Attributes { // the attributes of a body have no order
		if a := content.Attributes[want.Name]; a != nil {
			out.table = append(out.table, entry{a.Name, r.span(a.NameRange), r.value(a.Expr), r.span(a.Range)})
		}
	}
	for _, b := range content.Blocks {
		keys := schema(monitorKeys, "name")
		if b.Type == "alert" {
			keys = schema(alertKeys)
		}
		inner := r.body(b.Body, keys)
		at := r.label(b.LabelRanges[0])
		name := entry{"name", at, &node{span: at, shape: scalar, text: b.Labels[0]}, r.span(b.DefRange)}
		inner.span, inner.table = r.span(b.DefRange), append([]entry{name}, inner.table...)
		out.table = append(out.table, entry{b.Type, r.span(b.TypeRange), inner, r.span(b.DefRange)})
	}
	return out
}

// value reads an expression. There is nothing that it could refer to.
func (r *hclReader) value(x hcl.Expression) *node {
	n := &node{span: r.span(x.Range())}
	if parts, found := hcl.ExprList(x); !found.HasErrors() {
		n.shape = list
		for _, p := range parts {
			n.list = append(n.list, r.value(p))
		}
		return n
	}
	v, found := x.Value(nil)
	if found.HasErrors() {
		r.refuse(found)
		return n
	}
	if v.IsNull() || !v.IsKnown() {
		return n
	}
	switch v.Type() {
	case cty.String:
		n.shape, n.text = scalar, v.AsString()
	case cty.Number:
		n.shape, n.text, n.plain = scalar, number(v.AsBigFloat()), true
	case cty.Bool:
		n.shape, n.plain, n.text = scalar, true, "false"
		if v.True() {
			n.text = "true"
		}
	default:
		n.shape = table
	}
	return n
}

// number writes a number as YAML has it. One of more digits than a file is long would be a joke.
func number(f *big.Float) string {
	if f.IsInt() && f.MantExp(nil) < 64 {
		return f.Text('f', 0)
	}
	return f.Text('g', 10)
}

func (r *hclReader) span(at hcl.Range) diag.Span {
	end := max(0, min(at.End.Byte, len(r.src.Text)))
	return diag.Span{Src: r.src, Start: max(0, min(at.Start.Byte, end)), End: end}
}

// label is the text of a name without its quotes.
func (r *hclReader) label(at hcl.Range) diag.Span {
	sp := r.span(at)
	if text := sp.Text(); len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		sp.Start, sp.End = sp.Start+1, sp.End-1
	}
	return sp
}

func (r *hclReader) report(found hcl.Diagnostics) {
	for _, d := range found {
		at := r.src.Whole()
		if d.Subject != nil {
			at = r.span(*d.Subject)
		}
		if d.Severity == hcl.DiagError {
			r.c.errorf(at, "hcl", "%s", plainly(d))
		} else {
			r.c.warnf(at, "hcl", "%s", plainly(d))
		}
	}
}

var reference = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// refuse reports an expression that cannot be evaluated. Most often a variable was meant for the shell.
func (r *hclReader) refuse(found hcl.Diagnostics) {
	for _, d := range found {
		at := r.src.Whole()
		if d.Subject != nil {
			at = r.span(*d.Subject)
		}
		if name := at.Text(); d.Summary == "Variables not allowed" && reference.MatchString(name) {
			r.c.errorf(at, "variable", "there are no variables, so that %s means nothing", quoted("${"+name+"}")).
				Hinted("write $${%s} for the shell to fill it in", name)
			continue
		}
		r.report(hcl.Diagnostics{d})
	}
}

// plainly is a finding of the parser in one line.
func plainly(d *hcl.Diagnostic) string {
	text, _, _ := strings.Cut(d.Detail, "\n")
	if text = strings.TrimSuffix(text, "."); text == "" {
		text = d.Summary
	}
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(first)) + text[n:]
}
