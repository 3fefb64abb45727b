package cli

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"

	"orderly/internal/model"
)

// ownServerTLS is how to speak to the daemon that reads the same control file: its certificate is known, so nothing but
// that one will do, whoever signed it. One that was renewed since the daemon read it must be one that the system trusts.
func ownServerTLS(s *model.ServerTLS, host string) (*tls.Config, error) {
	text, err := os.ReadFile(s.Certificate)
	if err != nil {
		return nil, monitErrorf("Cannot read the certificate of the daemon -- %v", err)
	}
	known := firstCertificate(text)
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: host,
		InsecureSkipVerify: true, // VerifyConnection does
		VerifyConnection: func(c tls.ConnectionState) error {
			if known != nil && bytes.Equal(c.PeerCertificates[0].Raw, known) {
				return nil
			}
			return verifyServer(c, host)
		},
	}
	if pair, err := tls.LoadX509KeyPair(s.Certificate, s.Key); err == nil && s.ClientPEM != "" {
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// firstCertificate is what a server with this file presents, nil if there is none.
func firstCertificate(text []byte) []byte {
	for {
		block, rest := pem.Decode(text)
		if block == nil || block.Type == "CERTIFICATE" {
			break
		}
		text = rest
	}
	if block, _ := pem.Decode(text); block != nil {
		return block.Bytes
	}
	return nil
}

// verifyServer asks the certificates of the system.
func verifyServer(c tls.ConnectionState, host string) error {
	intermediates := x509.NewCertPool()
	for _, cert := range c.PeerCertificates[1:] {
		intermediates.AddCert(cert)
	}
	_, err := c.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: host, Intermediates: intermediates})
	if err != nil {
		return errors.New("its certificate is not the one of the control file, and not trusted otherwise")
	}
	return nil
}
