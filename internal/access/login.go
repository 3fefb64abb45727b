package access

import (
	"context"
	"net/http"
	"time"

	"orderly/internal/model"
)

// The names of the cookie of a session. That over TLS has a prefix with which browsers take it from nobody else.
const (
	plainCookie  = "orderly"
	secureCookie = "__Host-orderly"
)

// maxCookies is how many cookies of one name are looked at.
const maxCookies = 4

// Login begins a session for an account with a password and sets its cookie; the session that the request had, if any,
// ends. The error is [ErrWrong] or a [*ThrottledError]. Whoever calls it must have made sure, as [Guard.Protect] does,
// that the request does not come from another site.
func (g *Guard) Login(w http.ResponseWriter, r *http.Request, name, password string) error {
	if name == "" || password == "" || len(name) > maxName || len(password) > maxWord {
		return ErrWrong
	}
	e, err := g.byPassword(SourceOf(r), name, password)
	if err != nil {
		return err
	}
	word, ok := g.beginSession(r, e)
	if !ok {
		return ErrWrong
	}
	if err := g.flush(r.Context()); err != nil {
		g.log.Warn("a login may not outlive a restart", "err", err)
	}
	setCookie(w, r, word, 0)
	return nil
}

// beginSession is refused when the account has changed since its password was looked at.
func (g *Guard) beginSession(r *http.Request, e *entry) (word string, ok bool) {
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.roster.names[e.Name] != e {
		return "", false
	}
	g.drop(kindSession, g.endOf(r)...)
	g.drop(kindSession, g.sessions.makeRoom(now)...)
	it, word := g.sessions.begin(e, now)
	g.put(kindSession, it.id, it.data())
	return word, true
}

// Logout ends the session of a request, for good, and has the browser forget its cookie.
func (g *Guard) Logout(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	ended := g.endOf(r)
	g.drop(kindSession, ended...)
	g.mu.Unlock()
	if err := g.flush(context.WithoutCancel(r.Context())); err != nil && len(ended) > 0 {
		g.log.Warn("a session that was ended may be back after a restart", "err", err)
	}
	setCookie(w, r, "", -1)
}

// endOf ends the sessions that a request has cookies of. The guard is locked.
func (g *Guard) endOf(r *http.Request) (ids []int64) {
	for _, word := range cookies(r) {
		if it := g.sessions.find(word); it != nil {
			ids = append(ids, g.sessions.end(func(other *session) bool { return other == it })...)
		}
	}
	return ids
}

// bySession returns the account that a cookie of a request is for, and what the cookie says.
func (g *Guard) bySession(r *http.Request) (*model.Account, string) {
	words := cookies(r)
	if len(words) == 0 {
		return nil, ""
	}
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, word := range words {
		it := g.sessions.find(word)
		if it == nil {
			continue
		}
		e := g.roster.names[it.Name]
		if it.over(now) || e == nil || !e.sealed(it.Seal) {
			g.drop(kindSession, g.sessions.end(func(other *session) bool { return other == it })...)
			continue
		}
		if !e.fit(SourceOf(r), now) {
			continue
		}
		if it.Seen = now; now.Sub(it.saved) >= savingSeen {
			it.saved = now
			g.put(kindSession, it.id, it.data())
		}
		g.use(e, now)
		return e.shown(), word
	}
	return nil, ""
}

// cookies are what the cookies of a request say that may be those of sessions.
func cookies(r *http.Request) (words []string) {
	for _, c := range r.CookiesNamed(cookieName(r)) {
		if len(words) == maxCookies {
			break
		}
		words = append(words, c.Value)
	}
	return words
}

func cookieName(r *http.Request) string {
	if Secure(r) {
		return secureCookie
	}
	return plainCookie
}

// setCookie sets the cookie of a session; the age is in seconds, negative to remove it, 0 until the browser ends.
func setCookie(w http.ResponseWriter, r *http.Request, word string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r), Value: word, Path: "/", MaxAge: age,
		Secure: Secure(r), HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}
