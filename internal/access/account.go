package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"orderly/internal/model"
)

// Configure replaces the accounts that the configuration has. They go before others of the same name. Whatever makes a
// login void, a new password for example, ends the sessions of that account.
func (g *Guard) Configure(accounts []model.Account) {
	g.mu.Lock()
	err := g.roster.configure(accounts)
	g.endVoid()
	g.mu.Unlock()
	if err != nil {
		g.log.Warn("not all accounts can be used", "err", err)
	}
}

// Accounts lists all that count by name, without their secrets. Those of the configuration have no time of creation.
func (g *Guard) Accounts() []model.Account {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := []model.Account{}
	for _, e := range g.roster.sorted() {
		out = append(out, *e.shown())
	}
	return out
}

// AddAccount adds an account, whose Secret is what [HashPassword] or [NewToken] made, and returns when it is on disk.
// The error is for the user.
func (g *Guard) AddAccount(ctx context.Context, a model.Account) error {
	a.Created, a.Used = time.Now().Truncate(time.Second), time.Time{}
	g.mu.Lock()
	e, err := g.add(a)
	g.mu.Unlock()
	if err != nil {
		return fmt.Errorf("cannot add the account %q: %w", a.Name, err)
	}
	if err := g.flush(ctx); err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.forget(e)
		return fmt.Errorf("cannot add the account %q: %w", a.Name, err)
	}
	what := "account"
	if a.Token {
		what = "token"
	}
	g.report("the %s %q was added: it may %s", what, a.Name, a.Scope)
	return nil
}

// add makes the entry of a new account. The guard is locked.
func (g *Guard) add(a model.Account) (*entry, error) {
	switch was := g.roster.names[a.Name]; {
	case check(a) != nil:
		return nil, check(a)
	case g.roster.lost:
		return nil, errors.New("those that are kept could not be read when orderly started")
	case was != nil && was.id == 0:
		return nil, errors.New("the configuration has one of that name")
	case was != nil:
		return nil, errors.New("there is one of that name")
	case g.roster.kept[a.Name] == nil && len(g.roster.kept) >= maxAccounts:
		return nil, fmt.Errorf("there are %d already", maxAccounts)
	}
	g.roster.last++
	e := &entry{Account: a, id: g.roster.last, saved: a.Created}
	g.roster.kept[a.Name] = e
	g.roster.index()
	g.put(kindAccount, e.id, e.data())
	return e, nil
}

// RemoveAccount removes an account that was added, ends its sessions and returns when that is on disk. The error is for
// the user.
func (g *Guard) RemoveAccount(ctx context.Context, name string) error {
	g.mu.Lock()
	e, err := g.roster.added(name)
	if err == nil {
		g.forget(e)
	}
	g.mu.Unlock()
	if err != nil {
		return fmt.Errorf("cannot remove the account %q: %w", name, err)
	}
	g.report("the account %q was removed", name)
	if err := g.flush(ctx); err != nil {
		return fmt.Errorf("cannot remove the account %q for good: after a restart it may be back: %w", name, err)
	}
	return nil
}

// forget removes an account that was added. The guard is locked.
func (g *Guard) forget(e *entry) {
	delete(g.roster.kept, e.Name)
	g.roster.index()
	g.drop(kindAccount, e.id)
	g.endVoid()
}

// ChangePassword gives an account that was added another password, by what [HashPassword] made of it, ends its sessions
// and returns when that is on disk. The error is for the user.
func (g *Guard) ChangePassword(ctx context.Context, name, hash string) error {
	g.mu.Lock()
	err := g.change(name, hash)
	g.mu.Unlock()
	if err != nil {
		return fmt.Errorf("cannot change the password of %q: %w", name, err)
	}
	g.report("the password of %q was changed", name)
	if err := g.flush(ctx); err != nil {
		return fmt.Errorf("cannot change the password of %q for good: after a restart the old one may count: %w", name, err)
	}
	return nil
}

// change gives an account another password. The guard is locked.
func (g *Guard) change(name, hash string) error {
	e, err := g.roster.added(name)
	switch {
	case err != nil:
		return err
	case e.Token:
		return errors.New("it is a token: remove it and add another one")
	case checkHash(hash) != nil:
		return checkHash(hash)
	}
	changed := *e
	changed.Secret = hash
	g.roster.kept[name] = &changed
	g.roster.index()
	g.put(kindAccount, changed.id, changed.data())
	g.endVoid()
	return nil
}

// endVoid ends the sessions of accounts that are gone or have changed. The guard is locked.
func (g *Guard) endVoid() {
	g.drop(kindSession, g.sessions.end(func(it *session) bool {
		e := g.roster.names[it.Name]
		return e == nil || !e.sealed(it.Seal)
	})...)
}
