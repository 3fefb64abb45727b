package status

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"orderly/internal/model"
)

// An Actor is who writes. What it may do is decided by its scope, and where Only is set, by that as well (P-351).
type Actor struct {
	Name   string // for the audit log
	Scope  model.Scope
	Script bool                              // it came with a token: what it says of a component yields to a dependency that is down (d.7)
	Only   func(c *Component, g *Group) bool // components it may touch, g being their group or nil; nil: all
}

// ActorOf is an account as an actor. Account.Only names components by name or number, or groups as "group:NAME".
func ActorOf(a *model.Account) Actor {
	by := Actor{Name: a.Name, Scope: a.Scope, Script: a.Token}
	if len(a.Only) > 0 {
		by.Only = func(c *Component, g *Group) bool {
			return slices.ContainsFunc(a.Only, func(name string) bool {
				if group, ok := strings.CutPrefix(name, "group:"); ok {
					return g != nil && (strings.EqualFold(g.Name, group) || fmt.Sprint(g.ID) == group)
				}
				return strings.EqualFold(c.Name, name) || fmt.Sprint(c.ID) == name
			})
		}
	}
	return by
}

// What stands in the way of a change.
var (
	ErrNotFound  = errors.New("there is no such thing")
	ErrForbidden = errors.New("this account may not do that")
)

// ErrUnsaved is for a change that was made, and that is tried to be saved from now on: doing it again would do it twice.
var ErrUnsaved = errors.New("changed, but that cannot be saved and will be lost at a restart")

// Invalid says what is wrong with what was to be written, in sentences for people.
type Invalid struct{ Details []string }

func (e *Invalid) Error() string { return strings.Join(e.Details, "; ") }

// reach is how much a change needs.
type reach int

const (
	reachUpdate reach = iota // tell how components are
	reachManage
)

// may tells whether the actor's scope suffices.
func (by Actor) may(need reach) bool {
	switch by.Scope {
	case model.ScopeManage, model.ScopeAdmin:
		return true
	case model.ScopeUpdate:
		return need == reachUpdate
	}
	return false
}

// check refuses a change that touches the given components; a change that touches none is for those who may touch all.
func (d *draft) check(by Actor, need reach, touched ...int64) error {
	if !by.may(need) || by.Only != nil && len(touched) == 0 {
		return ErrForbidden
	}
	for _, id := range touched {
		c := d.view.Component(id)
		if by.Only != nil && (c == nil || !by.Only(c, d.view.Group(c.Group))) {
			return ErrForbidden
		}
	}
	return nil
}
