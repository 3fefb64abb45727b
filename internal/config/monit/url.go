package monit

import (
	"errors"
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// url reads a web address.
func (p *parser) url() *URL {
	if p.tok.kind != tokURL {
		p.unexpected("a URL such as http://example.com/, without quotes")
		return nil
	}
	u, problem := parseURL(string(p.tok.bytes()))
	if problem != "" {
		p.fail("monit/url", "%s in URL %s", problem, shown(p.tok)).Hinted("write http://host/path or https://host/path")
		return nil
	}
	u.Node = Node{p.here()}
	p.next()
	return u
}

// ParseURL reads a web address that another dialect has. The error tells what is wrong with it.
func ParseURL(at Node, text string) (*URL, error) {
	u, problem := parseURL(text)
	if problem != "" {
		return nil, errors.New(problem)
	}
	u.Node = at
	return u, nil
}

// parseURL takes a URL apart. It says what is wrong with it, or nothing.
func parseURL(text string) (u *URL, problem string) {
	u = &URL{Port: 80}
	var rest string
	u.Scheme, rest, _ = strings.Cut(text, "://")
	switch u.Scheme = strings.ToLower(u.Scheme); u.Scheme {
	case "https":
		u.Port = 443
	case "http":
	default:
		return nil, "unknown scheme"
	}
	if user, host, found := strings.Cut(rest, "@"); found {
		u.User, u.Password, found = strings.Cut(user, ":")
		if found && u.Password != "" {
			rest = host
		}
	}
	if rest = u.setHost(rest); u.Host == "" {
		return nil, "no valid host"
	}
	if digits := run([]byte(rest), min(1, len(rest)), isDigit); digits > 1 && rest[0] == ':' {
		u.Port = atoi(rest[1:digits])
		rest = rest[digits:]
	}
	if rest != "" && !strings.ContainsAny(rest[:1], "/?#") {
		return nil, strconv.QuoteRune([]rune(rest)[0]) + " cannot stand behind the host"
	}
	u.Request = request(rest)
	return u, ""
}

// setHost reads the host, and returns what is behind it. Without a host it reads nothing.
func (u *URL) setHost(text string) (rest string) {
	if inner, ok := strings.CutPrefix(text, "["); ok {
		host, rest, _ := strings.Cut(inner, "]")
		if _, err := netip.ParseAddr(host); err == nil {
			u.Host = host
			return rest
		}
		return text
	}
	end := hostLabel(text, 0)
	for end > 0 && end < len(text) && text[end] == '.' {
		next := hostLabel(text, end+1)
		if next == end+1 {
			break
		}
		end = next
	}
	u.Host = text[:end]
	return text[end:]
}

// hostLabel is the end of the letters, digits and hyphens that begin at i.
func hostLabel(text string, i int) int {
	for i < len(text) && (is(text[i], isDigit|isAlpha) || text[i] == '-') {
		i++
	}
	return i
}

// atoi is the value of digits, which may be too many.
func atoi(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return math.MaxInt32
	}
	return n
}

func decoded(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// request is the path and query to ask for: without the fragment, and with everything encoded that has to be.
func request(rest string) string {
	rest, _, _ = strings.Cut(rest, "#")
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	var b strings.Builder
	for i := range len(rest) {
		if c := rest[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
