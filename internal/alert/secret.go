package alert

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"orderly/internal/model"
)

// replyKept bounds what is shown of an answer, in characters.
const replyKept = 200

// mask hides secrets, the longest first because one may be part of another.
func mask(secrets ...string) *strings.Replacer {
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return s == "" })
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, s := range secrets {
		pairs = append(pairs, s, "***")
	}
	return strings.NewReplacer(pairs...)
}

// masked is an error with another text.
type masked struct {
	error
	text string
}

func (m masked) Error() string { return m.text }
func (m masked) Unwrap() error { return m.error }

// harmless makes what another program said fit for a log and a terminal: one bounded line without secrets.
func harmless(text string, secrets *strings.Replacer) string {
	return oneLine(secrets.Replace(text), replyKept)
}

// oneLine puts text on one line of at most limit characters.
func oneLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}

// pathSecret is the least length of a part of a URL that may be a secret. Shorter ones occur in texts by themselves.
const pathSecret = 6

// secretsOf lists what nobody may see of a request: a hook's whole URL but its host is a password.
func secretsOf(params model.Params, req request, to *url.URL) []string {
	secrets := []string{req.url, req.password, to.RequestURI()}
	for _, p := range params {
		if p.Secret() {
			secrets = append(secrets, p.Value)
		}
	}
	if password, set := to.User.Password(); set {
		secrets = append(secrets, password)
	}
	parts := append(strings.Split(to.Path, "/"), to.Path, to.RawQuery)
	for _, values := range to.Query() {
		parts = append(parts, values...)
	}
	for _, part := range parts {
		if len(part) >= pathSecret {
			secrets = append(secrets, part)
		}
	}
	return slices.DeleteFunc(secrets, func(s string) bool { return s == "/" })
}
