package test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A renewal is a web server whose certificate can be exchanged, as that of one that was renewed.
type renewal struct {
	t       *testing.T
	port    int
	current atomic.Pointer[tls.Certificate]
	checked atomic.Int64 // how often it was looked at since
}

func newRenewal(t *testing.T) *renewal {
	r := &renewal{t: t}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.port = l.Addr().(*net.TCPAddr).Port
	server := &http.Server{Handler: http.NotFoundHandler(), ReadTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		r.checked.Add(1)
		return r.current.Load(), nil
	}}
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(tls.NewListener(l, config)) })
	t.Cleanup(func() {
		_ = server.Close()
		served.Wait()
	})
	return r
}

// show exchanges the certificate by one that is valid for a hundred days, of which so many are left.
func (r *renewal) show(left int) {
	r.t.Helper()
	pair := lasting(r.t, left)
	r.current.Store(&pair)
	r.checked.Store(0)
}

// lasting makes a certificate that is valid for a hundred days, of which so many are left.
func lasting(t *testing.T, left int) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	end := time.Now().Add(time.Duration(left) * day)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: end.Add(-100 * day), NotAfter: end}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// written are the messages about something that a program wrote down.
func written(d *daemon, about string) (lines []string) {
	text, _ := os.ReadFile(d.path("told")) // nobody was told yet
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, about) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// A certificate gets old: each step is told once, also when orderly is started anew in between, and so is its renewal.
func TestCertificateEnds(t *testing.T) {
	web := newRenewal(t)
	d := newNative(t, fmt.Sprintf(`
every: 1s
hold: 0s
notify:
  desk: {program: [/bin/sh, -c, 'echo "$ORDERLY_TEXT" >>@DIR@/told']}
alert: [desk]
services:
  shop:
    host: 127.0.0.1
    rules:
      - {if: failed port %d protocol https status = 404, then: alert, certificate: auto}
`, web.port))
	told := func() []string { return written(d, "lifetime") }
	web.show(80)
	d.start()
	for i, step := range []struct {
		left int
		want string
	}{
		{29, "(limit: < 30.0%)"},
		{14, "(limit: < 15.0%)"},
		{4, "(limit: < 5.0%)"},
		{100, "no longer < 30.0%"},
		{28, "(limit: < 30.0%)"},
	} {
		web.show(step.left)
		d.eventually(fmt.Sprintf("%d days are told", step.left), func() bool { return len(told()) > i })
		if i == 1 {
			d.stop()
			d.start()
		}
		web.checked.Store(0)
		d.eventually("it is checked again", func() bool { return web.checked.Load() > 1 })
		lines := told()
		if len(lines) != i+1 || !strings.Contains(lines[i], step.want) || !strings.Contains(lines[i], fmt.Sprintf(" %d days", step.left)) {
			t.Fatalf("with %d days people were told:\n%s", step.left, strings.Join(lines, "\n"))
		}
	}
}

// The same of a certificate in a file, which is replaced as by those who renew it: a link goes to another file.
func TestCertificateInADirectoryEnds(t *testing.T) {
	d := newNative(t, `
every: 1s
hold: 0s
notify:
  desk: {program: [/bin/sh, -c, 'echo "$ORDERLY_TEXT" >>@DIR@/told']}
alert: [desk]
services:
  live:
    directory: @DIR@/live
    rules:
      - {certificate: [14d, 7d], then: alert}
`)
	shown := d.path("live/shop/cert.pem")
	renew := func(left int) {
		t.Helper()
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: lasting(t, left).Certificate[0]})
		archived := d.path(fmt.Sprintf("cert%d.pem", left))
		for _, err := range []error{
			os.MkdirAll(filepath.Dir(shown), 0o700), os.WriteFile(archived, text, 0o600),
			os.Symlink(archived, shown+".new"), os.Rename(shown+".new", shown),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	renew(90)
	d.start()
	for i, step := range []struct {
		left int
		want string
	}{
		{10, "certificate of localhost in " + shown + " ends in 10 days (limit: < 14 days)"},
		{6, "certificate of localhost in " + shown + " ends in 6 days (limit: < 7 days)"},
		{80, "certificate of localhost in " + shown + " ends in 80 days, no longer < 14 days"},
	} {
		renew(step.left)
		lines := []string{}
		d.eventually(fmt.Sprintf("%d days are told", step.left), func() bool {
			lines = written(d, "certificate of")
			return len(lines) > i
		})
		if len(lines) != i+1 || !strings.Contains(lines[i], step.want) {
			t.Fatalf("with %d days people were told:\n%s", step.left, strings.Join(lines, "\n"))
		}
	}
}
