package status

import (
	"fmt"
	"strings"
)

// A Template is a text for incidents with places to be filled in: {{ name }} with dotted names and the filters upper,
// lower, default and date; {% if %}, {% elseif %}, {% else %}, {% for x in list %}; {# remarks #}. There is nothing else,
// and nothing it says can reach anything but what it is given (P-091).
type Template struct {
	ID   int64
	Name string
	Slug string
	Text string // as it was written

	root []node
}

// Bounds of a template and of what it makes.
const (
	maxTemplate = 64 << 10
	maxNesting  = 20
	maxSteps    = 100_000
)

// ParseTemplate reads a template. The error says in which line it is wrong.
func ParseTemplate(name, slug, text string) (*Template, error) {
	if len(text) > maxTemplate {
		return nil, fmt.Errorf("cannot use template %q: it is longer than %d bytes", slug, maxTemplate)
	}
	p := templateParser{rest: text, line: 1}
	root, end, err := p.block(0)
	if err == nil && end != "" {
		err = fmt.Errorf("{%% %s %%} ends nothing", end)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot use template %q: line %d: %w", slug, p.line, err)
	}
	return &Template{Name: name, Slug: slug, Text: text, root: root}, nil
}

// Render fills a template in. Names that are not given are empty.
func (t *Template) Render(vars map[string]any) (string, error) {
	r := renderer{vars: vars}
	if err := r.all(t.root); err != nil {
		return "", fmt.Errorf("cannot fill in template %q: %w", t.Slug, err)
	}
	return r.out.String(), nil
}

// A node is a part of a template.
type node interface{ render(*renderer) error }

type (
	literal string
	output  struct{ value expression }
	choice  struct{ ways []way }
	loop    struct {
		name string
		list expression
		body []node
	}
)

// A way is one branch of a choice.
type way struct {
	when *condition // nil: always
	body []node
}

// A condition holds if its left side is equal to the right, or not, or without a right side if it is anything at all.
type condition struct {
	not         bool
	left, right expression
	op          string // "", "==", "!="
}

// templateParser reads a template from its beginning to its end.
type templateParser struct {
	rest string
	line int
}

// advance passes over n bytes and returns them.
func (p *templateParser) advance(n int) string {
	text := p.rest[:n]
	p.rest = p.rest[n:]
	p.line += strings.Count(text, "\n")
	return text
}

// block reads up to the end of what it is in, and returns the tag that ends it: "" at the end of the text.
func (p *templateParser) block(depth int) (body []node, end string, err error) {
	if depth > maxNesting {
		return nil, "", fmt.Errorf("blocks are nested too deeply")
	}
	for p.rest != "" {
		open := p.next()
		if open < 0 {
			return append(body, literal(p.advance(len(p.rest)))), "", nil
		}
		if open > 0 {
			body = append(body, literal(p.advance(open)))
		}
		kind := p.advance(2)
		inner, err := p.inner(kind)
		if err != nil {
			return nil, "", err
		}
		if kind == "{#" {
			continue
		}
		if kind == "{{" {
			e, err := parseExpression(inner)
			if err != nil {
				return nil, "", err
			}
			body = append(body, output{e})
			continue
		}
		n, end, err := p.tag(inner, depth)
		if err != nil || end != "" {
			return body, end, err
		}
		body = append(body, n)
	}
	return body, "", nil
}

// next is where the next tag begins, -1 if there is none.
func (p *templateParser) next() int {
	for at := 0; ; {
		i := strings.IndexByte(p.rest[at:], '{')
		if i < 0 || at+i+1 >= len(p.rest) {
			return -1
		}
		at += i
		if strings.IndexByte("{%#", p.rest[at+1]) >= 0 {
			return at
		}
		at++
	}
}

// inner is what is between the two ends of a tag.
func (p *templateParser) inner(open string) (string, error) {
	stop := map[string]string{"{{": "}}", "{%": "%}", "{#": "#}"}[open]
	n := strings.Index(p.rest, stop)
	if n < 0 {
		return "", fmt.Errorf("%s has no %s", open, stop)
	}
	text := p.advance(n)
	p.advance(2)
	return strings.Trim(strings.TrimSpace(strings.Trim(text, "-")), " \t\r\n"), nil
}

// tag reads what follows {% ... %}. A tag that ends or divides a block is returned as end.
func (p *templateParser) tag(text string, depth int) (n node, end string, err error) {
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "if":
		n, err = p.choice(rest, depth)
	case "for":
		n, err = p.loop(rest, depth)
	case "elseif", "else", "endif", "endfor":
		return nil, text, nil
	default:
		err = fmt.Errorf("{%% %s %%} is not among what templates can do: if, elseif, else, for", word)
	}
	return n, "", err
}

func (p *templateParser) choice(text string, depth int) (node, error) {
	var c choice
	for word := "elseif"; ; {
		w := way{}
		var err error
		if word == "elseif" {
			if w.when, err = parseCondition(text); err != nil {
				return nil, err
			}
		}
		var end string
		if w.body, end, err = p.block(depth + 1); err != nil {
			return nil, err
		}
		c.ways = append(c.ways, w)
		was := word
		word, text, _ = strings.Cut(end, " ")
		switch {
		case word == "endif":
			return c, nil
		case was == "else" || word != "elseif" && word != "else":
			return nil, fmt.Errorf("{%% if %%} has no {%% endif %%}")
		}
	}
}

func (p *templateParser) loop(text string, depth int) (node, error) {
	words := strings.Fields(text)
	if len(words) != 3 || words[1] != "in" || !isName(words[0]) {
		return nil, fmt.Errorf("a loop is written {%% for NAME in LIST %%}")
	}
	list, err := parseExpression(words[2])
	if err != nil {
		return nil, err
	}
	body, end, err := p.block(depth + 1)
	if err != nil {
		return nil, err
	}
	if end != "endfor" {
		return nil, fmt.Errorf("{%% for %%} has no {%% endfor %%}")
	}
	return loop{words[0], list, body}, nil
}
