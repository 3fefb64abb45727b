package trust

import (
	"crypto/tls"
	"slices"
	"testing"
)

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

func FuzzCipherSuites(f *testing.F) {
	f.Add("HIGH:!aNULL:-SHA:+RC4:@STRENGTH")
	f.Add("ECDHE+AESGCM:!")
	f.Fuzz(func(t *testing.T, list string) {
		if got := cipherSuites(list); len(got) > len(knownSuites) || !slices.IsSorted(got) {
			t.Errorf("%q: %v", list, got)
		}
	})
}
