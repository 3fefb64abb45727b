package probe

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// selfIssued makes a certificate for localhost that lasts so many days and that nobody else has signed.
func selfIssued(t *testing.T, days int) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().Add(time.Duration(days) * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serveTLS answers SSH-2.0-x over TLS.
func serveTLS(t *testing.T, config *tls.Config) *model.Probe {
	p := serve(t, func(c net.Conn) {
		s := tls.Server(c, config)
		io.WriteString(s, "SSH-2.0-x\r\n")
		s.Read(make([]byte, 1))
	})
	p.Host, p.Family = "localhost", 4
	return p
}

// The days left are told whatever is thought of the certificate.
func TestTLSTellsTheDaysLeft(t *testing.T) { // C-ssl-block
	for _, tt := range []struct {
		name string
		days int
		host string
		tls  model.TLS
		want string // "" for success
	}{
		{"believed", 30, "localhost", model.TLS{Verify: true, SelfSigned: true}, ""},
		{"unknown authority", 30, "localhost", model.TLS{Verify: true}, "certificate signed by unknown authority"},
		{"not for the host", 30, "127.0.0.1", model.TLS{Verify: true, SelfSigned: true}, "the certificate is not for 127.0.0.1"},
		{"no authority file", 30, "localhost", model.TLS{Verify: true, CAFile: "/nowhere.pem"}, "cannot read certificates: stat /nowhere.pem"},
		{"expired", -2, "localhost", model.TLS{Verify: true, SelfSigned: true}, "certificate has expired"},
		{"expired, which does not matter", -2, "localhost", model.TLS{}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{selfIssued(t, tt.days)}})
			p.Host, p.TLS = tt.host, &tt.tls
			for _, p.Protocol = range []string{"", "ssh"} {
				r := Run(t.Context(), p)
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, "with "+place(p)+": cannot set up TLS: ")
					mustFail(t, r, tt.want)
				}
				want := float64(tt.days)
				if got := r.Readings.Get(model.Certificate).Number(); got > want || got < want-0.01 {
					t.Errorf("certificate valid for %v days, want %v", got, want)
				}
				want = 100 * want / (want + 365)
				if got := r.Readings.Get(model.CertificateLeft).Number(); got > want+0.5 || got < want-0.5 {
					t.Errorf("%v%% of the lifetime are left, want %v%%", got, want)
				}
			}
		})
	}
}

// A unix socket is of no host, so a certificate behind it may be for any.
func TestTLSOverASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{selfIssued(t, 30)}}
	accept(t, l, func(c net.Conn) { io.WriteString(tls.Server(c, config), "SSH-2.0-x\r\n") })
	p := &model.Probe{Kind: model.ProbeSocket, Path: path, Protocol: "ssh", Timeout: 5 * time.Second}
	p.TLS = &model.TLS{Verify: true, SelfSigned: true}
	mustPass(t, Run(t.Context(), p))
}

// With TLS 1.3 a server refuses us after the handshake, when we read.
func TestTLSWithoutTheClientCertificateThatIsWanted(t *testing.T) {
	p := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{selfIssued(t, 30)}, ClientAuth: tls.RequireAnyClientCert})
	p.Protocol, p.TLS = "ssh", &model.TLS{}
	mustFail(t, Run(t.Context(), p), "tls: certificate required")
	p.TLS.ClientPEM = "/nowhere.pem"
	mustFail(t, Run(t.Context(), p), "cannot speak ssh with "+place(p)+": cannot read certificates: ")
}

func TestTLSWithAServerThatHasNone(t *testing.T) {
	for name, tt := range map[string]struct {
		server func(net.Conn)
		want   string
	}{
		"plain text": {func(c net.Conn) { c.Read(make([]byte, 4096)); io.WriteString(c, "220 hello there, this is plain\r\n") }, "does not look like a TLS handshake"},
		"closed":     {func(c net.Conn) { c.Read(make([]byte, 4096)) }, "it closed the connection"},
		"silence":    {func(c net.Conn) { io.Copy(io.Discard, c) }, "no answer within"},
		"alert":      {func(c net.Conn) { c.Read(make([]byte, 4096)); c.Write([]byte{21, 3, 3, 0, 2, 2, 40}) }, "tls: handshake failure"},
		"garbage record": {func(c net.Conn) {
			c.Read(make([]byte, 4096))
			c.Write([]byte("\x16\x03\x03\x40\x00" + strings.Repeat("x", 0x4000)))
		}, "tls: "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := converseWith(t, &model.Probe{TLS: &model.TLS{}, Timeout: 5 * time.Second}, tt.server)
				mustFail(t, r, "cannot speak TLS with example.com:99: cannot set up TLS: ")
				mustFail(t, r, tt.want)
			})
		})
	}
}

func TestStartTLS(t *testing.T) { // C-starttls-ports, P-imap-starttls, P-smtp-starttls
	config := &tls.Config{Certificates: []tls.Certificate{selfIssued(t, 30)}}
	for _, tt := range []struct {
		proto  string
		port   int
		plain  []string
		secret []string // after TLS has begun
		want   string
	}{
		{
			"smtp", 25,
			[]string{"< 220 hi", "> EHLO localhost", "< 250 STARTTLS", "> STARTTLS", "< 220 go"},
			[]string{"> EHLO localhost", "< 250 x", "> QUIT", "< 221 bye"},
			"",
		},
		{"smtp", 587, []string{"< 220 hi", "> EHLO localhost", "< 250 x", "> STARTTLS", "< 502 no"}, nil, `it says "502 no" where "220" is expected`},
		{"smtp", 25, []string{"< 220 hi", "> EHLO localhost", "< 250 x", "> STARTTLS", "raw 220 go\r\n250 smuggled\r\n"}, nil, "it sends more before TLS begins"},
		{"imap", 143, []string{"< * OK hi", "> 001 STARTTLS", "< 001 OK go"}, []string{"> 002 LOGOUT", "< * BYE"}, ""},
		{"imap", 143, []string{"< * OK hi", "> 001 STARTTLS", "< 001 BAD no"}, nil, `it says "001 BAD no"`},
		{"smtp", 465, nil, []string{"< 220 hi", "> EHLO localhost", "< 250 x", "> QUIT", "< 221 bye"}, ""},
		{"imap", 993, nil, []string{"< * OK hi", "> 001 LOGOUT", "< * BYE"}, ""},
		{"ssh", 25, nil, []string{"< SSH-2.0-x", "> SSH-2.0-x"}, ""},
	} {
		t.Run(fmt.Sprintf("%s %d %d", tt.proto, tt.port, len(tt.plain)), func(t *testing.T) {
			p := &model.Probe{
				Kind: model.ProbePort, Host: "example.com", Port: tt.port, Protocol: tt.proto, TLS: &model.TLS{}, Timeout: 5 * time.Second,
			}
			r := converseWith(t, p, func(c net.Conn) {
				script(t, tt.plain...)(c)
				if tt.secret != nil {
					s := tls.Server(c, config)
					script(t, tt.secret...)(s)
					bufio.NewReader(s).ReadByte()
				}
			})
			if tt.want == "" {
				mustPass(t, r)
				if !r.Readings.Get(model.Certificate).Present() {
					t.Error("no reading of the certificate")
				}
			} else {
				mustFail(t, r, tt.want)
			}
		})
	}
}

func TestHTTPS(t *testing.T) { // P-https
	config := &tls.Config{Certificates: []tls.Certificate{selfIssued(t, 30)}}
	server := func(c net.Conn) {
		s := tls.Server(c, config)
		httpServer("HTTP/1.1 503 No\r\n\r\n", 100, nil)(s)
		s.Close()
	}
	p := &model.Probe{Kind: model.ProbePort, Host: "localhost", Port: 443, Protocol: "http", TLS: &model.TLS{}, Timeout: 5 * time.Second}
	mustFail(t, converseWith(t, p, server), "HTTP status 503 from https://localhost/, expected < 400")
	p.Protocol = "https"
	mustFail(t, converseWith(t, p, server), "HTTP status 503 from https://localhost/, expected < 400")
	p.TLS = nil // then nobody has allowed anything
	mustFail(t, converseWith(t, p, server), "unknown authority")
}

// writeKeyPair writes a certificate and its key into one file.
func writeKeyPair(t *testing.T, path string, pair tls.Certificate) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
