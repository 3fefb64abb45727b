package probe

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"strconv"
	"strings"

	"orderly/internal/model"
)

var httpParams = []ParamSpec{
	{Name: "request", Help: "path and query to ask for; default /"},
	{Name: "method", Help: "get or head; default get"},
	{Name: "status", Help: "what the status must be, with an operator; default < 400"},
	{Name: "content", Help: "regular expression the body must match (=) or must not match (!=)"},
	{Name: "checksum", Help: "md5, sha1 or sha256 of the body in hex"},
	{Name: "hostheader", Help: "value of the Host header"},
	{Name: "header", Help: `one more header, "Name: value"; may be repeated`},
	{Name: "username", Help: "for basic authentication"},
	{Name: "password", Secret: true, Help: "for basic authentication"},
}

var (
	_ = register(Protocol{Name: "http", Port: 80, Net: "tcp", TLS: true, Params: httpParams, Run: askHTTP})
	_ = register(Protocol{Name: "https", Port: 443, Net: "tcp", TLS: true, Params: httpParams, Run: askHTTPS})
)

// askHTTPS is for a probe that names the protocol but no TLS settings.
func askHTTPS(ctx context.Context, c *Conn, params model.Params) error {
	if c.nc == c.raw {
		if err := c.StartTLS(); err != nil {
			return err
		}
	}
	return askHTTP(ctx, c, params)
}

func askHTTP(_ context.Context, c *Conn, params model.Params) error {
	test, err := newHTTPTest(params, c.probe.MaxSize)
	if err != nil {
		return err
	}
	reply, err := test.ask(c)
	if err != nil || !test.needsBody() {
		return err
	}
	return test.body(c, reply)
}

// An httpTest is what the parameters of a probe ask for.
type httpTest struct {
	method   string
	target   string // percent-encoded
	params   model.Params
	status   int
	op       model.Op
	content  []model.Param
	checksum string
	limit    int // bytes of the body that are looked at
}

func newHTTPTest(params model.Params, limit int) (httpTest, error) {
	t := httpTest{method: "GET", target: "/", params: params, status: 400, op: model.Less, limit: limit}
	if limit <= 0 {
		t.limit = model.DefaultLimits().HTTPContent
	}
	t.limit = min(t.limit, receiveLimit)
	for _, p := range params {
		switch p.Name {
		case "method":
			t.method = strings.ToUpper(p.Value)
		case "request":
			t.target = escape(p.Value)
		case "checksum":
			t.checksum = strings.ToLower(p.Value)
		case "content":
			t.content = append(t.content, p)
		case "status":
			n, err := strconv.Atoi(p.Value)
			if err != nil {
				return t, fmt.Errorf("%q is not an HTTP status", p.Value)
			}
			t.status, t.op = n, p.Op
			if p.Op == "" {
				t.op = model.Equal
			}
		}
	}
	return t, nil
}

// ask sends the request, reads the head of the reply and tests its status.
func (t *httpTest) ask(c *Conn) (httpReply, error) {
	c.out = t.request(c.out[:0], c)
	if err := c.flush(); err != nil {
		return httpReply{}, err
	}
	reply, err := c.readHTTPHeader()
	if err == nil && !t.op.Holds(float64(reply.status), float64(t.status)) {
		err = verdictf("HTTP status %d from %s, expected %s %d", reply.status, t.url(c), t.op, t.status)
	}
	return reply, err
}

func (t *httpTest) needsBody() bool { return t.checksum != "" || len(t.content) > 0 }

// request appends the request to b. What the configuration says of a header replaces the one it would have had.
func (t *httpTest) request(b []byte, c *Conn) []byte {
	b = append(b, t.method...)
	b = append(b, ' ')
	b = append(b, t.target...)
	b = append(b, " HTTP/1.1\r\n"...)
	if user := t.params.Get("username"); user != "" && !t.overrides("Authorization") {
		b = append(b, "Authorization: Basic "...)
		b = base64.StdEncoding.AppendEncode(b, []byte(user+":"+t.params.Get("password")))
		b = append(b, "\r\n"...)
	}
	if !t.overrides("Host") {
		b = append(b, "Host: "...)
		b = t.appendHost(b, c.probe)
		b = append(b, "\r\n"...)
	}
	for _, h := range [...]string{"User-Agent: orderly", "Accept: */*", "Accept-Encoding: identity", "Connection: close"} {
		name, _, _ := strings.Cut(h, ":")
		if !t.overrides(name) {
			b = append(b, h...)
			b = append(b, "\r\n"...)
		}
	}
	for _, p := range t.params {
		if p.Name == "header" {
			b = append(b, oneLine(p.Value)...)
			b = append(b, "\r\n"...)
		}
	}
	return append(b, "\r\n"...)
}

func (t *httpTest) overrides(header string) bool {
	for _, p := range t.params {
		if p.Name != "header" {
			continue
		}
		if name, _, found := strings.Cut(p.Value, ":"); found && strings.EqualFold(strings.TrimSpace(name), header) {
			return true
		}
	}
	return false
}

func (t *httpTest) appendHost(b []byte, p *model.Probe) []byte {
	if h := t.params.Get("hostheader"); h != "" {
		return append(b, oneLine(h)...)
	}
	host, _, _ := strings.Cut(hostOf(p), "%") // the zone of an address means nothing to the server
	if strings.Contains(host, ":") {
		b = append(append(append(b, '['), host...), ']')
	} else {
		b = append(b, host...)
	}
	if p.Kind == model.ProbePort && p.Port != 80 && p.Port != 443 {
		b = strconv.AppendInt(append(b, ':'), int64(p.Port), 10)
	}
	return b
}

// url names in messages what was asked for.
func (t *httpTest) url(c *Conn) string {
	if c.probe.Kind == model.ProbeSocket {
		return c.probe.Path + " " + t.target
	}
	scheme, usual := "http", 80
	if c.nc != c.raw {
		scheme, usual = "https", 443
	}
	host := net.JoinHostPort(hostOf(c.probe), strconv.Itoa(c.probe.Port))
	if c.probe.Port == usual {
		host = strings.TrimSuffix(host, ":"+strconv.Itoa(usual))
	}
	return scheme + "://" + host + t.target
}

// oneLine keeps a value from the configuration within its header.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return ' '
		}
		return r
	}, s)
}

// escape percent-encodes what may not stand in the first line of a request. What is encoded already stays as it is.
func escape(target string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	if !strings.HasPrefix(target, "/") && target != "*" {
		b.WriteByte('/')
	}
	for i, ch := range []byte(target) {
		if ch <= ' ' || ch >= 0x7f || strings.IndexByte("\"#<>\\^`{|}", ch) >= 0 || ch == '%' && !encoded(target[i:]) {
			b.Write([]byte{'%', digits[ch>>4], digits[ch&15]})
		} else {
			b.WriteByte(ch)
		}
	}
	return b.String()
}

// encoded tells whether a text begins with a byte in percent-encoding.
func encoded(s string) bool {
	if len(s) < 3 {
		return false
	}
	_, err := hex.DecodeString(s[1:3])
	return err == nil
}
