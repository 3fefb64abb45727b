package probe

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// asked are the conversations that come before TLS where a protocol asks for it.
func asked(t *testing.T, proto string, port int) func(net.Conn) {
	switch {
	case proto == "smtp" && (port == 25 || port == 587):
		return script(t, "< 220 hi", "> EHLO localhost", "< 250 STARTTLS", "> STARTTLS", "< 220 go")
	case proto == "imap" && port == 143:
		return script(t, "< * OK hi", "> 001 STARTTLS", "< 001 OK go")
	case proto == "postgresql-status":
		return exchange(t, "\x00\x00\x00\x08\x04\xd2\x16\x2f", "S")
	case proto == "mysqls", proto == "mysql-status":
		return func(c net.Conn) {
			io.WriteString(c, mysqlGreeting(mysqlAll, mysqlNative))
			io.ReadFull(c, make([]byte, 36))
		}
	}
	return hangUp // that is, TLS is not asked for
}

// However TLS begins, and whatever is spoken under it, the certificate is looked at in the same ways: its last day is told, and
// its name and its fingerprint count where they are asked for.
func TestCertificateUnderEveryProtocol(t *testing.T) { // C-starttls-ports
	for _, proto := range Protocols() {
		if !proto.TLS {
			continue
		}
		for _, port := range []int{proto.Port, 25, 143, 587, 10443} {
			t.Run(fmt.Sprintf("%s %d", proto.Name, port), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { showCertificate(t, proto.Name, port) })
			})
		}
	}
}

func showCertificate(t *testing.T, proto string, port int) {
	pair := selfIssued(t, 30)
	sum := sha256.Sum256(pair.Certificate[0])
	right := hex.EncodeToString(sum[:])
	for _, tt := range []struct {
		tls  model.TLS
		host string
		want string // "": the handshake succeeds
	}{
		{model.TLS{Verify: true, SelfSigned: true}, "localhost", ""},
		{model.TLS{Checksum: right}, "example.com", ""},
		{model.TLS{Verify: true}, "localhost", "certificate signed by unknown authority"},
		{model.TLS{Verify: true, SelfSigned: true}, "example.com", "the certificate is not for example.com"},
		{model.TLS{Checksum: strings.Repeat("0", 64)}, "localhost", "the certificate's checksum is " + right},
	} {
		p := &model.Probe{Kind: model.ProbePort, Host: tt.host, Port: port, Protocol: proto, TLS: &tt.tls, Timeout: 5 * time.Second}
		r := converseWith(t, p, func(c net.Conn) {
			asked(t, proto, port)(c)
			s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{pair}})
			if s.Handshake() == nil {
				bufio.NewReader(io.LimitReader(s, 1)).ReadByte()
				s.Close()
			}
		})
		if tt.want == "" {
			// With mysqls there is nothing to say under TLS unless somebody logs in.
			if r.OK != (proto == "mysqls") || strings.Contains(r.Summary, "TLS") {
				t.Errorf("%+v: result %+v, want one of what comes after TLS", tt.tls, r)
			}
		} else {
			mustFail(t, r, "cannot set up TLS: ")
			mustFail(t, r, tt.want)
		}
		if days := r.Readings.Get(model.Certificate); !days.Present() || days.Number() < 29.9 || days.Number() > 30 {
			t.Errorf("%+v: the certificate is valid for %v days", tt.tls, days)
		}
	}
}

// What is left of a certificate is told at each check anew, in days and of its lifetime, also when nothing is left. A-045.
func TestLifetimeOfACertificatePasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lasts, lifetime = 35, 365 + 35 // days
		pair := selfIssued(t, lasts)
		begun := time.Now()
		for _, age := range []int{0, 1, 15, 34, 37} {
			time.Sleep(time.Until(begun.Add(time.Duration(age) * 24 * time.Hour)))
			p := &model.Probe{Kind: model.ProbePort, Host: "localhost", Port: 443, TLS: &model.TLS{}, Timeout: 5 * time.Second}
			r := converseWith(t, p, func(c net.Conn) { _ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{pair}}).Handshake() })
			mustPass(t, r)
			left := float64(lasts - age)
			if got := r.Readings.Get(model.Certificate).Number(); math.Abs(got-left) > 0.01 {
				t.Errorf("after %d days %v days are left, want %v", age, got, left)
			}
			if got, want := r.Readings.Get(model.CertificateLeft).Number(), 100*left/lifetime; math.Abs(got-want) > 0.01 {
				t.Errorf("after %d days %v%% of the lifetime are left, want %v%%", age, got, want)
			}
		}
	})
}
