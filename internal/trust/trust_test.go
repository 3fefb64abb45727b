package trust

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// meet has a client with the settings speak to a server that says one byte, and returns what the client makes of it.
func meet(t *testing.T, server *tls.Config, s *model.TLS, host string) error {
	t.Helper()
	config, err := Client(s, host)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(tls.Server(conn, server), "x") // fails when one side refuses the other
		io.Copy(io.Discard, conn)
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(time.Minute))
	client := tls.Client(conn, config)
	if err = client.Handshake(); err == nil {
		_, err = client.Read(make([]byte, 1)) // with TLS 1.3 a server refuses us only after the handshake
	}
	conn.Close()
	<-done
	return err
}

// expect compares an error with a part of the one wanted, "" for none.
func expect(t *testing.T, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestVerification(t *testing.T) { // C-ssl-block
	ca := newPKI(t)
	good := ca.issue(30, nil)
	onlyCN := ca.issue(30, func(c *x509.Certificate) { c.DNSNames, c.Subject.CommonName = nil, "localhost" })
	other := ca.issue(30, func(c *x509.Certificate) { c.DNSNames, c.Subject.CommonName = []string{"other.example"}, "localhost" })
	byIP := ca.issue(30, func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, []net.IP{net.IPv4(127, 0, 0, 1)} })
	expired := ca.issue(-2, nil)
	self, selfExpired := selfIssue(t, 30), selfIssue(t, -2)
	dir := filepath.Dir(ca.file)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	writePEM(t, empty)

	for _, tt := range []struct {
		name string
		cert tls.Certificate
		host string
		tls  *model.TLS
		want string // "" for success
	}{
		{"anything goes", selfExpired, "localhost", &model.TLS{}, ""},
		{"no settings", good, "localhost", nil, "certificate signed by unknown authority"},
		{"unknown authority", good, "localhost", &model.TLS{Verify: true}, "certificate signed by unknown authority"},
		{"authority file", good, "localhost", &model.TLS{Verify: true, CAFile: ca.file}, ""},
		{"authority directory", good, "localhost", &model.TLS{Verify: true, CAPath: dir}, ""},
		{"no authority file", good, "localhost", &model.TLS{Verify: true, CAFile: "/nowhere.pem"}, "cannot read certificates: stat /nowhere.pem"},
		{"no authority directory", good, "localhost", &model.TLS{Verify: true, CAPath: "/nowhere"}, "cannot read certificates: open /nowhere"},
		{"authority file is a directory", good, "localhost", &model.TLS{Verify: true, CAFile: dir}, "is not a regular file"},
		{"authority file is empty", good, "localhost", &model.TLS{Verify: true, CAFile: empty}, "cannot find a certificate in " + empty},
		{"another name", other, "localhost", &model.TLS{Verify: true, CAFile: ca.file}, "the certificate is not for localhost"},
		{"another name, of no host", other, "", &model.TLS{Verify: true, CAFile: ca.file}, ""},
		{"name in the old place", onlyCN, "localhost", &model.TLS{Verify: true, CAFile: ca.file}, ""},
		{"address", byIP, "127.0.0.1", &model.TLS{Verify: true, CAFile: ca.file}, ""},
		{"address not in it", good, "127.0.0.1", &model.TLS{Verify: true, CAFile: ca.file}, "the certificate is not for 127.0.0.1"},
		{"expired", expired, "localhost", &model.TLS{Verify: true, CAFile: ca.file}, "certificate has expired"},
		{"self-signed", self, "localhost", &model.TLS{Verify: true}, "unknown authority"},
		{"self-signed allowed", self, "localhost", &model.TLS{Verify: true, SelfSigned: true}, ""},
		{"self-signed allowed, signed by another", good, "localhost", &model.TLS{Verify: true, SelfSigned: true}, "unknown authority"},
		{"self-signed allowed, expired", selfExpired, "localhost", &model.TLS{Verify: true, SelfSigned: true}, "certificate has expired"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, meet(t, &tls.Config{Certificates: []tls.Certificate{tt.cert}}, tt.tls, tt.host), tt.want)
		})
	}
}

func TestChecksum(t *testing.T) { // C-certchecksum, C-certmd5
	cert := selfIssue(t, 30)
	server := &tls.Config{Certificates: []tls.Certificate{cert}}
	sum := sha256.Sum256(cert.Certificate[0])
	right := hex.EncodeToString(sum[:])
	wrong := strings.Repeat("0", 64)
	for _, tt := range []struct {
		name, sum, want string
	}{
		{"right", right, ""},
		{"wrong", wrong, "the certificate's checksum is " + right + ", expected " + wrong},
		{"wrong md5", wrong[:32], "the certificate's checksum is "},
		{"wrong sha1", wrong[:40], "the certificate's checksum is "},
		{"not one", "12", "the certificate's checksum is of an unknown kind, expected 12"},
	} {
		t.Run(tt.name, func(t *testing.T) { expect(t, meet(t, server, &model.TLS{Checksum: tt.sum}, "localhost"), tt.want) })
	}
}

func TestServerName(t *testing.T) { // C-sni
	cert := selfIssue(t, 30)
	for host, want := range map[string]string{"localhost": "localhost", "127.0.0.1": "", "::1": "", "": ""} {
		var got string
		server := &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			got = h.ServerName
			return &cert, nil
		}}
		expect(t, meet(t, server, &model.TLS{}, host), "")
		if got != want {
			t.Errorf("%s: the server is asked for %q, want %q", host, got, want)
		}
	}
}

func TestVersionsAndCiphers(t *testing.T) {
	cert := selfIssue(t, 30)
	for _, tt := range []struct {
		server   uint16
		versions []string
		ciphers  string
		want     string
	}{
		{tls.VersionTLS12, nil, "", ""},
		{tls.VersionTLS13, nil, "", ""},
		{tls.VersionTLS11, nil, "", "protocol version"},
		{tls.VersionTLS11, []string{"tlsv11"}, "", ""},
		{tls.VersionTLS12, []string{"auto"}, "", ""},
		{tls.VersionTLS12, []string{"tlsv1.3"}, "", "protocol version"},
		{tls.VersionTLS12, []string{"tlsv1.1", "tlsv1.3"}, "", "the server chose TLS 1.2"},
		{tls.VersionTLS13, []string{"sslv3", "tlsv1.3"}, "", ""},
		{tls.VersionTLS12, []string{"sslv3"}, "", "cannot speak sslv3: it is not supported"},
		{tls.VersionTLS12, nil, "ECDHE+AESGCM:!SHA", ""},
		{tls.VersionTLS12, nil, "RC4-MD5", `cannot use ciphers "RC4-MD5": none of them is supported`},
		{tls.VersionTLS12, nil, "RC4-SHA", "handshake failure"},
	} {
		t.Run(fmt.Sprintf("%s %v %s", tls.VersionName(tt.server), tt.versions, tt.ciphers), func(t *testing.T) {
			server := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tt.server, MaxVersion: tt.server}
			expect(t, meet(t, server, &model.TLS{Versions: tt.versions, Ciphers: tt.ciphers}, "localhost"), tt.want)
		})
	}
}

func TestClientCertificate(t *testing.T) {
	ca := newPKI(t)
	pool := x509.NewCertPool()
	pool.AddCert(ca.ca)
	server := &tls.Config{
		Certificates: []tls.Certificate{ca.issue(30, nil)}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}
	pair := ca.issue(30, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	dir := t.TempDir()
	whole, part := filepath.Join(dir, "whole.pem"), filepath.Join(dir, "part.pem")
	writePair(t, whole, pair)
	writePEM(t, part, &pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	for path, want := range map[string]string{
		"":                 "tls: certificate required",
		part:               "cannot use client certificate " + part + ": ",
		whole + ".missing": "cannot read certificates: stat " + whole + ".missing",
		whole:              "",
	} {
		expect(t, meet(t, server, &model.TLS{ClientPEM: path}, "localhost"), want)
	}
}
