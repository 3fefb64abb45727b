package public

import (
	"html"
	"html/template"
	"net/url"
	"strings"
	"unicode/utf8"
)

// The limits of one text.
const (
	maxMarkup = 64 << 10 // bytes; more is left out
	maxLink   = 2000     // bytes of an address
	maxNested = 8        // emphasis in emphasis
)

// markup shows the part of Markdown that messages are written in: paragraphs, headings, lists, quotes, code, emphasis and links to
// other sites. Everything else is text, HTML too, so that nothing of what somebody writes can become more than that.
func markup(text string) template.HTML {
	if len(text) > maxMarkup {
		text = text[:maxMarkup]
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(text, "\ufffd"))
	m := &marker{lines: strings.Split(text, "\n")}
	for m.at < len(m.lines) {
		m.block()
	}
	return template.HTML(m.out.String()) //nolint:gosec // made of escaped text and of elements named here
}

// A marker goes through a text line by line.
type marker struct {
	lines []string
	at    int
	out   strings.Builder
}

// block writes what begins at the next line.
func (m *marker) block() {
	line := strings.TrimSpace(m.lines[m.at])
	switch {
	case line == "":
		m.at++
	case strings.HasPrefix(line, "```"):
		m.code()
	case heading(line) > 0:
		m.at++
		m.out.WriteString("<h4>")
		inline(&m.out, strings.TrimSpace(strings.Trim(line, "#")), 0)
		m.out.WriteString("</h4>")
	case item(line) != "":
		m.list(item(line))
	case strings.HasPrefix(line, ">"):
		m.quote()
	default:
		m.paragraph()
	}
}

// heading is the depth of a heading, 0 of what is none.
func heading(line string) int {
	rest := strings.TrimLeft(line, "#")
	if n := len(line) - len(rest); n <= 6 && strings.HasPrefix(rest, " ") {
		return n
	}
	return 0
}

// item tells in which kind of list a line is: "ul" or "ol", or "" for none.
func item(line string) string {
	for _, mark := range []string{"- ", "* ", "+ "} {
		if strings.HasPrefix(line, mark) {
			return "ul"
		}
	}
	digits := strings.TrimLeft(line, "0123456789")
	if n := len(line) - len(digits); n > 0 && n < 4 && (strings.HasPrefix(digits, ". ") || strings.HasPrefix(digits, ") ")) {
		return "ol"
	}
	return ""
}

func (m *marker) list(kind string) {
	m.out.WriteString("<" + kind + ">")
	for ; m.at < len(m.lines); m.at++ {
		line := strings.TrimSpace(m.lines[m.at])
		if item(line) != kind {
			break
		}
		_, text, _ := strings.Cut(line, " ")
		m.out.WriteString("<li>")
		inline(&m.out, strings.TrimSpace(text), 0)
		m.out.WriteString("</li>")
	}
	m.out.WriteString("</" + kind + ">")
}

func (m *marker) quote() {
	m.out.WriteString("<blockquote><p>")
	for first := true; m.at < len(m.lines); m.at++ {
		text, ok := strings.CutPrefix(strings.TrimSpace(m.lines[m.at]), ">")
		if !ok {
			break
		}
		if !first {
			m.out.WriteString("<br>")
		}
		first = false
		inline(&m.out, strings.TrimSpace(text), 0)
	}
	m.out.WriteString("</p></blockquote>")
}

func (m *marker) code() {
	m.out.WriteString("<pre><code>")
	for m.at++; m.at < len(m.lines); m.at++ {
		if strings.HasPrefix(strings.TrimSpace(m.lines[m.at]), "```") {
			m.at++
			break
		}
		m.out.WriteString(html.EscapeString(m.lines[m.at]) + "\n")
	}
	m.out.WriteString("</code></pre>")
}

// paragraph writes lines up to one that is empty or begins something else.
func (m *marker) paragraph() {
	var lines []string
	for ; m.at < len(m.lines); m.at++ {
		line := strings.TrimSpace(m.lines[m.at])
		begins := strings.HasPrefix(line, "```") || heading(line) > 0 || item(line) != "" || strings.HasPrefix(line, ">")
		if line == "" || begins && len(lines) > 0 {
			break
		}
		lines = append(lines, line)
	}
	m.out.WriteString("<p>")
	for n, line := range lines {
		if n > 0 {
			m.out.WriteString("<br>")
		}
		inline(&m.out, line, 0)
	}
	m.out.WriteString("</p>")
}

// inline writes the text of a line with what is marked in it.
func inline(out *strings.Builder, text string, depth int) {
	plain := 0
	flush := func(to int) { out.WriteString(html.EscapeString(text[plain:to])) }
	for at := 0; at < len(text); {
		n := 0
		var write func()
		if depth < maxNested {
			n, write = marked(out, text[at:], at == 0 || boundary(text, at), depth)
		}
		if n == 0 {
			at++
			continue
		}
		flush(at)
		write()
		at += n
		plain = at
	}
	flush(len(text))
}

// boundary tells whether a word may begin at a place.
func boundary(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return strings.ContainsRune(" \t([{\"'*_>–—:,", r)
}

// marked finds out whether something marked begins here: how long it is, and what writes it.
func marked(out *strings.Builder, text string, fresh bool, depth int) (int, func()) {
	wrapped := func(mark, element string) (int, func()) {
		inner, ok := between(text, mark)
		if !ok {
			return 0, nil
		}
		return len(inner) + 2*len(mark), func() {
			out.WriteString("<" + element + ">")
			inline(out, inner, depth+1)
			out.WriteString("</" + element + ">")
		}
	}
	switch {
	case text[0] == '\\' && len(text) > 1 && strings.IndexByte("\\`*_[]()#+-.!<>", text[1]) >= 0:
		return 2, func() { out.WriteString(html.EscapeString(text[1:2])) }
	case text[0] == '`':
		inner, ok := between(text, "`")
		if !ok {
			return 0, nil
		}
		return len(inner) + 2, func() { out.WriteString("<code>" + html.EscapeString(inner) + "</code>") }
	case strings.HasPrefix(text, "**"):
		return wrapped("**", "strong")
	case text[0] == '*':
		return wrapped("*", "em")
	case text[0] == '_' && fresh:
		return wrapped("_", "em")
	case text[0] == '[':
		return linked(out, text)
	case fresh && (strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")):
		end := strings.IndexAny(text, " \t<>\"`")
		if end < 0 {
			end = len(text)
		}
		to := strings.TrimRight(text[:end], ".,;:!?)'*_")
		return anchor(out, to, to, len(to))
	}
	return 0, nil
}

// between is what stands between a mark and its next one, if that is something.
func between(text, mark string) (string, bool) {
	rest := text[len(mark):]
	end := strings.Index(rest, mark)
	if end <= 0 || rest[0] == ' ' || rest[end-1] == ' ' {
		return "", false
	}
	return rest[:end], true
}

// linked is [text](address).
func linked(out *strings.Builder, text string) (int, func()) {
	label, rest, ok := strings.Cut(text[1:], "](")
	if !ok || label == "" || strings.ContainsAny(label, "[]") {
		return 0, nil
	}
	to, _, ok := strings.Cut(rest, ")")
	if !ok {
		return 0, nil
	}
	return anchor(out, to, label, len(label)+len(to)+4)
}

// anchor writes a link, if it leads where links may.
func anchor(out *strings.Builder, to, label string, length int) (int, func()) {
	href := safeLink(to)
	if href == "" {
		return 0, nil
	}
	return length, func() {
		out.WriteString(`<a href="` + html.EscapeString(href) + `" rel="nofollow noopener noreferrer">` + html.EscapeString(label) + `</a>`)
	}
}

// safeLink is an address that people may be led to, or "".
func safeLink(to string) string {
	u, err := url.Parse(to)
	if err != nil || len(to) > maxLink || u.User != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		if u.Hostname() == "" {
			return ""
		}
	case "mailto":
		if u.Opaque == "" {
			return ""
		}
	default:
		return ""
	}
	return u.String()
}
