package access

import (
	"net/http"
	"net/netip"
	"time"

	"orderly/internal/model"
)

// savingUse is how exactly is kept when an account was last used.
const savingUse = 10 * time.Minute

// Identify tells who sends a request: by the header X-Cachet-Token or Authorization: Bearer, by the cookie of a session,
// or by Authorization: Basic with a name and its password or token, or with a token as the name. The first of these that
// is there counts; a cookie of no session is not there.
//
// Without any there is neither an account nor an error. Otherwise the error is [ErrWrong] or a [*ThrottledError]. The
// account is the caller's own, without its secret. Whoever answers for long may ask again: a session may have ended.
func (g *Guard) Identify(r *http.Request) (*model.Account, error) {
	if v, ok := r.Context().Value(visitorKey{}).(visitor); ok && v.err != nil {
		return nil, v.err // what was wrong at the door counts once
	}
	from, c := SourceOf(r), claimOf(r.Header)
	if c.form == claimToken {
		return g.byToken(from, "", c.word)
	}
	if a, _ := g.bySession(r); a != nil {
		return a, nil
	}
	switch {
	case c.form == claimNone:
		return nil, nil
	case c.form == claimBad:
		return nil, ErrWrong
	case c.name == "" || beyondGuessing(c.word):
		return g.byToken(from, c.name, c.word)
	}
	return g.byLogin(from, c.name, c.word)
}

// byToken looks for the account of a token. With a name it must be that of the account.
func (g *Guard) byToken(from netip.Addr, name, token string) (*model.Account, error) {
	g.mu.Lock()
	a, many, err := g.findToken(from, name, token, time.Now())
	g.mu.Unlock()
	if many {
		g.warn(from)
	}
	return a, err
}

// findToken also tells whether so many were wrong that the journal should know. The guard is locked.
func (g *Guard) findToken(from netip.Addr, name, token string, now time.Time) (a *model.Account, many bool, err error) {
	guessed := !beyondGuessing(token)
	if wait := g.throttle.pause(neighbourhood(from), "", true, now); guessed && wait > 0 {
		return nil, false, &ThrottledError{wait}
	}
	e := g.roster.tokens[hashToken(token)]
	if e != nil && (name == "" || name == e.Name) && e.fit(from, now) {
		g.use(e, now)
		return e.shown(), false, nil
	}
	if guessed && e == nil {
		g.throttle.count(neighbourhood(from), "", now)
	}
	return nil, g.throttle.many(now), ErrWrong
}

// byLogin is for a name with what may be its password, or a token that somebody made up.
func (g *Guard) byLogin(from netip.Addr, name, word string) (*model.Account, error) {
	g.mu.Lock()
	e := g.roster.tokens[hashToken(word)]
	token := e != nil && e.Name == name
	g.mu.Unlock()
	if token {
		return g.byToken(from, name, word)
	}
	e, err := g.byPassword(from, name, word)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return e.shown(), nil
}

// byPassword returns the account of a name whose password is right.
func (g *Guard) byPassword(from netip.Addr, name, password string) (*entry, error) {
	g.mu.Lock()
	hash := g.roster.hash(name)
	g.mu.Unlock()
	right, err := g.trials.try(name, hash, password, &attempt{g, from, name})
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	e := g.roster.names[name] // it may have changed meanwhile
	if !right || e == nil || e.Token || e.Secret != hash || !e.fit(from, now) {
		return nil, ErrWrong
	}
	e.home = neighbourhood(from)
	g.use(e, now)
	return e, nil
}

// use notes that an account was used. The guard is locked.
func (g *Guard) use(e *entry, now time.Time) {
	minute := now.Truncate(time.Minute)
	if !minute.After(e.Used) {
		return
	}
	e.Used = minute
	if e.id != 0 && minute.Sub(e.saved) >= savingUse {
		e.saved = minute
		g.put(kindAccount, e.id, e.data())
	}
}

// An attempt is a password that is tried from somewhere.
type attempt struct {
	g    *Guard
	from netip.Addr
	name string
}

// wait answers counter.
func (a *attempt) wait() error {
	a.g.mu.Lock()
	defer a.g.mu.Unlock()
	return a.paused(time.Now())
}

// paused is an error while somebody has to wait. The guard is locked.
func (a *attempt) paused(now time.Time) error {
	source := neighbourhood(a.from)
	e := a.g.roster.names[a.name]
	owner := e != nil && e.home == source && source.IsValid()
	if wait := a.g.throttle.pause(source, a.name, owner, now); wait > 0 {
		return &ThrottledError{wait}
	}
	return nil
}

// begin counts the attempt as wrong, so that many at once are no way around that.
func (a *attempt) begin() error {
	now := time.Now()
	a.g.mu.Lock()
	defer a.g.mu.Unlock()
	if err := a.paused(now); err != nil {
		return err
	}
	a.g.throttle.count(neighbourhood(a.from), a.name, now)
	return nil
}

// end tells the log where a wrong password came from. The name is left out: people type passwords there.
func (a *attempt) end(wrong bool) {
	a.g.mu.Lock()
	many := false
	if wrong {
		many = a.g.throttle.many(time.Now())
	} else {
		a.g.throttle.discount(neighbourhood(a.from), a.name)
	}
	a.g.mu.Unlock()
	if wrong {
		a.g.log.Warn("a login was wrong", "from", a.from)
	}
	if many {
		a.g.warn(a.from)
	}
}

// warn tells the journal that somebody seems to try passwords.
func (g *Guard) warn(from netip.Addr) {
	where := "a proxy that does not say for whom"
	if from.IsValid() {
		where = from.String()
	}
	g.report("%d logins were wrong within %d min, the last one from %s", manyWrong, manyTime/time.Minute, where)
}
