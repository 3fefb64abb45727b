package diag

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// Hidden is shown in place of what no one may see.
const Hidden = "********"

// A sign is a word behind which secrets stand: the groups of an expression over the text behind it. Secrets are found by
// the look of the words around them, not by the grammar of a dialect, because text that could not be read is shown as well.
type sign struct {
	word   string
	values *regexp.Regexp
}

const quotedText = `\\?("[^"]*"?|'[^']*'?)`

var (
	value = regexp.MustCompile(`^(?:["']?\s*:[ \t]*(?:` + quotedText + `|([^\s"',}][^,}\n]*))|\s*=?\s*` + quotedText + `|[\s=]+([^\s"']*[^\s"',]))`)
	signs = []sign{
		{"password", value},
		{"passphrase", value},
		{"secret", value},
		{"token", value},
		{"allow", regexp.MustCompile(`^\s+(?:\w+\s+)?(?:"[^"]*"|'[^']*'|[^\s:"']+)\s*:\s*("[^"]*"?|'[^']*'?|\S+)`)},
		// A login; and the path of a chat's hook, which is all one needs to write there.
		{"://", regexp.MustCompile(`^(?:[^\s/"'@:]*:(?:([^\s"'/]+)@|([^\s"'@]+)@)|(?i:hooks)\.[^\s/"']+/([^\s"',]+)|[^\s"']*?/(?:web)?hooks?/([^\s"',]+))`)},
		{"ping", regexp.MustCompile(`^["']?\s*:[ \t]*(?:` + quotedText + `|([^\s"',}][^,}\n]*))`)}, // the key of a heartbeat
		// Where we give our own sign of life.
		{"heartbeat", regexp.MustCompile(`^["']?\s*:(?:[^:]|:[^/]|:/[^/]){0,200}?://[^\s"'/,}]*/([^\s"',}]+)`)},
		{"hooks.", regexp.MustCompile(`^[^\s/"']+/([^\s"',}]+)`)},
		{"headers", regexp.MustCompile(`^[^\[\n]*(\[[^\]]*)`)},
	}
	header = regexp.MustCompile(`(?i)[\w-]*(?:auth|cookie|token|key|secret)[\w-]*["']?[ \t]*:[ \t]*((?:"[^"]*"?|'[^']*'?|[^,\n"'])+)`)

	// naming ends in front of a name, which may be one of the words above.
	naming = regexp.MustCompile(`(?i)(?:check\s+[a-z]+|\bname:|\bgroup|\bon)\s+["']?$`)
)

const (
	furthest = 8 << 10 // bytes behind a sign that are looked at
	nearest  = 64      // bytes in front of it
)

// A stretch is a half-open range of bytes.
type stretch struct{ start, end int }

// secrets finds what must not be shown of a text, in order and without overlap.
func secrets(text []byte) []stretch {
	var all []stretch
	for i := range text {
		if s := signAt(text, i); s != nil {
			all = s.appendSecrets(all, text, i+len(s.word))
		}
	}
	return apart(all)
}

// apart puts stretches in order and joins those that overlap.
func apart(all []stretch) (out []stretch) {
	slices.SortStableFunc(all, func(a, b stretch) int { return a.start - b.start })
	for _, s := range all {
		if n := len(out); n > 0 && s.start < out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Hide has a range of bytes hidden wherever the text is shown, beside what looks like a secret. It is for the time
// before anything is shown, and not for several goroutines at once.
func (s *Source) Hide(start, end int) {
	if start >= 0 && start < end && end <= len(s.Text) {
		s.hidden = append(s.hidden, stretch{start, end})
	}
}

// signAt returns the sign that begins at an offset, or nil.
func signAt(text []byte, at int) *sign {
	switch text[at] | ' ' { // the first letters of all signs: most of the text ends here
	case 'p', 's', 't', 'a', 'h', ':':
	default:
		return nil
	}
	for i := range signs {
		s := &signs[i]
		if end := at + len(s.word); end > len(text) || !strings.EqualFold(string(text[at:end]), s.word) {
			continue
		}
		if s.word != "://" {
			if at > 0 && !strings.ContainsRune(" \t\r\n\"'{,-_?&;", rune(text[at-1])) || naming.Match(text[max(0, at-nearest):at]) {
				return nil
			}
		}
		return s
	}
	return nil
}

// appendSecrets adds the secrets behind a sign that ends at an offset.
func (s *sign) appendSecrets(to []stretch, text []byte, offset int) []stretch {
	text = text[offset:min(len(text), offset+furthest)]
	found := [][]int{s.values.FindSubmatchIndex(text)}
	if s.word == "headers" && found[0] != nil {
		text = text[:found[0][3]]
		found = header.FindAllSubmatchIndex(text, -1)
	}
	for _, at := range found {
		for i := 2; i < len(at); i += 2 {
			if at[i] < at[i+1] {
				to = append(to, stretch{offset + at[i], offset + at[i+1]})
			}
		}
	}
	return to
}

// shown is the text between two offsets with its secrets hidden.
func (s *Source) shown(start, end int) string {
	s.find.Do(func() { s.secrets = apart(append(secrets(s.Text), s.hidden...)) })
	var out bytes.Buffer
	first, _ := slices.BinarySearchFunc(s.secrets, start, func(x stretch, at int) int {
		if x.end <= at {
			return -1
		}
		return 1
	})
	for _, x := range s.secrets[first:] {
		if x.start >= end {
			break
		}
		out.Write(s.Text[start:max(start, x.start)])
		out.WriteString(Hidden)
		start = min(x.end, end)
	}
	out.Write(s.Text[start:end])
	return out.String()
}

// Conceal hides the secrets in a text that was put together from what a user wrote.
func Conceal(text string) string { return NewSource("", []byte(text)).shown(0, len(text)) }

// Shown is the text that the span covers as it may be shown: with passwords and other secrets hidden.
func (sp Span) Shown() string {
	if sp.Text() == "" {
		return ""
	}
	return sp.Src.shown(sp.Start, sp.End)
}
