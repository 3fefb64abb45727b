package alert

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

const (
	exchangeTimeout = 20 * time.Second // of one request of the library, its answer included
	exchangeLimit   = 1 << 20          // bytes of an answer that the library gets to see
)

// bind bounds what a service reads and how long it waits for an answer. Most use the client that everybody shares, which is
// bounded already.
func bind(service types.Service) {
	switch s := service.(type) {
	case *ntfy.Service:
		s.SetHTTPClient(&http.Client{Transport: bounded{&http.Transport{
			DialContext: hosts.dial, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.Config.DisableTLSVerification},
		}}})
	case interface{ GetHTTPClient() *http.Client }:
		client := s.GetHTTPClient()
		if client == nil || client.Transport == nil {
			return
		}
		if own, ok := client.Transport.(*http.Transport); ok {
			own.DialContext = hosts.dial
			own.DisableKeepAlives = true
			own.Proxy = http.ProxyFromEnvironment
		}
		client.Transport = bounded{client.Transport}
	}
}

// bounded is a transport whose exchanges end in time, and whose answers end.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), exchangeTimeout)
	res, err := b.RoundTripper.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	res.Body = boundedBody{io.LimitReader(res.Body, exchangeLimit), res.Body, cancel}
	return res, nil
}

// CloseIdleConnections is for whoever closes those of a client.
func (b bounded) CloseIdleConnections() {
	if c, ok := b.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

type boundedBody struct {
	io.Reader
	body   io.Closer
	cancel context.CancelFunc
}

func (b boundedBody) Close() error {
	defer b.cancel()
	return b.body.Close()
}
