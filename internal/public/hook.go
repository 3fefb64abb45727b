package public

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"orderly/internal/status"
)

const (
	hookPatience = 10 * time.Second // of connecting, sending and the answer together
	hooksAtOnce  = 8
	maxAnswer    = 4 << 10 // bytes of an answer that are read
)

// signatureHeader is sha256=HEX, of the body with the secret of the webhook.
const signatureHeader = "X-Orderly-Signature"

// A hookPost posts to webhooks. Visitors say where: it goes to no address that only we can reach.
type hookPost struct{ client *http.Client }

func newHookPost() hookPost { return hookPost{hookClient(onlyPublic)} }

// hookClient follows no redirects and uses no proxy. Where it may connect to is decided when the name has been resolved.
func hookClient(allow func(network, address string, c syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: hookPatience, Control: allow}
	return &http.Client{
		Timeout:       hookPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: hookPatience, MaxResponseHeaderBytes: 32 << 10, DisableCompression: true,
			MaxIdleConns: hooksAtOnce, IdleConnTimeout: time.Minute,
		},
	}
}

var (
	errInside = errors.New("it is in a network that is not public")
	errGone   = fmt.Errorf("%w: the webhook is gone", ErrRefused) // which ends its subscription
)

// onlyPublic refuses addresses that are not on the internet.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(at.Addr()) {
		return errInside
	}
	return nil
}

// special are networks that are global by their form, and lead elsewhere: shared, for documentation, for tests, or around IPv4.
var special = func() (all []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// validHook tells whether a visitor may subscribe an address.
func validHook(text string) bool {
	u, err := url.Parse(text)
	if err != nil || len(text) > maxLink || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		return isPublic(a)
	}
	return strings.Contains(u.Hostname(), ".")
}

// hooks sends a parcel to webhooks, to some at a time. It returns one of the errors.
func (b *outbox) hooks(ctx context.Context, p *parcel, to []int64) (last error) {
	var mu sync.Mutex
	var work sync.WaitGroup
	slots := make(chan struct{}, hooksAtOnce)
	for _, id := range to {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			_, sub := b.wanted(p, id)
			if sub == nil || sub.Hook == "" {
				b.done(p, id)
				return
			}
			err := b.hook(ctx, p, sub)
			if err == nil || errors.Is(err, ErrRefused) {
				b.done(p, id)
			}
			if errors.Is(err, errGone) {
				err = b.site.Subscriptions.Leave(ctx, sub.Code)
			}
			if err != nil {
				mu.Lock()
				last = err
				mu.Unlock()
			}
		})
	}
	work.Wait()
	return last
}

// hook sends a parcel to one webhook. One that is to confirm must answer with the challenge.
func (b *outbox) hook(ctx context.Context, p *parcel, sub *status.Subscriber) error {
	body := []byte(p.Body)
	challenge := ""
	if p.Confirm {
		if !sub.Verified.IsZero() {
			return nil
		}
		challenge = hookChallenge(sub.Code)
		var asked hookBody
		if err := json.Unmarshal(body, &asked); err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		asked.Event, asked.Challenge = "challenge", challenge
		body, _ = json.Marshal(asked) // what was read can be written
	}
	answer, err := b.post.send(ctx, sub.Hook, p.GUID, hookSecret(sub.Code), body)
	if err != nil || challenge == "" {
		return err
	}
	if !bytes.Contains(answer, []byte(challenge)) {
		return errors.New("the webhook did not answer with the challenge")
	}
	_, err = b.site.Subscriptions.Verify(ctx, sub.Code)
	return err
}

// send posts a message. Its errors do not show where to: that may hold a secret.
func (h hookPost) send(ctx context.Context, to, id, secret string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil || !validHook(to) {
		return nil, fmt.Errorf("%w: the address is none of a webhook", ErrRefused)
	}
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write(body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "orderly")
	r.Header.Set("Idempotency-Key", id)
	r.Header.Set(signatureHeader, "sha256="+hex.EncodeToString(sum.Sum(nil)))
	res, err := h.client.Do(r)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err
		}
		return nil, fmt.Errorf("cannot post to a webhook: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case res.StatusCode == http.StatusGone:
		return nil, errGone
	case res.StatusCode >= 300:
		return nil, fmt.Errorf("cannot post to a webhook: it answers %d", res.StatusCode)
	}
	return answer, err
}
