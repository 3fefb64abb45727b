package trust

import (
	"crypto/tls"
	"slices"
	"strings"
)

// A cipherSuite is one of the suites up to TLS 1.2, by its usual name and by the words that select it in a cipher list.
type cipherSuite struct {
	name  string
	id    uint16
	words string
}

var knownSuites = []cipherSuite{
	{"ECDHE-ECDSA-AES128-GCM-SHA256", tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE EECDH ECDSA aECDSA AES AES128 AESGCM SHA256 HIGH TLSv1.2"},
	{"ECDHE-RSA-AES128-GCM-SHA256", tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE EECDH RSA aRSA AES AES128 AESGCM SHA256 HIGH TLSv1.2"},
	{"ECDHE-ECDSA-AES256-GCM-SHA384", tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE EECDH ECDSA aECDSA AES AES256 AESGCM SHA384 HIGH TLSv1.2"},
	{"ECDHE-RSA-AES256-GCM-SHA384", tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE EECDH RSA aRSA AES AES256 AESGCM SHA384 HIGH TLSv1.2"},
	{"ECDHE-ECDSA-CHACHA20-POLY1305", tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE EECDH ECDSA aECDSA CHACHA20 HIGH TLSv1.2"},
	{"ECDHE-RSA-CHACHA20-POLY1305", tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE EECDH RSA aRSA CHACHA20 HIGH TLSv1.2"},
	{"ECDHE-ECDSA-AES128-SHA256", tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "ECDHE EECDH ECDSA aECDSA AES AES128 SHA256 HIGH TLSv1.2"},
	{"ECDHE-RSA-AES128-SHA256", tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE EECDH RSA aRSA AES AES128 SHA256 HIGH TLSv1.2"},
	{"ECDHE-ECDSA-AES128-SHA", tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE EECDH ECDSA aECDSA AES AES128 SHA SHA1 HIGH TLSv1"},
	{"ECDHE-RSA-AES128-SHA", tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE EECDH RSA aRSA AES AES128 SHA SHA1 HIGH TLSv1"},
	{"ECDHE-ECDSA-AES256-SHA", tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "ECDHE EECDH ECDSA aECDSA AES AES256 SHA SHA1 HIGH TLSv1"},
	{"ECDHE-RSA-AES256-SHA", tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE EECDH RSA aRSA AES AES256 SHA SHA1 HIGH TLSv1"},
	{"AES128-GCM-SHA256", tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "kRSA RSA aRSA AES AES128 AESGCM SHA256 HIGH TLSv1.2"},
	{"AES256-GCM-SHA384", tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "kRSA RSA aRSA AES AES256 AESGCM SHA384 HIGH TLSv1.2"},
	{"AES128-SHA256", tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "kRSA RSA aRSA AES AES128 SHA256 HIGH TLSv1.2"},
	{"AES128-SHA", tls.TLS_RSA_WITH_AES_128_CBC_SHA, "kRSA RSA aRSA AES AES128 SHA SHA1 HIGH SSLv3"},
	{"AES256-SHA", tls.TLS_RSA_WITH_AES_256_CBC_SHA, "kRSA RSA aRSA AES AES256 SHA SHA1 HIGH SSLv3"},
	{"ECDHE-RSA-DES-CBC3-SHA", tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, "ECDHE EECDH RSA aRSA 3DES SHA SHA1 MEDIUM TLSv1"},
	{"DES-CBC3-SHA", tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, "kRSA RSA aRSA 3DES SHA SHA1 MEDIUM SSLv3"},
	{"ECDHE-ECDSA-RC4-SHA", tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, "ECDHE EECDH ECDSA aECDSA RC4 SHA SHA1 MEDIUM TLSv1"},
	{"ECDHE-RSA-RC4-SHA", tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, "ECDHE EECDH RSA aRSA RC4 SHA SHA1 MEDIUM TLSv1"},
	{"RC4-SHA", tls.TLS_RSA_WITH_RC4_128_SHA, "kRSA RSA aRSA RC4 SHA SHA1 MEDIUM SSLv3"},
}

// cipherSuites reads a cipher list such as "HIGH:!aNULL:!SHA" and returns the suites it leaves.
// Order and strength sorting mean nothing here: the TLS library orders suites itself.
func cipherSuites(list string) []uint16 {
	var chosen, banned []uint16
	for word := range strings.FieldsFuncSeq(list, func(r rune) bool { return strings.ContainsRune(":, ;", r) }) {
		if strings.HasPrefix(word, "@") {
			continue
		}
		selector := strings.TrimLeft(word, "!-+")
		for _, suite := range knownSuites {
			if !suite.selected(selector) {
				continue
			}
			switch word[0] {
			case '!':
				banned = append(banned, suite.id)
			case '-':
				chosen = slices.DeleteFunc(chosen, func(id uint16) bool { return id == suite.id })
			case '+':
			default:
				chosen = append(chosen, suite.id)
			}
		}
	}
	chosen = slices.DeleteFunc(chosen, func(id uint16) bool { return slices.Contains(banned, id) })
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

// selected tells whether a selector such as "ECDHE+AESGCM" means the suite.
func (s cipherSuite) selected(selector string) bool {
	if selector == s.name {
		return true
	}
	words := strings.Fields(s.words)
	for word := range strings.SplitSeq(selector, "+") {
		switch word {
		case "ALL":
		case "DEFAULT":
			if slices.Contains(words, "MEDIUM") {
				return false
			}
		default:
			if !slices.Contains(words, word) {
				return false
			}
		}
	}
	return true
}
