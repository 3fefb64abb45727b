package alert

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"orderly/internal/model"
	"orderly/internal/trust"
)

const (
	postTimeout  = 10 * time.Second // of connecting, sending and the answer together
	answerLimit  = 4 << 10          // bytes of an answer that are read
	headerLimit  = 32 << 10         // bytes of its header
	maxRedirects = 3
)

// idHeader is by what whoever is told twice knows that.
const idHeader = "Idempotency-Key"

// A request is a message as a service wants it.
type request struct {
	url      string
	kind     string // Content-Type
	header   http.Header
	body     []byte
	username string // "": no login
	password string
}

// formRequest carries the fields of a form.
func formRequest(to string, fields url.Values) request {
	return request{url: to, kind: "application/x-www-form-urlencoded", body: []byte(fields.Encode())}
}

// poster is a sender by HTTP. What is posted, and where, is its channel's business.
type poster struct {
	compose func(c *model.Config, p parcel) (request, error)
	dial    func(ctx context.Context, network, address string) (net.Conn, error) // nil: as usual
	client  *http.Client                                                         // nil while resting
	origin  string                                                               // the client was made for it
	cafile  string
}

// posting makes senders of what a channel composes. An error of compose means that the route leads nowhere.
func posting(compose func(*model.Config, parcel) (request, error)) func(Means) sender {
	return func(Means) sender { return &poster{compose: compose} }
}

// posted is a channel of what is composed, told apart by some of its parameters.
func posted(compose func(*model.Config, parcel) (request, error), where ...string) channel {
	at := func(c *model.Config, r model.Route) (request, error) {
		return compose(c, parcel{route: r, events: []model.Event{sample}, now: sample.At})
	}
	return channel{open: posting(compose), where: where, hosts: func(c *model.Config, r model.Route) []string {
		req, err := at(c, r)
		if to, failed := url.Parse(req.url); err == nil && failed == nil {
			return []string{to.Hostname()}
		}
		return nil
	}, check: func(r model.Route) error {
		if err := checkText(r); err != nil {
			return err
		}
		req, err := at(&model.Config{}, r)
		if err == nil {
			_, err = readURL(req.url)
		}
		return err
	}}
}

// chat is a channel to people who read along: what happens together is told together.
func chat(compose func(*model.Config, parcel) (request, error), where ...string) channel {
	ch := posted(compose, where...)
	ch.fits, ch.gather = fitting(chatLimit), gatherFor
	return ch
}

func (p *poster) rest() {
	if p.client != nil {
		p.client.CloseIdleConnections()
		p.client = nil
	}
}

func (p *poster) send(ctx context.Context, c *model.Config, msg parcel) (string, error) {
	req, err := p.compose(c, msg)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoWay, err)
	}
	to, err := readURL(req.url)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoWay, err)
	}
	if req.header == nil {
		req.header = http.Header{}
	}
	if req.header.Get(idHeader) == "" {
		req.header.Set(idHeader, msg.identity(hostOf(c, msg.events[0])))
	}
	reply, err := p.post(ctx, to, req, msg.route.Params.Get("cafile"))
	masks := mask(secretsOf(msg.route.Params, req, to)...)
	if err != nil {
		text := harmless(reason(err), masks)
		return "", masked{err, fmt.Sprintf("cannot post to %s: %s", origin(to), text)}
	}
	return harmless(reply, masks), nil
}

// readURL reads where to post to. Its errors do not show it: it may hold a secret.
func readURL(text string) (*url.URL, error) {
	to, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New("no url is set")
	case err != nil:
		return nil, errors.New("the url cannot be read")
	case to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "":
		return nil, errors.New("the url is none of http or https")
	}
	return to, nil
}

func origin(to *url.URL) string { return to.Scheme + "://" + to.Host }

// post sends the request and returns the answer in a line. The answer's text is not trusted.
func (p *poster) post(ctx context.Context, to *url.URL, req request, cafile string) (string, error) {
	if err := p.open(to, cafile); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	out, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(req.body))
	if err != nil {
		return "", err
	}
	out.Header.Set("Content-Type", req.kind)
	out.Header.Set("User-Agent", "orderly")
	for name, values := range req.header {
		out.Header[name] = values
	}
	if req.username != "" {
		out.SetBasicAuth(req.username, req.password)
	}
	res, err := p.client.Do(out)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, answerLimit)) // whether it was taken is known without
	return verdict(res, string(body), time.Now())
}

func (p *poster) dialer() func(ctx context.Context, network, address string) (net.Conn, error) {
	if p.dial != nil {
		return p.dial
	}
	return hosts.dial
}

// open makes a client for one origin, unless it is there.
func (p *poster) open(to *url.URL, cafile string) error {
	if p.client != nil && p.origin == origin(to) && p.cafile == cafile {
		return nil
	}
	p.rest()
	secured, err := trust.Client(&model.TLS{Verify: true, CAFile: cafile}, to.Hostname())
	if err != nil {
		return err
	}
	p.origin, p.cafile = origin(to), cafile
	p.client = &http.Client{
		CheckRedirect: sameOrigin,
		Transport: &http.Transport{
			DialContext: p.dialer(), Proxy: http.ProxyFromEnvironment, TLSClientConfig: secured, MaxResponseHeaderBytes: headerLimit,
			DisableCompression: true, MaxIdleConns: 1, TLSHandshakeTimeout: postTimeout,
		},
	}
	return nil
}

// sameOrigin follows a redirect only where the message itself goes along, and to nobody else: it may hold secrets.
func sameOrigin(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > maxRedirects || req.Method != first.Method || origin(req.URL) != origin(first.URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

// verdict tells what an answer means: taken, never to be taken, or to be tried again.
func verdict(res *http.Response, body string, now time.Time) (string, error) {
	said := strconv.Itoa(res.StatusCode)
	if text := http.StatusText(res.StatusCode); text != "" {
		said += " " + text
	}
	if body != "" {
		said += ": " + body
	}
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		return said, nil
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		return "", busy{errors.New(said), retryAfter(res.Header.Get("Retry-After"), now)}
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		return "", errors.New(said)
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound, code == http.StatusGone:
		return "", fmt.Errorf("%w: %s", errRevoked, said)
	case code >= 400 && code < 500:
		return "", fmt.Errorf("%w: %s", errHopeless, said)
	case code >= 300 && code < 400:
		return "", fmt.Errorf("it redirects elsewhere: %s", said)
	}
	return "", errors.New(said)
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(n, 0), int(longestBusy/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// reason is an error less what the client puts around it, which shows the whole URL.
func reason(err error) string {
	var around *url.Error
	if errors.As(err, &around) {
		err = around.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %v", postTimeout)
	}
	return cmp.Or(err.Error(), "no reason is known")
}
