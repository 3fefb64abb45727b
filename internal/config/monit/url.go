package monit

import (
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
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, rest = rest[:i], rest[i:]
	} else {
		rest = ""
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		u.User, u.Password, _ = strings.Cut(authority[:i], ":")
		u.User, u.Password = decoded(u.User), decoded(u.Password)
		authority = authority[i+1:]
	}
	if problem := u.setHost(authority); problem != "" {
		return nil, problem
	}
	u.Request = request(rest)
	return u, ""
}

func (u *URL) setHost(authority string) (problem string) {
	port := ""
	if rest, ok := strings.CutPrefix(authority, "["); ok {
		u.Host, port, ok = strings.Cut(rest, "]")
		if !ok {
			return "no closing bracket"
		}
		port = strings.TrimPrefix(port, ":")
	} else {
		u.Host, port, _ = strings.Cut(authority, ":")
	}
	if u.Host == "" {
		return "no host"
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return "bad port"
		}
		u.Port = int(n)
	}
	return ""
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
