package httpd

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
)

// tokenName is that of the cookie and of the field that have to be equal in a POST: another site can make a browser send
// our cookie, but cannot read what to put into the field.
const tokenName = "securitytoken"

var crossOrigin = http.NewCrossOriginProtection()

// forged tells why a POST is not what a page or a program of the user's own sent, or "". Programs make the token up
// themselves; browsers also say where the request comes from.
func forged(r *http.Request, f form) string {
	if err := crossOrigin.Check(r); err != nil {
		return "it comes from another site"
	}
	given := f.last(tokenName)
	cookies := r.CookiesNamed(tokenName)
	switch {
	case given == "":
		return "there is no token in the form"
	case len(cookies) == 0:
		return "there is no token in a cookie"
	}
	for _, c := range cookies {
		if subtle.ConstantTimeCompare([]byte(c.Value), []byte(given)) == 1 {
			return ""
		}
	}
	return "the tokens differ"
}

// tokenFor is the token that the pages of this answer use. A browser keeps the one it has, so that pages it shows already
// go on working.
func tokenFor(r *http.Request) string {
	for _, c := range r.CookiesNamed(tokenName) {
		if len(c.Value) == 32 && strings.Trim(c.Value, "0123456789abcdef") == "" {
			return c.Value
		}
	}
	var token [16]byte
	_, _ = rand.Read(token[:]) // never fails
	return hex.EncodeToString(token[:])
}
