package trust

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	pemLimit       = 1 << 20 // bytes of one file with certificates
	directoryLimit = 1000    // files looked at in a directory of authorities
)

// authorities returns those of the system and those the settings add to them; nil means the system's.
func (p policy) authorities() (*x509.CertPool, error) {
	if p.CAFile == "" && p.CAPath == "" {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if p.CAFile != "" {
		text, err := readPEM(p.CAFile)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("cannot find a certificate in %s", p.CAFile)
		}
	}
	if p.CAPath != "" {
		entries, err := os.ReadDir(p.CAPath)
		if err != nil {
			return nil, fmt.Errorf("cannot read certificates: %v", err)
		}
		for _, e := range entries[:min(len(entries), directoryLimit)] {
			// Such directories hold other things too: what is not a certificate is passed over.
			if text, err := readPEM(filepath.Join(p.CAPath, e.Name())); err == nil {
				pool.AppendCertsFromPEM(text)
			}
		}
	}
	return pool, nil
}

// readPair reads a certificate and its key from one file.
func readPair(path string) (tls.Certificate, error) {
	text, err := readPEM(path)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("cannot use client certificate %s: %w", path, err)
	}
	return pair, nil
}

// readPEM asks what a file is before opening it, because opening a fifo would wait for a writer. Its errors wrap nothing:
// who looks for the cause of a failed handshake must not take that of a file for one of the network.
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
	text, err := io.ReadAll(io.LimitReader(f, pemLimit))
	if err != nil {
		return nil, fmt.Errorf("cannot read certificates: %v", err)
	}
	return text, nil
}
