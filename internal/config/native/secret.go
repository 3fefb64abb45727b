package native

import (
	"regexp"
	"strings"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
)

// reference names where a secret is kept: ${env:NAME} or ${file:/path}.
var reference = regexp.MustCompile(`\$\{(env|file):([^}]*)\}`)

// maxSecret bounds what a file of a secret holds, in bytes.
const maxSecret = 64 << 10

// secret reads a text that nobody may see, and fills in what it refers to. Text that is there in clear is hidden wherever
// the file is shown.
func (d *decoder) secret(it item) (monit.Word, bool) {
	w, ok := d.word(it)
	if !ok {
		return w, false
	}
	if !reference.MatchString(w.Text) {
		d.hide(w.Span)
		return w, true
	}
	w.Text = reference.ReplaceAllStringFunc(w.Text, func(match string) string {
		parts := reference.FindStringSubmatch(match)
		value, why := d.resolve(parts[1], parts[2])
		if why != "" {
			d.errorf(w.Span, "secret", "%s", why)
			ok = false
		}
		return value
	})
	return w, ok
}

// hide hides a secret. Of a URL it leaves what helps to find the mistake: the scheme, and of web pages the host.
func (d *decoder) hide(at diag.Span) {
	raw := string(d.src.Text[max(at.Start, 0):max(at.End, 0)])
	scheme, rest, isURL := strings.Cut(raw, "://")
	if !isURL {
		d.src.Hide(at.Start, at.End)
		return
	}
	start := at.Start + len(scheme) + len("://")
	if strings.HasSuffix(scheme, "http") || strings.HasSuffix(scheme, "https") {
		host, _, _ := strings.Cut(rest, "/")
		if strings.Contains(host, "@") || len(host)+1 >= len(rest) {
			return // the login is hidden anyway
		}
		start += len(host) + 1
	}
	d.src.Hide(start, at.End-len(raw)+len(strings.TrimRight(raw, `"'`)))
}

// resolve finds a secret, or tells why it cannot be had.
func (d *decoder) resolve(kind, name string) (value, why string) {
	if kind == "env" {
		value, set := d.env.Variable(name)
		if !set || value == "" {
			return "", "the environment has no variable " + cut(name)
		}
		return value, ""
	}
	if !strings.HasPrefix(name, "/") {
		return "", "the file of a secret is named by its full path"
	}
	text, err := d.env.ReadFile(name)
	switch {
	case err != nil:
		return "", "cannot read the secret: " + err.Error()
	case len(text) > maxSecret:
		return "", "cannot read the secret: " + cut(name) + " is too large"
	}
	if value = strings.TrimRight(string(text), "\r\n"); value == "" {
		return "", "cannot read the secret: " + cut(name) + " is empty"
	}
	return value, ""
}
