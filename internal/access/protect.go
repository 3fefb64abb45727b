package access

import (
	"crypto/subtle"
	"errors"
	"mime"
	"net/http"
	"time"
)

// What the forms of a session carry: [Guard.Form] in a hidden field, or in a header of scripts.
const (
	FormField  = "form_token"
	FormHeader = "X-Form-Token"
)

const (
	maxForm      = 1 << 20         // bytes of a form that is read
	formPatience = 5 * time.Second // for it to arrive
)

// ErrForged means that a request that changes something does not come from one of our pages, or from one that is out of
// date.
var ErrForged = errors.New("this does not come from a page of ours, or the page is out of date: load it again")

// Form returns what forms on the pages of a session must carry as [FormField], or "" when the request has no session.
func (g *Guard) Form(r *http.Request) string {
	if _, word := g.bySession(r); word != "" {
		return formToken(word)
	}
	return ""
}

// Protect refuses, with 403, requests that another site has a browser make: those that change something and come from
// elsewhere, or have a session but not what its forms carry. Requests with a token in a header are none of a browser's
// own making and pass. Of others with a session, the body is read here if it is a form.
func (g *Guard) Protect(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.forged(w, r) {
			Refuse(w, r, ErrForged)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (g *Guard) forged(w http.ResponseWriter, r *http.Request) bool {
	if reads(r) || claimOf(r.Header).form == claimToken {
		return false
	}
	if g.cross.Check(r) != nil {
		return true
	}
	want := g.Form(r)
	return want != "" && subtle.ConstantTimeCompare([]byte(formOf(w, r)), []byte(want)) != 1
}

// formOf returns what a request carries in place of Guard.Form.
func formOf(w http.ResponseWriter, r *http.Request) string {
	if given := r.Header.Get(FormHeader); given != "" {
		return given
	}
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(formPatience)) // a writer that cannot has limits of its own
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var err error
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/x-www-form-urlencoded":
		err = r.ParseForm()
	case "multipart/form-data":
		err = r.ParseMultipartForm(maxForm)
	}
	_ = conn.SetReadDeadline(time.Time{})
	if err != nil {
		return ""
	}
	return r.PostForm.Get(FormField)
}

// reads tells whether a request only reads.
func reads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
}
