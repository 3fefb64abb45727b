// Package access knows who asks and what they may do: accounts of people and of scripts, their passwords, tokens and
// sessions, and how often somebody may be wrong.
//
// Entry point: [New], then [Guard.Load] and [Guard.Configure]. [Guard.Door] and [Guard.Protect] go around the handlers
// of a web server; behind them, [FromContext] tells who asks and [Allows] what they may do.
//
// No secret is kept that could be used again: passwords are kept as bcrypt hashes, tokens and sessions as SHA-256.
// None of them appears in logs, errors or events.
package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"orderly/internal/model"
)

// ErrWrong means that somebody gave a name, password or token that is not right, no longer, or not from there.
var ErrWrong = errors.New("the name, the password or the token is wrong")

// ErrNobody means that a login is needed and none was given.
var ErrNobody = errors.New("a login is needed")

// ErrScope means that an account may not do what it asks for.
var ErrScope = errors.New("this account may not do that")

// A ThrottledError means that there were too many wrong logins: nothing was looked at.
type ThrottledError struct {
	After time.Duration // when it may be tried again, at least a second
}

// Error says when to try again.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many wrong logins: try again in %d s", seconds(e.After))
}

// Pause is how long nothing is looked at, in whole seconds.
func (e *ThrottledError) Pause() time.Duration { return time.Duration(seconds(e.After)) * time.Second }

// A Keeper keeps objects, each under a kind and a number, over restarts. PutObject and DropObject neither block nor fail.
type Keeper interface {
	PutObject(kind string, id int64, data []byte)
	DropObject(kind string, id int64)
	// Objects returns those of a kind by their numbers.
	Objects(ctx context.Context, kind string) (map[int64][]byte, error)
	// Flush returns when everything is on disk, or why it is not.
	Flush(ctx context.Context) error
}

// The kinds of objects.
const (
	kindAccount = "account"
	kindSession = "session"
)

// keeping bounds how long a login waits for the disk. It holds in memory all the same.
const keeping = 2 * time.Second

// A Guard decides who somebody is. Its methods may be called from any goroutine.
type Guard struct {
	keeper Keeper
	log    *slog.Logger
	tell   func(model.Event)
	cross  *http.CrossOriginProtection
	trials *trials

	mu       sync.Mutex // guards what follows
	roster   roster
	sessions sessions
	throttle throttle
}

// New returns a guard who knows nobody. Without a keeper nothing outlives it.
func New(k Keeper, log *slog.Logger) *Guard {
	return &Guard{
		keeper: k, log: log, tell: func(model.Event) {}, cross: http.NewCrossOriginProtection(), trials: newTrials(),
		roster: newRoster(), sessions: newSessions(), throttle: newThrottle(),
	}
}

// OnEvent sets the function that is told what the journal should know: accounts that come and go, and that somebody
// tries passwords. The events have no host. It must be called before the guard is used.
func (g *Guard) OnEvent(tell func(model.Event)) { g.tell = tell }

// Load recalls the accounts and sessions of an earlier run. When it fails there are only the accounts of the
// configuration, and no others can be added.
func (g *Guard) Load(ctx context.Context) error {
	if g.keeper == nil {
		return nil
	}
	accounts, err := g.keeper.Objects(ctx, kindAccount)
	if err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.roster.lost = true
		return fmt.Errorf("cannot recall the accounts: %w", err)
	}
	sessions, err := g.keeper.Objects(ctx, kindSession)
	if err != nil {
		g.log.Warn("cannot recall who is logged in", "err", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(accounts)) {
		if err := g.roster.recall(id, accounts[id]); err != nil {
			g.log.Warn("an account is lost", "number", id, "err", err)
		}
	}
	g.roster.index()
	for id, data := range sessions {
		if !g.sessions.recall(id, data) {
			g.keeper.DropObject(kindSession, id)
		}
	}
	return nil
}

// flush waits for the disk, for a while. What is not on disk yet gets there later.
func (g *Guard) flush(ctx context.Context) error {
	if g.keeper == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, keeping)
	defer cancel()
	return g.keeper.Flush(ctx)
}

func (g *Guard) put(kind string, id int64, data []byte) {
	if g.keeper != nil {
		g.keeper.PutObject(kind, id, data)
	}
}

func (g *Guard) drop(kind string, ids ...int64) {
	if g.keeper == nil {
		return
	}
	for _, id := range ids {
		g.keeper.DropObject(kind, id)
	}
}

// report tells the journal.
func (g *Guard) report(format string, args ...any) {
	g.tell(model.Event{At: time.Now(), Kind: model.EventInternal, Topic: model.TopicInstance, Text: fmt.Sprintf(format, args...)})
}
