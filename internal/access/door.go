package access

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

// A ReadRule says who may read behind a door.
type ReadRule int

// The rules. Behind the first two, whoever changes something needs [model.ScopeUpdate] at least.
const (
	ReadLogin ReadRule = iota // who has logged in
	ReadLocal                 // programs and people on this host as well
	ReadAll                   // everybody; the handler decides about the rest, changes and wrong logins included
)

type visitorKey struct{}

// A visitor is who sends a request, found out once.
type visitor struct {
	account *model.Account
	err     error
}

// FromContext tells who sends the request of a context, behind a [Guard.Door]; nil is nobody.
func FromContext(ctx context.Context) *model.Account {
	v, _ := ctx.Value(visitorKey{}).(visitor)
	return v.account
}

// Door lets in whom a rule lets in, and notes in the context of their requests who they are. Others hear why not, as
// [Refuse] says it.
func (g *Guard) Door(h http.Handler, rule ReadRule) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := g.Identify(r)
		if rule != ReadAll {
			if err == nil {
				err = admit(r, a, rule)
			}
			if err != nil {
				Refuse(w, r, err)
				return
			}
		}
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitorKey{}, visitor{a, err})))
	})
}

// admit tells why somebody, nil for nobody, may not come in.
func admit(r *http.Request, a *model.Account, rule ReadRule) error {
	need := model.ScopeUpdate
	if reads(r) {
		need = model.ScopeRead
	}
	switch {
	case Allows(a, need):
		return nil
	case a != nil:
		return ErrScope
	case reads(r) && rule == ReadLocal && Local(r):
		return nil
	}
	return ErrNobody
}

// StatusOf is the status of an answer to somebody who is not let in, from 400 to 599.
func StatusOf(err error) int {
	var throttled *ThrottledError
	switch {
	case errors.As(err, &throttled):
		return http.StatusTooManyRequests
	case errors.Is(err, ErrWrong), errors.Is(err, ErrNobody):
		return http.StatusUnauthorized
	}
	return http.StatusForbidden
}

// Refuse answers somebody who is not let in, in a line of text.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	Explain(w, r, err)
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, err.Error(), StatusOf(err))
}

// Explain sets the headers of an answer to somebody who is not let in: when it may be tried again, and to programs, with
// what. Browsers are not asked: they would remember a password that only forms should have.
func Explain(w http.ResponseWriter, r *http.Request, err error) {
	if throttled := (*ThrottledError)(nil); errors.As(err, &throttled) {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(throttled.After)))
	}
	if StatusOf(err) == http.StatusUnauthorized && !browser(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="orderly", charset="UTF-8"`)
	}
}

// browser tells whether a page, or somebody who looks at pages, sends a request.
func browser(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") != "" || strings.Contains(r.Header.Get("Accept"), "text/html") || len(cookies(r)) > 0
}

// seconds rounds up to whole ones, one at least.
func seconds(d time.Duration) int { return int(max(1, (d+time.Second-1)/time.Second)) }
