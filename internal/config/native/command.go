package native

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
)

func isMapping(it item) bool { return follow(it.value).Kind == yaml.MappingNode }

var commandFields = []field[monit.Command]{
	{"run", func(d *decoder, it item, c *monit.Command) { c.Args = d.arguments(it) }},
	{"user", func(d *decoder, it item, c *monit.Command) { c.UID, _ = d.word(it) }},
	{"group", func(d *decoder, it item, c *monit.Command) { c.GID, _ = d.word(it) }},
	{"timeout", func(d *decoder, it item, c *monit.Command) { c.Timeout = d.quantity(it) }},
}

// command reads a program: its words, or with more to say about it a mapping. It returns nil after an error.
func (d *decoder) command(it item) *monit.Command { return d.commandOf(it, asIs) }

// commandOf reads a program in whose words secrets are written in another way.
func (d *decoder) commandOf(it item, secret func(string) string) *monit.Command {
	c := &monit.Command{Node: monit.Node{Span: d.span(follow(it.value))}}
	if isMapping(it) {
		readMap(d, it, "a program", commandFields, c)
	} else {
		c.Args = d.arguments(it)
	}
	for i := range c.Args {
		c.Args[i].Text = d.kept(c.Args[i].Text, c.Args[i].Span, secret)
	}
	if len(c.Args) == 0 {
		if isMapping(it) {
			d.errorf(c.Span, "missing", "%s has no program", d.subject(it)).Hinted("add: run: /path/of/program")
		}
		return nil
	}
	return c
}

// arguments reads a list of words, or a text that is split at blanks.
func (d *decoder) arguments(it item) []monit.Word {
	n := follow(it.value)
	if n.Kind == yaml.SequenceNode {
		var words []monit.Word
		for _, each := range d.list(it) {
			w := monit.Word{Node: monit.Node{Span: d.span(each.value)}}
			if n := follow(each.value); n.Kind != yaml.ScalarNode || n.Value != "" {
				w, _ = d.word(each)
			}
			words = append(words, w)
		}
		return words
	}
	whole, ok := d.word(it)
	if !ok {
		return nil
	}
	words, err := split(whole.Text)
	if err != nil {
		d.errorf(whole.Span, "quote", "%s: %v", d.subject(it), err)
	}
	inner, verbatim := d.inner(n)
	out := make([]monit.Word, len(words))
	for i, w := range words {
		at := whole.Span
		if verbatim {
			at = diag.Span{Src: d.src, Start: inner.Start + w.start, End: inner.Start + w.end}
		}
		out[i] = monit.Word{Node: monit.Node{Span: at}, Text: w.text}
	}
	return out
}

// A piece is a word of a command line and where it stands there.
type piece struct {
	text       string
	start, end int
}

// split cuts a command line at blanks, but not within quotes at the start of a word. Nothing else has a meaning:
// no shell ever sees the words.
func split(line string) ([]piece, error) {
	var words []piece
	for i := 0; ; {
		i += len(line[i:]) - len(strings.TrimLeft(line[i:], " \t\r\n"))
		if i == len(line) {
			return words, nil
		}
		w := piece{start: i}
		if q := line[i]; q == '\'' || q == '"' {
			n := strings.IndexByte(line[i+1:], q)
			if n < 0 {
				return words, errors.New("a quote is never closed")
			}
			w.text, i = line[i+1:i+1+n], i+n+2
		} else {
			n := strings.IndexAny(line[i:]+" ", " \t\r\n")
			w.text, i = line[i:i+n], i+n
		}
		w.end = i
		words = append(words, w)
	}
}
