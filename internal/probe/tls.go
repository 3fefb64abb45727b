package probe

import (
	"crypto/tls"
	"errors"
	"fmt"

	"orderly/internal/model"
	"orderly/internal/trust"
)

// StartTLS makes the rest of the conversation private, by the TLS settings of the probe. Protocols that begin in plain text
// call it after the server has agreed.
func (c *Conn) StartTLS() error {
	if c.probe.UDP {
		return errors.New("cannot set up TLS: it needs a connection, which UDP has not")
	}
	if c.r < c.w {
		// Whoever sits in between may have put it there: it must not count as said under TLS.
		return errors.New("it sends more before TLS begins")
	}
	config, err := c.tlsConfig()
	if err != nil {
		return err
	}
	if err := c.begin(c.budget.step); err != nil {
		return c.readError(err)
	}
	c.turn()
	t := tls.Client(c.raw, config)
	if err := t.Handshake(); err != nil { // ends by the deadlines of raw, also when the check is cancelled
		return fmt.Errorf("cannot set up TLS: %w", c.readError(err))
	}
	c.nc = t
	return nil
}

// tlsConfig keeps what the server shows, whether it is believed or not: a rule may be about its last day.
func (c *Conn) tlsConfig() (*tls.Config, error) {
	host := ""
	if c.probe.Kind == model.ProbePort {
		host = hostOf(c.probe)
	}
	config, err := trust.Client(c.probe.TLS, host)
	if err != nil {
		return nil, err
	}
	believe := config.VerifyConnection
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) > 0 {
			c.leaf = state.PeerCertificates[0]
		}
		return believe(state)
	}
	return config, nil
}
