package native

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A decoder reads one file. What is wrong is reported, left out and does not keep the rest from being read.
type decoder struct {
	src     *diag.Source
	lines   []line
	diags   *diag.List
	first   int                // findings of other files
	phrases map[string]*phrase // by the name of their source

	maintained []diag.Span   // where maintenances are written
	servers    []*mailServer // of routes
	speaks     func(protocol string) bool
	env        Env
	named      map[string]model.Route // channels by their names
	names      []string
	secrets    []string // from elsewhere, in the words of programs
}

// maxFindings is how much is reported of one file before the rest of it is passed over.
const maxFindings = 100

// full tells whether enough was reported.
func (d *decoder) full() bool { return len(*d.diags)-d.first >= maxFindings }

func (d *decoder) errorf(at diag.Span, code, format string, args ...any) *diag.Diagnostic {
	if d.full() {
		return new(diag.Diagnostic)
	}
	return d.diags.Error(at, "orderly/"+code, format, args...)
}

func (d *decoder) warnf(at diag.Span, code, format string, args ...any) {
	if !d.full() {
		d.diags.Warn(at, "orderly/"+code, format, args...)
	}
}

// An item is one key with its value. Elements of a list have the name and the key of the list.
type item struct {
	name  string
	key   *yaml.Node
	value *yaml.Node
}

// A field is one key that a mapping may have, and what reads its value.
type field[T any] struct {
	key  string
	read func(d *decoder, it item, to *T)
}

// readMap reads the keys of a mapping and returns them; what says of what kind it is.
func readMap[T any](d *decoder, it item, what string, fields []field[T], to *T) []item {
	items, _ := d.mapping(it)
	for _, it := range items {
		i := slices.IndexFunc(fields, func(f field[T]) bool { return f.key == it.name })
		if i < 0 {
			d.unknown(it, what, keys(fields))
			continue
		}
		fields[i].read(d, it, to)
	}
	return items
}

// has tells whether a key is among those that were read.
func has(items []item, key string) bool {
	return slices.ContainsFunc(items, func(it item) bool { return it.name == key })
}

func keys[T any](fields []field[T]) (names []string) {
	for _, f := range fields {
		names = append(names, f.key)
	}
	return names
}

func (d *decoder) unknown(it item, what string, known []string) {
	found := d.errorf(d.span(it.key), "unknown-key", "%s has no key %q", what, cut(it.name))
	if near := diag.Nearest(it.name, known); near != "" {
		found.Hinted("did you mean %q?", near)
	} else {
		found.Hinted("it can have: %s", strings.Join(known, ", "))
	}
}

// cut shortens a user's word that is unreasonably long.
func cut(s string) string {
	const limit = 80
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}

// mapping returns the keys and values of a mapping in file order, those of merged ones behind. No value at all is an
// empty mapping.
func (d *decoder) mapping(it item) (items []item, ok bool) {
	n := follow(it.value)
	switch {
	case isNull(n):
		return nil, true
	case n.Kind != yaml.MappingNode:
		d.errorf(d.span(n), "type", "%s must have keys and values", d.subject(it))
		return nil, false
	}
	seen := map[string]*yaml.Node{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := follow(n.Content[i]), n.Content[i+1]
		switch first := seen[key.Value]; {
		case key.Kind != yaml.ScalarNode:
			d.errorf(d.span(n.Content[i]), "key", "a key must be a word")
		case key.Tag == "!!merge":
			merged = append(merged, value)
		case first != nil:
			d.errorf(d.span(n.Content[i]), "duplicate-key", "%q is given twice", cut(key.Value)).
				Relate(d.span(first), "first given here")
		default:
			seen[key.Value] = n.Content[i]
			items = append(items, item{key.Value, n.Content[i], value})
		}
	}
	for _, m := range merged {
		items = d.merge(items, seen, item{"<<", m, m})
	}
	return items, true
}

// merge adds the keys of another mapping, or of several, that are not there yet.
func (d *decoder) merge(items []item, seen map[string]*yaml.Node, from item) []item {
	if n := follow(from.value); n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			items = d.merge(items, seen, item{"<<", c, c})
		}
		return items
	}
	more, _ := d.mapping(from)
	for _, it := range more {
		if seen[it.name] == nil {
			seen[it.name] = it.key
			items = append(items, it)
		}
	}
	return items
}

// list returns the elements of a list, or the value itself where one was given alone.
func (d *decoder) list(it item) []item {
	n := follow(it.value)
	switch {
	case isNull(n):
		return nil
	case n.Kind != yaml.SequenceNode:
		return []item{it}
	}
	var items []item
	for _, c := range n.Content {
		items = append(items, item{it.name, it.key, c})
	}
	return items
}

// follow returns what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// subject is how messages call the place of a value.
func (d *decoder) subject(it item) string {
	if it.key == nil {
		return it.name
	}
	return strconv.Quote(cut(it.name))
}

// word reads text that must not be empty. Text that is not UTF-8 is written as !!binary.
func (d *decoder) word(it item) (monit.Word, bool) {
	n := follow(it.value)
	w := monit.Word{Node: monit.Node{Span: d.span(n)}, Text: n.Value}
	switch {
	case n.Kind != yaml.ScalarNode || isNull(n) || n.Value == "":
		d.errorf(w.Span, "type", "%s must be a text", d.subject(it))
		return w, false
	case n.Tag == "!!binary":
		text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), ""))
		if err != nil {
			d.errorf(w.Span, "binary", "%s cannot be decoded: %v", d.subject(it), err)
			return w, false
		}
		w.Text = string(text)
	}
	return w, true
}

func (d *decoder) text(it item) string {
	w, _ := d.word(it)
	return w.Text
}

// choice reads one of several words. It returns "" after an error.
func (d *decoder) choice(it item, words ...string) string {
	w, ok := d.word(it)
	if !ok || slices.Contains(words, w.Text) {
		return w.Text
	}
	found := d.errorf(w.Span, "value", "%s cannot be %q", d.subject(it), cut(w.Text))
	if near := diag.Nearest(w.Text, words); near != "" {
		found.Hinted("did you mean %q?", near)
	} else {
		found.Hinted("it is one of: %s", strings.Join(words, ", "))
	}
	return ""
}

func (d *decoder) boolean(it item) bool { return d.choice(it, "true", "false") == "true" }

// number reads a whole number between two bounds; it returns the lower one after an error.
func (d *decoder) number(it item, least, most int) int {
	w, ok := d.word(it)
	if !ok {
		return least
	}
	n, err := strconv.Atoi(w.Text)
	if err != nil || n < least || n > most {
		d.errorf(w.Span, "value", "%s must be a number between %d and %d", d.subject(it), least, most)
		return least
	}
	return n
}

// duration reads a time of at least least; 0 after an error.
func (d *decoder) duration(it item, least time.Duration) time.Duration {
	w, ok := d.word(it)
	if !ok {
		return 0
	}
	v, err := parseDuration(w.Text)
	switch {
	case err != nil:
		d.errorf(w.Span, "duration", "%s: %v", d.subject(it), err).Hinted("write a number and a unit: 500ms, 10s, 5m, 1h30m, 2d")
		return 0
	case v < least:
		d.errorf(w.Span, "duration", "%s must be at least %s", d.subject(it), formatDuration(least))
		return 0
	}
	return v
}

// size reads a number of bytes above 0; 0 after an error.
func (d *decoder) size(it item) int {
	w, ok := d.word(it)
	if !ok {
		return 0
	}
	n, err := parseSize(w.Text)
	switch {
	case err != nil:
		d.errorf(w.Span, "size", "%s: %v", d.subject(it), err).Hinted("write a number and a unit: 512 B, 64 kB, 1 MB")
		return 0
	case n < 1 || n > math.MaxInt32:
		d.errorf(w.Span, "size", "%s must be between 1 and %d bytes", d.subject(it), math.MaxInt32)
		return 0
	}
	return n
}
