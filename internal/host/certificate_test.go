package host

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

// certified makes a certificate in DER that ends after so many days of a hundred, and its key.
func certified(t testing.TB, name string, days float64) (der, key []byte) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(time.Duration(days * float64(day)))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: end.Add(-100 * day), NotAfter: end,
	}
	der, err = x509.CreateCertificate(rand.Reader, template, template, &pair.PublicKey, pair)
	if err != nil {
		t.Fatal(err)
	}
	if key, err = x509.MarshalPKCS8PrivateKey(pair); err != nil {
		t.Fatal(err)
	}
	return der, key
}

func armored(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestEndsFirst(t *testing.T) {
	leaf, key := certified(t, "example.org", 6)
	issuer, _ := certified(t, "an authority", 60)
	pemKey := armored("PRIVATE KEY", key)
	for name, tt := range map[string]struct {
		text []byte
		want string // holder, or error
	}{
		"PEM":                 {armored("CERTIFICATE", leaf), "example.org"},
		"DER":                 {leaf, "example.org"},
		"chain":               {slices.Concat([]byte("# ours\n"), armored("CERTIFICATE", issuer), armored("CERTIFICATE", leaf)), "example.org"},
		"with its key":        {slices.Concat(pemKey, armored("CERTIFICATE", leaf)), "example.org"},
		"trusted by OpenSSL":  {armored("TRUSTED CERTIFICATE", slices.Concat(leaf, []byte{0x30, 0})), "example.org"},
		"empty":               {nil, "the file is empty"},
		"key":                 {pemKey, "there is a key in it and no certificate"},
		"encrypted key":       {armored("ENCRYPTED PRIVATE KEY", key), "there is a key in it and no certificate"},
		"parameters":          {armored("DH PARAMETERS", []byte{0x30, 0}), "there is no certificate in it"},
		"parameters and key":  {slices.Concat(armored("EC PARAMETERS", []byte{0x30, 0}), pemKey), "there is a key in it and no certificate"},
		"garbage":             {[]byte("garbage"), "there is no certificate in it: it is neither PEM nor DER"},
		"key in DER":          {key, "there is no certificate in it: it is neither PEM nor DER"},
		"half of one":         {armored("CERTIFICATE", leaf)[:200], "there is no certificate in it: it is neither PEM nor DER"},
		"damaged":             {armored("CERTIFICATE", leaf[:len(leaf)-9]), "the certificate with the number 1 in it is damaged: it is not in DER"},
		"damaged in the end":  {slices.Concat(armored("CERTIFICATE", leaf), armored("CERTIFICATE", []byte{0x30, 0})), "the certificate with the number 2 in it is damaged: "},
		"many that are empty": {bytes.Repeat(armored("CERTIFICATE", nil), 1000), "the certificate with the number 1 in it is damaged: it is not in DER"},
	} {
		c, err := endsFirst(tt.text)
		switch {
		case err != nil && !strings.HasPrefix(err.Error(), tt.want):
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		case err == nil && c.holder != tt.want:
			t.Errorf("%s: it is of %q, want %s", name, c.holder, tt.want)
		case err == nil && (time.Until(c.end) > 6*day || c.end.Sub(c.begin) != 100*day):
			t.Errorf("%s: it is valid from %v to %v", name, c.begin, c.end)
		}
	}
}

func TestHolder(t *testing.T) {
	for want, c := range map[string]*x509.Certificate{
		"example.org":                  {Subject: pkix.Name{CommonName: "example.org"}, DNSNames: []string{"www.example.org", "example.org"}},
		"www.example.org":              {Subject: pkix.Name{CommonName: "Shop"}, DNSNames: []string{"www.example.org"}},
		"An Authority":                 {Subject: pkix.Name{CommonName: "An Authority"}},
		"127.0.0.1":                    {IPAddresses: []net.IP{{127, 0, 0, 1}}},
		"ann@example.org":              {EmailAddresses: []string{"ann@example.org"}},
		"O=Example":                    {Subject: pkix.Name{Organization: []string{"Example"}}},
		"nobody":                       {},
		"two lines":                    {Subject: pkix.Name{CommonName: "two\nlines"}},
		"a\ufffd[31mred":               {Subject: pkix.Name{CommonName: "a\x1b[31mred"}},
		strings.Repeat("x", maxHolder): {Subject: pkix.Name{CommonName: strings.Repeat("x", 1000)}},
	} {
		if got := holder(c); got != want {
			t.Errorf("it is of %q, want %q", got, want)
		}
	}
}

// What is found is of the file's certificates, and nothing that it says can be of a key.
func FuzzEndsFirst(f *testing.F) {
	der, key := certified(f, "example.org", 6)
	secret := armored("PRIVATE KEY", key)
	for _, seed := range [][]byte{der, armored("CERTIFICATE", der), secret, slices.Concat(secret, armored("CERTIFICATE", der)), []byte("-----BEGIN")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := endsFirst(text)
		if err == nil && (c.holder == "" || len(c.holder) > 3*maxHolder) {
			t.Errorf("a certificate of %q", c.holder)
		}
		if err != nil && (len(err.Error()) > 500 || bytes.Contains([]byte(err.Error()), secret[30:60])) {
			t.Errorf("the error is %v", err)
		}
	})
}
