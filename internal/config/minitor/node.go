package minitor

import (
	"strings"

	"orderly/internal/diag"
)

// A node is a value of a file, whichever syntax it is written in.
type node struct {
	span  diag.Span
	shape shape
	text  string  // of a scalar
	plain bool    // a scalar without quotes: a number or a truth may be meant
	list  []*node // elements
	table []entry // in the order of the file
}

type shape int8

const (
	absent shape = iota // nothing, or null
	scalar
	list
	table
)

// what names the shape for people.
func (n *node) what() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping"}[n.shape]
}

// An entry is one key of a table with its value.
type entry struct {
	key   string
	at    diag.Span // of the key
	value *node
	whole diag.Span // key and value
}

// A tree is a whole file.
type tree struct {
	root  *node // a table
	isHCL bool
}

// get returns the value of the last entry with a key; nil where there is none or it is null.
func (n *node) get(key string) *node {
	e := n.find(key)
	if e == nil || e.value.shape == absent {
		return nil
	}
	return e.value
}

func (n *node) find(key string) *entry {
	for i := len(n.table) - 1; i >= 0; i-- {
		if n.table[i].key == key {
			return &n.table[i]
		}
	}
	return nil
}

// elements are those of a list; none of anything else.
func (n *node) elements() []*node {
	if n == nil || n.shape != list {
		return nil
	}
	return n.list
}

// texts are all scalars of a value, in order.
func (n *node) texts(each func(text string)) {
	switch {
	case n == nil:
	case n.shape == scalar:
		each(n.text)
	case n.shape == list:
		for _, e := range n.list {
			e.texts(each)
		}
	}
}

// quoted shows a word of a user in a message.
func quoted(s string) string {
	const longest = 60
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest]) + "..."
	}
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")) + `"`
}
