// Package trust decides which servers are believed, how they are spoken to in private, and which clients a server of
// ours believes. Checks and mail go by the same rules. Entry points: [Client] and [Server].
package trust

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/netip"
	"time"

	"orderly/internal/model"
)

// Client turns settings into a configuration for the client's end of a connection; nil stands for verification and
// nothing else. The caller owns the result and may change it.
//
// Host is the name or the IP address that a verified certificate must be for, and the server name that is asked for
// unless it is an address. It is "" where a server has none, as behind a unix socket: then any name will do.
//
// A client certificate is read now, authorities during each handshake. Every decision about the server is taken by
// the configuration's VerifyConnection, also for a server that is not verified.
func Client(s *model.TLS, host string) (*tls.Config, error) {
	p := policy{cmp.Or(s, &model.TLS{Verify: true}), host}
	config := &tls.Config{
		InsecureSkipVerify: true, // VerifyConnection does it, by rules of our own
		VerifyConnection:   func(state tls.ConnectionState) error { return p.admit(state, time.Now()) },
	}
	if _, err := netip.ParseAddr(host); err != nil {
		config.ServerName = host
	}
	var err error
	if config.MinVersion, config.MaxVersion, err = versionRange(p.Versions); err != nil {
		return nil, err
	}
	if p.Ciphers != "" {
		if config.CipherSuites = cipherSuites(p.Ciphers); len(config.CipherSuites) == 0 {
			return nil, fmt.Errorf("cannot use ciphers %q: none of them is supported", p.Ciphers)
		}
	}
	if p.ClientPEM != "" {
		pair, err := readPair(p.ClientPEM)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// A policy is what is wanted of the server of a host.
type policy struct {
	*model.TLS
	host string
}

// admit decides whether the server at the other end of a handshake is accepted.
func (p policy) admit(state tls.ConnectionState, now time.Time) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server shows no certificate")
	}
	if !listed(p.Versions, state.Version) {
		return fmt.Errorf("the server chose %s", tls.VersionName(state.Version))
	}
	if p.Checksum != "" {
		if got := fingerprint(state.PeerCertificates[0], len(p.Checksum)); got != p.Checksum {
			return fmt.Errorf("the certificate's checksum is %s, expected %s", got, p.Checksum)
		}
	}
	if !p.Verify {
		return nil
	}
	return p.verify(state.PeerCertificates, now)
}

// verify checks the chain and that the certificate is for the host.
func (p policy) verify(chain []*x509.Certificate, now time.Time) error {
	leaf := chain[0]
	options := x509.VerifyOptions{Intermediates: x509.NewCertPool(), CurrentTime: now}
	for _, cert := range chain[1:] {
		options.Intermediates.AddCert(cert)
	}
	var err error
	if options.Roots, err = p.authorities(); err != nil {
		return err
	}
	if p.SelfSigned && selfSigned(leaf) {
		options.Roots = x509.NewCertPool()
		options.Roots.AddCert(leaf)
	}
	if _, err := leaf.Verify(options); err != nil {
		return err
	}
	if p.host != "" && !names(leaf, p.host) {
		return fmt.Errorf("the certificate is not for %s", p.host)
	}
	return nil
}

// names tells whether a certificate is for the host.
func names(cert *x509.Certificate, host string) bool {
	if cert.VerifyHostname(host) == nil {
		return true
	}
	if len(cert.DNSNames)+len(cert.IPAddresses) > 0 || cert.Subject.CommonName == "" {
		return false
	}
	// Certificates of house-made authorities often have the name in the old place only.
	old := x509.Certificate{DNSNames: []string{cert.Subject.CommonName}}
	return old.VerifyHostname(host) == nil
}

func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, cert.RawSubject) &&
		cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// fingerprint is the digest of a certificate in hex, of the kind that has so many digits.
func fingerprint(cert *x509.Certificate, digits int) string {
	for _, kind := range []func() hash.Hash{md5.New, sha1.New, sha256.New} {
		if h := kind(); hex.EncodedLen(h.Size()) == digits {
			h.Write(cert.Raw)
			return hex.EncodeToString(h.Sum(nil))
		}
	}
	return "of an unknown kind"
}
