package probe

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// A pki is an authority of a test and what it signs.
type pki struct {
	t    *testing.T
	ca   *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // the authority's certificate
}

func newPKI(t *testing.T) *pki {
	p := &pki{t: t}
	p.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &p.key.PublicKey, p.key)
	if err != nil {
		t.Fatal(err)
	}
	p.ca, _ = x509.ParseCertificate(der)
	p.file = filepath.Join(t.TempDir(), "ca.pem")
	writeCertificate(t, p.file, der)
	return p
}

func writeCertificate(t *testing.T, path string, der []byte) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// issue makes a certificate that lasts so many days, signed by the authority, or by itself.
func (p *pki) issue(days int, self bool, shape func(*x509.Certificate)) tls.Certificate {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().Add(time.Duration(days) * 24 * time.Hour),
	}
	if shape != nil {
		shape(template)
	}
	parent, signer := p.ca, p.key
	if self {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		p.t.Fatal(err)
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

func TestTLSVerification(t *testing.T) { // C-ssl-block
	ca := newPKI(t)
	good := ca.issue(30, false, nil)
	onlyCN := ca.issue(30, false, func(c *x509.Certificate) { c.DNSNames, c.Subject.CommonName = nil, "localhost" })
	other := ca.issue(30, false, func(c *x509.Certificate) { c.DNSNames, c.Subject.CommonName = []string{"other.example"}, "localhost" })
	byIP := ca.issue(30, false, func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, []net.IP{net.IPv4(127, 0, 0, 1)} })
	expired := ca.issue(-2, false, nil)
	self, selfExpired := ca.issue(30, true, nil), ca.issue(-2, true, nil)
	dir := filepath.Dir(ca.file)

	for _, tt := range []struct {
		name string
		cert tls.Certificate
		host string
		tls  model.TLS
		want string // "" for success
	}{
		{"anything goes", selfExpired, "localhost", model.TLS{}, ""},
		{"unknown authority", good, "localhost", model.TLS{Verify: true}, "certificate signed by unknown authority"},
		{"authority file", good, "localhost", model.TLS{Verify: true, CAFile: ca.file}, ""},
		{"authority directory", good, "localhost", model.TLS{Verify: true, CAPath: dir}, ""},
		{"no authority file", good, "localhost", model.TLS{Verify: true, CAFile: "/nowhere.pem"}, "cannot read certificates: stat /nowhere.pem"},
		{"no authority directory", good, "localhost", model.TLS{Verify: true, CAPath: "/nowhere"}, "cannot read certificates: open /nowhere"},
		{"authority file is a directory", good, "localhost", model.TLS{Verify: true, CAFile: dir}, "is not a regular file"},
		{"another name", other, "localhost", model.TLS{Verify: true, CAFile: ca.file}, "the certificate is not for localhost"},
		{"name in the old place", onlyCN, "localhost", model.TLS{Verify: true, CAFile: ca.file}, ""},
		{"address", byIP, "127.0.0.1", model.TLS{Verify: true, CAFile: ca.file}, ""},
		{"address not in it", good, "127.0.0.1", model.TLS{Verify: true, CAFile: ca.file}, "the certificate is not for 127.0.0.1"},
		{"expired", expired, "localhost", model.TLS{Verify: true, CAFile: ca.file}, "certificate has expired"},
		{"self-signed", self, "localhost", model.TLS{Verify: true}, "unknown authority"},
		{"self-signed allowed", self, "localhost", model.TLS{Verify: true, SelfSigned: true}, ""},
		{"self-signed allowed, signed by another", good, "localhost", model.TLS{Verify: true, SelfSigned: true}, "unknown authority"},
		{"self-signed allowed, expired", selfExpired, "localhost", model.TLS{Verify: true, SelfSigned: true}, "certificate has expired"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{tt.cert}})
			p.Host, p.TLS = tt.host, &tt.tls
			for _, p.Protocol = range []string{"", "ssh"} {
				r := Run(t.Context(), p)
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, "with "+place(p)+": cannot set up TLS: ")
					mustFail(t, r, tt.want)
				}
				// The days left are told whatever is thought of the certificate.
				want := float64(30)
				if strings.Contains(strings.ToLower(tt.name), "expired") || tt.name == "anything goes" {
					want = -2
				}
				if got := r.Readings.Get(model.Certificate).Number(); got > want || got < want-0.01 {
					t.Errorf("certificate valid for %v days, want %v", got, want)
				}
			}
		})
	}
}

func TestTLSChecksum(t *testing.T) { // C-certchecksum, C-certmd5
	cert := newPKI(t).issue(30, true, nil)
	p := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{cert}})
	sum := sha256.Sum256(cert.Certificate[0])
	p.TLS = &model.TLS{Checksum: hex.EncodeToString(sum[:])}
	mustPass(t, Run(t.Context(), p))
	p.TLS.ChecksumType = "sha256"
	mustPass(t, Run(t.Context(), p))
	p.TLS = &model.TLS{Checksum: strings.Repeat("0", 32), ChecksumType: "md5"}
	mustFail(t, Run(t.Context(), p), "the certificate's checksum is ")
	p.TLS = &model.TLS{Checksum: "12"}
	mustFail(t, Run(t.Context(), p), "of an unknown kind")
}

func TestTLSServerName(t *testing.T) { // C-sni
	names := make(chan string, 1)
	cert := newPKI(t).issue(30, true, nil)
	p := serveTLS(t, &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		names <- h.ServerName
		return &cert, nil
	}})
	p.TLS = &model.TLS{}
	for host, want := range map[string]string{"localhost": "localhost", "127.0.0.1": ""} {
		p.Host = host
		mustPass(t, Run(t.Context(), p))
		if got := <-names; got != want {
			t.Errorf("%s: the server is asked for %q, want %q", host, got, want)
		}
	}
}

func TestTLSVersions(t *testing.T) {
	cert := newPKI(t).issue(30, true, nil)
	for _, tt := range []struct {
		server  uint16
		probe   []string
		ciphers string
		want    string
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
		t.Run(fmt.Sprintf("%s %v %s", tls.VersionName(tt.server), tt.probe, tt.ciphers), func(t *testing.T) {
			p := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tt.server, MaxVersion: tt.server})
			p.TLS = &model.TLS{Versions: tt.probe, Ciphers: tt.ciphers}
			if r := Run(t.Context(), p); tt.want == "" {
				mustPass(t, r)
			} else {
				mustFail(t, r, tt.want)
			}
		})
	}
}

func TestTLSClientCertificate(t *testing.T) {
	ca := newPKI(t)
	pool := x509.NewCertPool()
	pool.AddCert(ca.ca)
	p := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{ca.issue(30, false, nil)}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
	})
	p.Protocol = "ssh" // with TLS 1.3 the server refuses us after the handshake, when we read
	p.TLS = &model.TLS{}
	mustFail(t, Run(t.Context(), p), "tls: certificate required")

	client := ca.issue(30, false, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	p.TLS.ClientPEM = filepath.Join(t.TempDir(), "client.pem")
	writeCertificate(t, p.TLS.ClientPEM, client.Certificate[0])
	mustFail(t, Run(t.Context(), p), "cannot use client certificate "+p.TLS.ClientPEM)
	writeKeyPair(t, p.TLS.ClientPEM, client)
	mustPass(t, Run(t.Context(), p))
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
	config := &tls.Config{Certificates: []tls.Certificate{newPKI(t).issue(30, true, nil)}}
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
	config := &tls.Config{Certificates: []tls.Certificate{newPKI(t).issue(30, true, nil)}}
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

func TestCipherSuites(t *testing.T) {
	for list, want := range map[string][]uint16{
		"ECDHE-RSA-AES128-GCM-SHA256":            {tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
		"AES128-SHA:AES256-SHA:AES128-SHA":       {tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA},
		"kRSA+AESGCM:-AES128-GCM-SHA256":         {tls.TLS_RSA_WITH_AES_256_GCM_SHA384},
		"RC4+ECDSA, @STRENGTH +RC4":              {tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA},
		"ECDHE+CHACHA20:!aRSA":                   {tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256},
		"!ECDSA:ECDHE+CHACHA20":                  {tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256},
		"":                                       {},
		"!":                                      {},
		"eNULL:aNULL:EXPORT:NO-SUCH":             {},
		"ALL:!HIGH:!RC4:!ECDHE":                  {tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA},
		"DEFAULT+kRSA+SHA1:!AES128:!CAMELLIA:!x": {tls.TLS_RSA_WITH_AES_256_CBC_SHA},
	} {
		got := cipherSuites(list)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", list, got, want)
		}
	}
	if n := len(cipherSuites("ALL")); n != len(knownSuites) {
		t.Errorf("ALL means %d of %d suites", n, len(knownSuites))
	}
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
