package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"orderly/internal/client"
	"orderly/internal/model"
)

// errNoHTTPD tells that the daemon can be asked nothing.
var errNoHTTPD = monitErrorf("Monit: the monit HTTP interface is not enabled, please add the 'set httpd' statement " +
	"and use the 'allow' option to allow monit to connect")

// maxMonitReply bounds what is read of a reply, in bytes.
const maxMonitReply = 64 << 20

// An httpRemote is a daemon behind its web interface: a real Monit, or one of ours that belongs to somebody else.
type httpRemote struct {
	http           *http.Client
	base           string // of URLs
	at             string // as messages have it
	user, password string
}

// newHTTPRemote chooses port or socket, and credentials, as the control file has them. The timeout is for each request.
func newHTTPRemote(s *model.HTTPD, timeout time.Duration) (*httpRemote, error) {
	if s == nil || s.Port == 0 && s.Socket == nil {
		return nil, errNoHTTPD
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	r := &httpRemote{http: &http.Client{
		Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	r.user, r.password = credentials(s.Allow)
	if bySocket(s) {
		r.base, r.at = "http://localhost", s.Socket.Path
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", s.Socket.Path)
		}
		return r, nil
	}
	host := cmp.Or(s.Address, "localhost")
	r.base = "http://" + net.JoinHostPort(host, strconv.Itoa(s.Port))
	r.at = "[" + host + "]:" + strconv.Itoa(s.Port)
	if s.TLS != nil {
		r.base = "https" + strings.TrimPrefix(r.base, "http")
		var err error
		if transport.TLSClientConfig, err = ownServerTLS(s.TLS, host); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// bySocket prefers the port, unless only the socket lets one act.
func bySocket(s *model.HTTPD) bool {
	return s.Port == 0 || s.ReadOnly && s.Socket != nil && !s.Socket.ReadOnly
}

func (r *httpRemote) text(ctx context.Context, q client.MonitQuery) (string, error) {
	form := url.Values{"format": {"text"}, "service": q.Services}
	if q.Group != "" {
		form.Set("group", q.Group)
	}
	if q.Type != "" {
		form.Set("type", q.Type)
	}
	text, err := r.post(ctx, "/_"+q.What, form)
	return tame(text), err
}

// colour is all that a text may ask of a terminal.
var colour = regexp.MustCompile(`\x1b(\[[0-9;]*m)?`)

// tame makes a text of another daemon harmless: what programs wrote stands in it as it was.
func tame(text string) string {
	text = colour.ReplaceAllStringFunc(text, func(sequence string) string {
		if len(sequence) == 1 {
			return "?"
		}
		return sequence
	})
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' && c != '\x1b' {
			return '?'
		}
		return c
	}, text)
}

// act leaves expressions to the daemon; exact names are quoted so that they are none.
func (r *httpRemote) act(ctx context.Context, c model.Command, exact bool) error {
	form := url.Values{"format": {"text"}, "action": {string(c.Kind)}}
	for _, name := range c.Names {
		if exact {
			name = quoteName(name)
		}
		form.Add("service", name)
	}
	_, err := r.post(ctx, "/_doaction", form)
	return err
}

// quoteName keeps a name from being an expression that means another one. A name that means itself, if others too, stays:
// Monit takes requests only as long as the names themselves. An anchor would switch off those that Monit adds, so these
// come along then.
func quoteName(name string) string {
	const special = `\[()*+?{|^$`
	if !strings.ContainsAny(name, special) {
		return name
	}
	var out strings.Builder
	for _, c := range name {
		if strings.ContainsRune(special+".", c) {
			out.WriteByte('\\')
		}
		out.WriteRune(c)
	}
	if strings.ContainsAny(name, "^$") {
		return "^" + out.String() + "$"
	}
	return out.String()
}

// post sends a form and returns the body of the answer. Monit marks a success as a redirection that has a body.
func (r *httpRemote) post(ctx context.Context, path string, form url.Values) (string, error) {
	token := rand.Text()
	form.Set("securitytoken", token)
	body := strings.ReplaceAll(form.Encode(), "+", "%20")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+path, strings.NewReader(body))
	if err != nil {
		return "", monitErrorf("Cannot ask the daemon at %s -- %v", r.at, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Cookie", "securitytoken="+token)
	if r.user != "" {
		req.SetBasicAuth(r.user, r.password)
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return "", r.failed(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxMonitReply))
	if err != nil {
		return "", r.failed(err)
	}
	if resp.StatusCode < 300 || resp.StatusCode == http.StatusFound {
		return string(text), nil
	}
	return "", monitErrorf("%s", cmp.Or(errorPageText(string(text)), resp.Status))
}

// failed says in Monit's words that nobody answers.
func (r *httpRemote) failed(err error) error {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return monitErrorf("Cannot connect to %s -- %s", r.at, capital(lastCause(dial.Err)))
	}
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	return monitErrorf("Cannot read the answer of the daemon at %s -- %v", r.at, err)
}

// lastCause is what the system said, without the layers that led there.
func lastCause(err error) string {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err.Error()
}

// capital makes a message of the system look as the C library has it.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// errorPageText cuts the message out of an error page: it stands between the heading and what follows.
func errorPageText(page string) string {
	_, text, found := strings.Cut(page, "</h2>")
	if !found || len(page) > 64<<10 {
		return ""
	}
	for _, end := range []string{"<p>", "<hr>"} {
		text, _, _ = strings.Cut(text, end)
	}
	return strings.TrimSpace(html.UnescapeString(text))
}
