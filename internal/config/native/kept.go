package native

import (
	"maps"
	"slices"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
	"orderly/internal/notice"
)

// Secrets are values that are kept elsewhere, with what stands for them in an orderly.yaml: ${env:NAME} or ${file:/path}.
type Secrets map[string]string

// refer puts what stands for secrets in their places. In templates they may be written in another way.
func (s Secrets) refer(text string) string {
	values := slices.SortedFunc(maps.Keys(s), func(a, b string) int { return len(b) - len(a) }) // one may be part of another
	for _, value := range values {
		text = strings.ReplaceAll(text, notice.Literal(value), s[value])
		text = strings.ReplaceAll(text, value, s[value])
	}
	return text
}

// program is a program with what stands for secrets in its words.
func (s Secrets) program(p *model.Program) *model.Program {
	out := *p
	out.Args = make([]string, len(p.Args))
	for i, arg := range p.Args {
		out.Args[i] = s.refer(arg)
	}
	return &out
}

// variable is the environment of those that are kept there.
func (s Secrets) variable(name string) (string, bool) {
	for value, reference := range s {
		if reference == "${env:"+name+"}" {
			return value, true
		}
	}
	return "", false
}

// kept fills in the references in a word of a program. Nobody may see what came of them.
func (d *decoder) kept(text string, at diag.Span, written func(string) string) string {
	return reference.ReplaceAllStringFunc(text, func(match string) string {
		parts := reference.FindStringSubmatch(match)
		value, why := d.resolve(parts[1], parts[2])
		if why != "" {
			d.errorf(at, "secret", "%s", why)
			return ""
		}
		d.secrets = append(d.secrets, value)
		return written(value)
	})
}

// asIs writes a secret in the words of a program that is run as they are.
func asIs(value string) string { return value }
