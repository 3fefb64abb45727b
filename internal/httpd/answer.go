package httpd

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"orderly/internal/monit"
	"orderly/internal/packing"
)

// An answer is what a request is answered with when nothing is wrong.
type answer struct {
	kind   string // content type
	body   []byte
	packed []byte // body as gzip has it, if somebody has done that already
	lasts  bool   // it never changes, and browsers may keep it
}

// The content types.
const (
	typeHTML = "text/html"
	typeText = "text/plain"
	typeXML  = "text/xml"
	typeIcon = "image/x-icon"
)

// A reply is on its way to a client.
type reply struct {
	w   http.ResponseWriter
	r   *http.Request
	e   *entrance
	now time.Time
}

// send answers; who sent a POST is also sent back to where he was, with the same body, which is what Monit's own command
// line reads.
func (p *reply) send(q *request, a answer) {
	h := p.header(a.kind)
	status := http.StatusOK
	switch {
	case a.lasts:
		h.Set("Cache-Control", "max-age=86400")
	default:
		h.Set("Cache-Control", "no-store")
		h.Set("Set-Cookie", p.cookie(q.token))
	}
	if p.r.Method == http.MethodPost {
		status = http.StatusFound
		h.Set("Location", location(p.r.URL))
	}
	p.write(status, a)
}

// location is the path of a request, which can lead to no other host.
func location(u *url.URL) string { return "/" + strings.TrimLeft(u.EscapedPath(), "/") }

// refuse sends an error, in a page of which programs know the shape: the message is between </h2> and <hr>.
func (p *reply) refuse(r *refusal) {
	h := p.header(typeHTML)
	h.Set("Cache-Control", "no-store")
	if r.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="monit"`)
	}
	text := http.StatusText(r.status)
	body := fmt.Sprintf("<html><head><title>%d %s</title></head><body bgcolor=#FFFFFF><h2>%s</h2>%s<hr><small>%s</small></body></html>\r\n",
		r.status, text, text, markup.Replace(r.message), p.signature())
	p.write(r.status, answer{body: []byte(body)})
}

// markup escapes what means something between tags, and no quotes: programs show the message as it is.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// signature says who answers, to programs that ask for a version to know what they may expect.
func (p *reply) signature() string {
	if p.e.anonymous {
		return "monit "
	}
	return "monit " + monit.Version
}

func (p *reply) cookie(token string) string {
	text := tokenName + "=" + token + "; Max-Age=600; HttpOnly; SameSite=strict"
	if p.r.TLS != nil {
		text += "; Secure"
	}
	return text
}

// fixed are the headers of all answers.
var fixed = map[string][]string{
	"X-Content-Type-Options":  {"nosniff"},
	"X-Frame-Options":         {"SAMEORIGIN"},
	"Content-Security-Policy": {policy},
	"X-XSS-Protection":        {"1; mode=block"},
	"Referrer-Policy":         {"same-origin"},
	"Permissions-Policy":      {"geolocation=(),camera=(),microphone=()"},
}

func (p *reply) header(kind string) http.Header {
	h := p.w.Header()
	for name, value := range fixed {
		h[name] = value
	}
	h.Set("Server", p.signature())
	h.Set("Content-Type", kind)
	if p.r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
	if !strings.EqualFold(p.r.Header.Get("Connection"), "keep-alive") {
		h.Set("Connection", "close")
	}
	return h
}

// write sends headers and body. That the client is gone by then is no news to anybody.
func (p *reply) write(status int, a answer) {
	h := p.w.Header()
	body := a.body
	if len(body) > 0 && packing.Accepted(p.r.Header) {
		if body = a.packed; body == nil {
			body = pack(a.body)
		}
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	p.w.WriteHeader(status)
	_, _ = p.w.Write(body)
}

var packers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a good one
	return w
}}

// pack compresses a body.
func pack(body []byte) []byte {
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}
