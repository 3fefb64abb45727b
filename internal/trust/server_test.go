package trust

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"orderly/internal/model"
)

// receive has a server with the settings speak to a client, and returns what both make of it.
func receive(t *testing.T, s *model.ServerTLS, client *tls.Config) (server, guest error) {
	t.Helper()
	config, err := Server(s)
	if err != nil {
		return err, nil
	}
	here, there := net.Pipe()
	for _, c := range []net.Conn{here, there} {
		c.SetDeadline(time.Now().Add(time.Minute))
		defer c.Close()
	}
	done := make(chan error)
	go func() {
		conn := tls.Server(there, config)
		err := conn.Handshake()
		conn.Write([]byte("x"))
		done <- err
	}()
	conn := tls.Client(here, client)
	if guest = conn.Handshake(); guest == nil {
		_, guest = conn.Read(make([]byte, 1))
	}
	here.Close()
	return <-done, guest
}

func TestServer(t *testing.T) { // H-12
	dir := t.TempDir()
	own := filepath.Join(dir, "own.pem")
	writePair(t, own, selfIssue(t, 30))
	known, stranger, expired := selfIssue(t, 30), selfIssue(t, 30), selfIssue(t, -2)
	guests := filepath.Join(dir, "guests.pem")
	writePEM(t, guests,
		&pem.Block{Type: "CERTIFICATE", Bytes: selfIssue(t, 30).Certificate[0]},
		&pem.Block{Type: "X509 CRL", Bytes: []byte("ignored")},
		&pem.Block{Type: "CERTIFICATE", Bytes: known.Certificate[0]},
		&pem.Block{Type: "CERTIFICATE", Bytes: expired.Certificate[0]})

	only := func(low, high uint16) *tls.Config { return &tls.Config{MinVersion: low, MaxVersion: high} }
	with := func(pair tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{pair}} }
	for _, tt := range []struct {
		name     string
		settings model.ServerTLS
		client   *tls.Config
		want     string // of the server
	}{
		{"any client", model.ServerTLS{}, &tls.Config{}, ""},
		{"1.2", model.ServerTLS{}, only(tls.VersionTLS12, tls.VersionTLS12), ""},
		{"1.1", model.ServerTLS{}, only(tls.VersionTLS10, tls.VersionTLS11), "unsupported versions"},
		{"1.1, wished", model.ServerTLS{Versions: []string{"tlsv1.1"}}, only(tls.VersionTLS10, tls.VersionTLS11), ""},
		{"1.2, unwished", model.ServerTLS{Versions: []string{"tlsv1.3"}}, only(tls.VersionTLS12, tls.VersionTLS12), "unsupported versions"},
		{"gap", model.ServerTLS{Versions: []string{"tlsv1.3", "tlsv1.1"}}, only(tls.VersionTLS12, tls.VersionTLS12), "the client chose TLS 1.2"},
		{"on the list", model.ServerTLS{ClientPEM: guests}, with(known), ""},
		{"not on the list", model.ServerTLS{ClientPEM: guests}, with(stranger), "not among those allowed"},
		{"on the list, expired", model.ServerTLS{ClientPEM: guests}, with(expired), "not valid now"},
		{"no certificate", model.ServerTLS{ClientPEM: guests}, &tls.Config{}, "didn't provide a certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.settings.Certificate, tt.settings.Key = own, own
			tt.client.InsecureSkipVerify = true
			server, guest := receive(t, &tt.settings, tt.client)
			expect(t, server, tt.want)
			if (guest == nil) != (tt.want == "") {
				t.Errorf("the client's end: %v", guest)
			}
		})
	}
}

func TestServerRefusesFiles(t *testing.T) {
	dir := t.TempDir()
	good, open, empty := filepath.Join(dir, "good.pem"), filepath.Join(dir, "open.pem"), filepath.Join(dir, "empty.pem")
	writePair(t, good, selfIssue(t, 30))
	writePair(t, open, selfIssue(t, 30))
	if err := os.Chmod(open, 0o640); err != nil {
		t.Fatal(err)
	}
	writePEM(t, empty)
	broken := filepath.Join(dir, "broken.pem")
	writePEM(t, broken, &pem.Block{Type: "CERTIFICATE", Bytes: []byte("no")})
	for _, tt := range []struct {
		name     string
		settings model.ServerTLS
		want     string
	}{
		{"missing", model.ServerTLS{Certificate: filepath.Join(dir, "none")}, "cannot read certificates: "},
		{"directory", model.ServerTLS{Certificate: dir}, "is not a regular file"},
		{"empty", model.ServerTLS{Certificate: empty}, "cannot use server certificate"},
		{"key that others may read", model.ServerTLS{Certificate: good, Key: open}, "permission 0640 is wrong, maximum 0700 allowed"},
		{"foreign key", model.ServerTLS{Certificate: open, Key: good}, "does not match"},
		{"no clients", model.ServerTLS{Certificate: good, ClientPEM: empty}, "cannot find a certificate in"},
		{"broken clients", model.ServerTLS{Certificate: good, ClientPEM: broken}, "cannot use client certificates"},
		{"ciphers", model.ServerTLS{Certificate: good, Ciphers: "NONSENSE"}, `cannot use ciphers "NONSENSE"`},
		{"versions", model.ServerTLS{Certificate: good, Versions: []string{"sslv3"}}, "cannot speak sslv3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.settings.Key == "" {
				tt.settings.Key = tt.settings.Certificate
			}
			_, err := Server(&tt.settings)
			expect(t, err, tt.want)
		})
	}
}

func TestGuestWithoutCertificate(t *testing.T) {
	list := guestList{certificates: []*x509.Certificate{{Raw: []byte("known")}}}
	expect(t, list.admit(tls.ConnectionState{}, time.Now()), "shows no certificate")
}
