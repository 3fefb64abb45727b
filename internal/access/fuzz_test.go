package access

import (
	"net/http"
	"testing"
)

func FuzzClaim(f *testing.F) {
	f.Add("", basic("ann", "secret"), "")
	f.Add("token", "Bearer token", "127.0.0.1")
	f.Add(" ", "basic YTpi", ",,,")
	f.Add("", "Basic Og==", "::1, fe80::1%eth0")
	f.Fuzz(func(t *testing.T, token, authorization, hops string) {
		h := http.Header{"X-Cachet-Token": {token}, "Authorization": {authorization}, "X-Forwarded-For": {hops}}
		c := claimOf(h)
		if len(c.name) > maxName || len(c.word) > maxWord {
			t.Errorf("a claim of %d and %d bytes", len(c.name), len(c.word))
		}
		if (c.form == claimToken || c.form == claimLogin) != (c.word != "") {
			t.Errorf("form %d with the word %q", c.form, c.word)
		}
		from := SourceOf(&http.Request{RemoteAddr: "127.0.0.1:1", Header: h})
		if from.IsValid() && (from.Is4In6() || from.Zone() != "") {
			t.Errorf("source %s", from)
		}
	})
}
