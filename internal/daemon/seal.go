package daemon

import "net/http"

// seals are what every answer of a web interface tells browsers, refusals included: that it is what it says, that nothing is to be
// run or loaded with it, and that it is not to be shown in a frame, kept, or told to other sites. Pages that need more replace
// what they need.
var seals = map[string]string{
	"Cache-Control":           "no-store",
	"Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"Referrer-Policy":         "no-referrer",
	"X-Content-Type-Options":  "nosniff",
	"X-Frame-Options":         "DENY",
}

// sealed answers as h does, with the seals.
func sealed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		for name, value := range seals {
			head.Set(name, value)
		}
		h.ServeHTTP(w, r)
	})
}
