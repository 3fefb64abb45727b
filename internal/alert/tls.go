package alert

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"orderly/internal/model"
)

const (
	pemLimit = 1 << 20 // bytes of one file with certificates
	caFiles  = 1000    // files looked at in a directory of authorities
)

// handshake makes a connection private from its first byte. The deadline of conn bounds it.
func handshake(conn net.Conn, server model.MailServer) (net.Conn, error) {
	config, err := tlsConfig(server)
	if err != nil {
		return nil, err
	}
	secured := tls.Client(conn, config)
	if err := secured.Handshake(); err != nil {
		return nil, fmt.Errorf("cannot set up TLS: %w", err)
	}
	return secured, nil
}

// tlsConfig turns the settings of a server into a client configuration. The ciphers are always those of Go.
func tlsConfig(server model.MailServer) (*tls.Config, error) {
	s := server.TLS
	config := &tls.Config{
		InsecureSkipVerify: true, // certificates are checked below, by the rules of the configuration
		VerifyConnection:   func(state tls.ConnectionState) error { return admit(s, server.Host, state, time.Now()) },
	}
	if _, err := netip.ParseAddr(server.Host); err != nil {
		config.ServerName = server.Host
	}
	for _, name := range s.Versions {
		if v := tlsVersions[strings.ReplaceAll(name, ".", "")]; v != 0 {
			config.MaxVersion = max(config.MaxVersion, v)
			if config.MinVersion == 0 || v < config.MinVersion {
				config.MinVersion = v
			}
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

var tlsVersions = map[string]uint16{
	"tlsv1": tls.VersionTLS10, "tlsv10": tls.VersionTLS10, "tlsv11": tls.VersionTLS11,
	"tlsv12": tls.VersionTLS12, "tlsv13": tls.VersionTLS13,
}

// admit decides whether the server at the other end of a handshake is the one that is meant.
func admit(s *model.TLS, host string, state tls.ConnectionState, now time.Time) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("it shows no certificate")
	}
	leaf := state.PeerCertificates[0]
	if s.Checksum != "" {
		if got := checksum(leaf, len(s.Checksum)); got != s.Checksum {
			return fmt.Errorf("the certificate's checksum is %s, expected %s", got, s.Checksum)
		}
	}
	if !s.Verify {
		return nil
	}
	options := x509.VerifyOptions{Intermediates: x509.NewCertPool(), CurrentTime: now, DNSName: host}
	for _, cert := range state.PeerCertificates[1:] {
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
	_, err = leaf.Verify(options)
	return err
}

func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, cert.RawSubject) &&
		cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// checksum is the digest of a certificate in hex, of the kind that has so many digits.
func checksum(cert *x509.Certificate, digits int) string {
	switch digits {
	case 2 * md5.Size:
		sum := md5.Sum(cert.Raw)
		return hex.EncodeToString(sum[:])
	case 2 * sha1.Size:
		sum := sha1.Sum(cert.Raw)
		return hex.EncodeToString(sum[:])
	}
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// authorities returns those of the system and those the settings add to them; nil means the system's.
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
		pool.AppendCertsFromPEM(text)
	}
	if s.CAPath == "" {
		return pool, nil
	}
	entries, err := os.ReadDir(s.CAPath)
	if err != nil {
		return nil, fmt.Errorf("cannot read certificates: %w", err)
	}
	for _, e := range entries[:min(len(entries), caFiles)] {
		// Such directories hold other things too: what is not a certificate is passed over.
		if text, err := readPEM(filepath.Join(s.CAPath, e.Name())); err == nil {
			pool.AppendCertsFromPEM(text)
		}
	}
	return pool, nil
}

func readPEM(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read certificates: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot read certificates: %s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read certificates: %w", err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, pemLimit))
}
