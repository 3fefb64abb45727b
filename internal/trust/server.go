package trust

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"orderly/internal/model"
)

// Server turns settings into a configuration for the server's end of a connection. The caller owns the result and may
// change it.
//
// All files are read now. A key that others than its owner may read is an error, because it is no secret then. Where
// client certificates are named, a client must present one of them, byte by byte: whoever signed it has no say.
func Server(s *model.ServerTLS) (*tls.Config, error) {
	config := &tls.Config{NextProtos: []string{"http/1.1"}}
	var err error
	if config.MinVersion, config.MaxVersion, err = versionRange(s.Versions); err != nil {
		return nil, err
	}
	if s.Ciphers != "" {
		if config.CipherSuites = cipherSuites(s.Ciphers); len(config.CipherSuites) == 0 {
			return nil, fmt.Errorf("cannot use ciphers %q: none of them is supported", s.Ciphers)
		}
	}
	pair, err := readServerPair(s.Certificate, s.Key)
	if err != nil {
		return nil, err
	}
	config.Certificates = []tls.Certificate{pair}
	guests := guestList{versions: s.Versions}
	if s.ClientPEM != "" {
		if guests.certificates, err = readCertificates(s.ClientPEM); err != nil {
			return nil, err
		}
		config.ClientAuth = tls.RequireAnyClientCert
	}
	config.VerifyConnection = func(state tls.ConnectionState) error { return guests.admit(state, time.Now()) }
	return config, nil
}

// A guestList is who may connect to a server of ours.
type guestList struct {
	versions     []string
	certificates []*x509.Certificate // none: everybody
}

// admit decides whether the client at the other end of a handshake is accepted.
func (g guestList) admit(state tls.ConnectionState, now time.Time) error {
	if !listed(g.versions, state.Version) {
		return fmt.Errorf("the client chose %s", tls.VersionName(state.Version))
	}
	if len(g.certificates) == 0 {
		return nil
	}
	if len(state.PeerCertificates) == 0 {
		return errors.New("the client shows no certificate")
	}
	shown := state.PeerCertificates[0]
	for _, known := range g.certificates {
		if !bytes.Equal(known.Raw, shown.Raw) {
			continue
		}
		if now.Before(known.NotBefore) || now.After(known.NotAfter) {
			return errors.New("the client's certificate is not valid now")
		}
		return nil
	}
	return errors.New("the client's certificate is not among those allowed")
}

// readServerPair reads a server's certificate chain and its key, which may be in the same file.
func readServerPair(certificate, key string) (tls.Certificate, error) {
	if info, err := os.Stat(key); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		return tls.Certificate{}, fmt.Errorf("cannot use key %s: permission %04o is wrong, maximum 0700 allowed", key, info.Mode().Perm())
	}
	chain, err := readPEM(certificate)
	if err != nil {
		return tls.Certificate{}, err
	}
	secret, err := readPEM(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(chain, secret)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("cannot use server certificate %s: %w", certificate, err)
	}
	return pair, nil
}

// readCertificates reads a file of certificates; what else it holds is passed over.
func readCertificates(path string) ([]*x509.Certificate, error) {
	text, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	var found []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("cannot use client certificates %s: %w", path, err)
		}
		found = append(found, c)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("cannot find a certificate in %s", path)
	}
	return found, nil
}
