package access

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// A claim is who somebody says to be in the headers of a request, before it is looked into.
type claim struct {
	form claimForm
	name string // of a login
	word string // password or token
}

type claimForm int

const (
	claimNone  claimForm = iota
	claimBad             // what is given cannot be anybody's
	claimToken           // in a header that no browser sends by itself
	claimLogin           // a name and a password or token; a browser may send it by itself
)

// Limits of what is given, in bytes: more is never right.
const (
	maxName = 64
	maxWord = 512
)

// claimOf reads the headers: X-Cachet-Token before Authorization, which is Bearer or Basic. Other schemes are not ours,
// as those of a proxy are: they claim nothing.
func claimOf(h http.Header) claim {
	if token := strings.TrimSpace(h.Get("X-Cachet-Token")); token != "" {
		return tokenClaim(token)
	}
	scheme, rest, _ := strings.Cut(strings.TrimSpace(h.Get("Authorization")), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer":
		return tokenClaim(rest)
	case "basic":
		return loginClaim(rest)
	}
	return claim{}
}

func tokenClaim(token string) claim {
	if token == "" || len(token) > maxWord {
		return claim{form: claimBad}
	}
	return claim{form: claimToken, word: token}
}

// loginClaim reads what Basic encodes. A name without a password is a token.
func loginClaim(encoded string) claim {
	if len(encoded) > base64.StdEncoding.EncodedLen(maxWord+1+maxWord) {
		return claim{form: claimBad}
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return claim{form: claimBad}
	}
	name, word, ok := strings.Cut(string(text), ":")
	if ok && word == "" {
		name, word = "", name
	}
	if !ok || word == "" || len(name) > maxName || len(word) > maxWord {
		return claim{form: claimBad}
	}
	return claim{form: claimLogin, name: name, word: word}
}
