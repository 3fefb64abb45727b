package minitor

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"orderly/internal/diag"
)

// A piece is a part of a text: either the user's, or one that was put in and is taken as it is.
type piece struct {
	text   string
	opaque bool
}

// reference is what stands for a variable: ${NAME}, ${NAME-default} or ${NAME:-default}; or, which no Minitor had,
// for what is in a file or in a credential of systemd.
var (
	outside  = regexp.MustCompile(`\$\{(file|credential):([^}]+)\}`)
	variable = regexp.MustCompile(`\$\{(?:(file|credential):([^}]+)|([^:\-}]+)(?:(:?-)([^}]*))?)\}`)

	shellName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// maxSecret bounds a file that holds one, in bytes.
const maxSecret = 64 << 10

// literal is a text with its references filled in.
func (c *compiler) literal(n *node) string {
	var out strings.Builder
	for _, p := range c.expand(n, false) {
		out.WriteString(p.text)
	}
	return out.String()
}

// expand fills in the references of a text. In a command for the shell, variables that the shell will find are left to it.
func (c *compiler) expand(n *node, forShell bool) []piece {
	text, like := n.text, variable
	if c.made.Dialect == HCL {
		like = outside
	}
	var out []piece
	var sh shell
	done := 0
	for _, at := range like.FindAllStringSubmatchIndex(text, -1) {
		before := text[done:at[0]]
		out = append(out, piece{text: before})
		sh.write(before)
		ref := newRef(text, at)
		var put string
		if forShell {
			put = c.forShell(ref, &sh, n.span)
		} else {
			put = c.fill(ref, n.span)
		}
		sh.word()
		out = append(out, piece{put, true})
		done = at[1]
	}
	return append(out, piece{text: text[done:]})
}

// A ref is one reference.
type ref struct {
	whole string // as it was written
	kind  string // "file", "credential", or "" for a variable
	name  string
	or    string // "-", ":-" or ""
	value string // default
}

func newRef(text string, at []int) ref {
	part := func(i int) string {
		if 2*i >= len(at) || at[2*i] < 0 {
			return ""
		}
		return text[at[2*i]:at[2*i+1]]
	}
	r := ref{whole: part(0), kind: part(1), name: part(2)}
	if r.kind == "" {
		r.name, r.or, r.value = part(3), part(4), part(5)
	}
	return r
}

// forShell is what stands for a reference in a command of the shell: itself where that comes to the same. So the value
// is in no list of processes, and whatever it holds is nothing but a value.
func (c *compiler) forShell(r ref, sh *shell, at diag.Span) string {
	if r.kind != "" {
		return sh.enclose(shellWord(c.fill(r, at)))
	}
	value, _ := c.env.Variable(r.name)
	switch own := !sh.escaped && sh.context() != inSingle && sh.context() != inVerbatim && shellName.MatchString(r.name); {
	case value != "" && own:
		return "${" + r.name + "}"
	case value == "" && r.or == "" && c.made.Dialect != Python:
		return r.whole // it may be the shell's own
	case value != "" && sh.context() == inSingle && !sh.escaped:
		c.hide(r, value)
		return sh.enclose(shellWord(value))
	}
	return c.fill(r, at)
}

// fill is the value of a reference. Where it has none, that is an error, or, where the Minitor in question fills in
// nothing, a warning.
func (c *compiler) fill(r ref, at diag.Span) string {
	if r.kind != "" {
		return c.fromFile(r, at)
	}
	value, _ := c.env.Variable(r.name)
	switch {
	case value != "":
		c.hide(r, value)
		return value
	case r.or == "-" || r.or == ":-" && r.value != "":
		return r.value
	case c.made.Dialect == Go:
		c.warnf(at, "unset", "the environment has no variable %s: the text is left as it is", quoted(r.name))
	default:
		c.errorf(at, "unset", "the environment has no variable %s", quoted(r.name)).
			Hinted("set it, or write a default: ${%s:-...}", r.name)
	}
	return r.whole
}

// fromFile reads a secret. A newline at its end is not part of it.
func (c *compiler) fromFile(r ref, at diag.Span) string {
	path := r.name
	if r.kind == "credential" {
		dir, _ := c.env.Variable("CREDENTIALS_DIRECTORY")
		if dir == "" || !filepath.IsLocal(path) {
			c.errorf(at, "credential", "systemd has given no credential %s", quoted(path)).
				Hinted("the unit needs LoadCredential=%s:...", path)
			return ""
		}
		path = filepath.Join(dir, path)
	}
	text, err := c.env.ReadFile(path)
	switch {
	case err != nil:
		c.errorf(at, "file", "cannot read %s: %v", quoted(path), err)
		return ""
	case len(text) > maxSecret || strings.ContainsRune(string(text), 0):
		c.errorf(at, "file", "%s holds no secret: it is too large, or not text", quoted(path))
		return ""
	}
	value := strings.TrimRight(string(text), "\r\n")
	if c.secret(value); filepath.IsAbs(path) {
		c.made.Kept[value] = "${file:" + path + "}"
	}
	return value
}

// confidential are parts of the names of variables whose values nobody may see.
var confidential = []string{"KEY", "TOKEN", "SECRET", "PASS", "PWD", "SID"}

func (c *compiler) hide(r ref, value string) {
	name := strings.ToUpper(r.name)
	if slices.ContainsFunc(confidential, func(part string) bool { return strings.Contains(name, part) }) {
		c.secret(value)
		c.made.Kept[value] = "${env:" + r.name + "}"
	}
}

// secret notes a value that nobody may see. One of a few letters stands in too many texts to be hidden in all of them.
func (c *compiler) secret(value string) {
	if len(value) >= 4 && !slices.Contains(c.made.Secrets, value) {
		c.made.Secrets = append(c.made.Secrets, value)
	}
}
