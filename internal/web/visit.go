package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// FormField is the hidden field in which forms carry what Guard.Form gave them.
const FormField = "form_token"

// A visit is one request of somebody.
type visit struct {
	r       *http.Request
	account *model.Account // nil: nobody who has logged in
	now     time.Time
}

// A handler answers a visit. Its error becomes a page: a *refusal says which.
type handler func(w http.ResponseWriter, v *visit) error

// A refusal is why somebody does not get what they asked for, in words for them.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, text string) error { return &refusal{status, text} }

// may tells whether the visitor's account has a scope. An account that is for some components only is no one's who
// looks after services.
func (v *visit) may(need model.Scope) bool {
	if v.account == nil {
		return false
	}
	if need == model.ScopeManage && len(v.account.Only) > 0 {
		return false
	}
	return slices.Index(model.Scopes, v.account.Scope) >= slices.Index(model.Scopes, need)
}

// name is whom the journal and the log name for what a visitor does.
func (v *visit) name() string {
	if v.account == nil {
		return "somebody"
	}
	return v.account.Name
}

// patient is a context for what a page is made of.
func (v *visit) patient() (context.Context, context.CancelFunc) {
	return context.WithTimeout(v.r.Context(), readPatience)
}

// bounded limits what a request may send and how long a client may take, and gives every reply its headers.
func (d *dashboard) bounded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "+
			"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("X-Frame-Options", "DENY")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		head.Set("Cache-Control", "no-store")
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(doPatience + writePatience))
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		h.ServeHTTP(w, r)
	})
}

// anybody answers whoever it is.
func (d *dashboard) anybody(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account, err := d.Guard.Identify(r)
		if err != nil {
			account = nil
		}
		d.serve(w, &visit{r: r, account: account, now: time.Now()}, h)
	})
}

// needs answers who may; a person who has not logged in is asked to, a program is told.
func (d *dashboard) needs(scope model.Scope, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account, err := d.Guard.Identify(r)
		v := &visit{r: r, account: account, now: time.Now()}
		switch open := scope == model.ScopeRead && d.Open != nil && d.Open(r); {
		case err != nil:
			v.account = nil
			d.serve(w, v, func(w http.ResponseWriter, _ *visit) error {
				return wrongLogin(w, err, http.StatusUnauthorized, "That login is not right, or no longer.")
			})
		case open || v.may(scope):
			d.serve(w, v, h)
		case account != nil:
			d.serve(w, v, func(http.ResponseWriter, *visit) error {
				return refuse(http.StatusForbidden, "The account "+account.Name+" may not do that: it needs the scope “"+string(scope)+"”.")
			})
		case d.Door != nil && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		default:
			d.serve(w, v, func(http.ResponseWriter, *visit) error {
				return refuse(http.StatusUnauthorized, "That needs a login.")
			})
		}
	})
}

// serve answers a visit, and turns what went wrong into a page.
func (d *dashboard) serve(w http.ResponseWriter, v *visit, h handler) {
	err := h(w, v)
	if err == nil || v.r.Context().Err() != nil {
		return
	}
	var why *refusal
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &why):
	case errors.As(err, &tooLarge):
		why = &refusal{http.StatusRequestEntityTooLarge, "That is more than a form of this page can hold."}
	case errors.Is(err, context.DeadlineExceeded):
		why = &refusal{http.StatusServiceUnavailable, "orderly is too busy to answer. Try again in a moment."}
	default:
		d.Log.Error("cannot show a page", "path", v.r.URL.Path, "err", err)
		why = &refusal{http.StatusInternalServerError, "Something went wrong here; the log has the details."}
	}
	d.show(w, v, page{Title: http.StatusText(why.status), Status: why.status}, "refused", why.text)
}

func (d *dashboard) nowhere(_ http.ResponseWriter, v *visit) error {
	return refuse(http.StatusNotFound, "There is no such page.")
}

// form reads the fields of a body, which must arrive in time. The limit is lifted afterwards, because from then on reading
// is how the server notices that a browser went away.
func (v *visit) form(w http.ResponseWriter) (url.Values, error) {
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(bodyPatience)) // only tests have writers that cannot
	defer func() { _ = conn.SetReadDeadline(time.Time{}) }()
	if err := v.r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, err
		}
		return nil, refuse(http.StatusBadRequest, "That form cannot be read.")
	}
	return v.r.PostForm, nil
}

// local is a path of this site to go to, or "/" for what leads elsewhere.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}
