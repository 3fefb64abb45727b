package probe

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

const (
	pemLimit = 1 << 20 // bytes of one file with certificates
	caFiles  = 1000    // files looked at in a directory of authorities
)

// StartTLS makes the rest of the conversation private, by the TLS settings of the probe. Protocols that begin in plain text
// call it after the server has agreed.
func (c *Conn) StartTLS() error {
	if c.r < c.w {
		// Whoever sits in between may have put it there: it must not count as said under TLS.
		return errors.New("it sends more before TLS begins")
	}
	settings := c.probe.TLS
	if settings == nil {
		settings = &model.TLS{Verify: true}
	}
	config, err := c.tlsConfig(settings)
	if err != nil {
		return err
	}
	if err := c.begin(c.budget.step); err != nil {
		return c.readError(err)
	}
	t := tls.Client(c.raw, config)
	if err := t.Handshake(); err != nil { // ends by the deadlines of raw, also when the check is cancelled
		return fmt.Errorf("cannot set up TLS: %w", c.readError(err))
	}
	c.nc = t
	return nil
}

func (c *Conn) tlsConfig(s *model.TLS) (*tls.Config, error) {
	config := &tls.Config{
		InsecureSkipVerify: true, // certificates are checked below, by rules of our own
		VerifyConnection:   func(state tls.ConnectionState) error { return c.admit(s, state) },
	}
	if _, err := netip.ParseAddr(c.probe.Host); err != nil && c.probe.Kind == model.ProbePort {
		config.ServerName = hostOf(c.probe)
	}
	var err error
	if config.MinVersion, config.MaxVersion, err = versionRange(s.Versions); err != nil {
		return nil, err
	}
	if s.Ciphers != "" {
		if config.CipherSuites = cipherSuites(s.Ciphers); len(config.CipherSuites) == 0 {
			return nil, fmt.Errorf("cannot use ciphers %q: none of them is supported", s.Ciphers)
		}
	}
	if s.ClientPEM != "" {
		text, err := readPEM(s.ClientPEM)
		if err != nil {
			return nil, err
		}
		pair, err := tls.X509KeyPair(text, text)
		if err != nil {
			return nil, fmt.Errorf("cannot use client certificate %s: %w", s.ClientPEM, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// admit decides whether the server at the other end of a handshake is accepted.
func (c *Conn) admit(s *model.TLS, state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server shows no certificate")
	}
	c.leaf = state.PeerCertificates[0]
	if len(s.Versions) > 0 && !slices.ContainsFunc(s.Versions, func(v string) bool { return tlsVersion(v) == state.Version || tlsVersion(v) == 0 }) {
		return fmt.Errorf("the server chose %s", tls.VersionName(state.Version))
	}
	if s.Checksum != "" {
		if got := fingerprint(s, c.leaf); got != s.Checksum {
			return fmt.Errorf("the certificate's checksum is %s, expected %s", got, s.Checksum)
		}
	}
	if !s.Verify {
		return nil
	}
	return verify(s, c.probe, state.PeerCertificates, time.Now())
}

// verify checks the chain and that the certificate is for the host of the probe.
func verify(s *model.TLS, p *model.Probe, chain []*x509.Certificate, now time.Time) error {
	leaf := chain[0]
	options := x509.VerifyOptions{Intermediates: x509.NewCertPool(), CurrentTime: now}
	for _, cert := range chain[1:] {
		options.Intermediates.AddCert(cert)
	}
	var err error
	if options.Roots, err = authorities(s); err != nil {
		return err
	}
	if s.SelfSigned && selfSigned(leaf) {
		options.Roots = x509.NewCertPool()
		options.Roots.AddCert(leaf)
	}
	if _, err := leaf.Verify(options); err != nil {
		return err
	}
	if p.Kind != model.ProbePort {
		return nil
	}
	host := hostOf(p)
	err = leaf.VerifyHostname(host)
	if err != nil && len(leaf.DNSNames)+len(leaf.IPAddresses) == 0 && leaf.Subject.CommonName != "" {
		// Certificates of house-made authorities often have the name in the old place only.
		err = (&x509.Certificate{DNSNames: []string{leaf.Subject.CommonName}}).VerifyHostname(host)
	}
	if err != nil {
		return fmt.Errorf("the certificate is not for %s", host)
	}
	return nil
}

func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, cert.RawSubject) &&
		cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// authorities returns those of the system and those the probe adds to them; nil means the system's.
func authorities(s *model.TLS) (*x509.CertPool, error) {
	if s.CAFile == "" && s.CAPath == "" {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if s.CAFile != "" {
		text, err := readPEM(s.CAFile)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("cannot find a certificate in %s", s.CAFile)
		}
	}
	if s.CAPath != "" {
		entries, err := os.ReadDir(s.CAPath)
		if err != nil {
			return nil, fmt.Errorf("cannot read certificates: %v", err)
		}
		for _, e := range entries[:min(len(entries), caFiles)] {
			// Such directories hold other things too: what is not a certificate is passed over.
			if text, err := readPEM(filepath.Join(s.CAPath, e.Name())); err == nil {
				pool.AppendCertsFromPEM(text)
			}
		}
	}
	return pool, nil
}

func readPEM(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read certificates: %v", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot read certificates: %s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read certificates: %v", err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, pemLimit))
}

// fingerprint is the digest of a certificate by the kind the probe wants, in hex.
func fingerprint(s *model.TLS, cert *x509.Certificate) string {
	h, err := newDigest(cmp.Or(s.ChecksumType, digestKind(len(s.Checksum))))
	if err != nil {
		return "of an unknown kind"
	}
	h.Write(cert.Raw)
	return hex.EncodeToString(h.Sum(nil))
}

// versionRange is the span of the versions listed; the ones in between that are not listed are refused after the handshake.
func versionRange(names []string) (low, high uint16, err error) {
	for _, name := range names {
		v := tlsVersion(name)
		switch {
		case v == 0:
			return 0, 0, nil
		case v < tls.VersionTLS10:
			continue
		case low == 0:
			low, high = v, v
		}
		low, high = min(low, v), max(high, v)
	}
	if low == 0 && len(names) > 0 {
		return 0, 0, fmt.Errorf("cannot speak %s: it is not supported", strings.Join(names, ", "))
	}
	return low, high, nil
}

// tlsVersion understands "tlsv1.2" and "tlsv12"; it is 0 for "auto" and 1 for what cannot be spoken.
func tlsVersion(name string) uint16 {
	switch strings.ReplaceAll(strings.ToLower(name), ".", "") {
	case "auto", "":
		return 0
	case "tlsv1", "tlsv10":
		return tls.VersionTLS10
	case "tlsv11":
		return tls.VersionTLS11
	case "tlsv12":
		return tls.VersionTLS12
	case "tlsv13":
		return tls.VersionTLS13
	}
	return 1
}
