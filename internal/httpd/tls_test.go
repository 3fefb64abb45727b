package httpd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// certify makes a certificate and writes it with its key into a file.
func certify(t *testing.T, path string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: path},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// trusting makes the stage's client take any server, and show a certificate.
func (s *stage) trusting(shown ...tls.Certificate) {
	s.client.CloseIdleConnections()
	s.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true, Certificates: shown}
}

func TestTLS(t *testing.T) { // H-12
	path := filepath.Join(t.TempDir(), "own.pem")
	certify(t, path)
	s, address := onPort(t, &model.HTTPD{Allow: everybody, TLS: &model.ServerTLS{Certificate: path, Key: path}})
	s.trusting()
	got := s.get("admin:monit", "/_ping")
	got.expect(t, 200, "pong")
	if hsts := got.Header.Get("Strict-Transport-Security"); hsts != "max-age=63072000" {
		t.Errorf("Strict-Transport-Security is %q", hsts)
	}
	if cookie := got.Header.Get("Set-Cookie"); !strings.HasSuffix(cookie, "; SameSite=strict; Secure") {
		t.Errorf("Set-Cookie is %q", cookie)
	}
	missing := s.get("admin:monit", "/nosuch")
	if hsts := missing.Header.Get("Strict-Transport-Security"); missing.StatusCode != 404 || hsts == "" {
		t.Errorf("an error has %q", hsts)
	}
	if plain, _ := s.raw("tcp", address, "GET /_ping HTTP/1.0\r\nAuthorization: Basic YWRtaW46bW9uaXQ=\r\n\r\n"); strings.Contains(plain, "pong") {
		t.Errorf("plain text is answered: %q", plain)
	}
}

func TestClientCertificates(t *testing.T) { // H-12, H-17: they are reason enough to listen
	dir := t.TempDir()
	own, guest := filepath.Join(dir, "own.pem"), filepath.Join(dir, "guest.pem")
	certify(t, own)
	known := certify(t, guest)
	stranger := certify(t, filepath.Join(dir, "stranger.pem"))
	h := &model.HTTPD{TLS: &model.ServerTLS{Certificate: own, Key: own, ClientPEM: guest}}
	s, _ := onPort(t, h)
	s.trusting(known)
	s.get("", "/_ping", "Connection", "keep-alive").expect(t, 200, "pong")

	changed := *h
	changed.TLS = &model.ServerTLS{Certificate: own, Key: own, ClientPEM: own}
	if err := s.server.Configure(t.Context(), &changed); err != nil {
		t.Fatal(err)
	}
	if got, err := s.client.Get(s.base + "/_ping"); err == nil {
		t.Errorf("a connection stays whose certificate is not allowed any more: %d", got.StatusCode)
	}
	if err := s.server.Configure(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	for _, shown := range [][]tls.Certificate{{stranger}, nil} {
		s.trusting(shown...)
		if got, err := s.client.Get(s.base + "/_ping"); err == nil {
			t.Errorf("got %d", got.StatusCode)
		}
	}
}

func TestTLSComesWithReload(t *testing.T) { // the listener stays, plain connections do not
	path := filepath.Join(t.TempDir(), "own.pem")
	certify(t, path)
	h := &model.HTTPD{Allow: everybody}
	s, address := onPort(t, h)
	s.get("admin:monit", "/_ping", "Connection", "keep-alive").expect(t, 200, "pong")
	changed := *h
	changed.TLS = &model.ServerTLS{Certificate: path, Key: path}
	if err := s.server.Configure(t.Context(), &changed); err != nil {
		t.Fatal(err)
	}
	if got, err := s.client.Get(s.base + "/_ping"); err == nil {
		if got.StatusCode == 200 {
			t.Error("plain text is answered")
		}
		got.Body.Close()
	}
	s.base = "https://" + address
	s.trusting()
	s.get("admin:monit", "/_ping").expect(t, 200, "pong")
}
