package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"
)

// A Listed is a service as its init system lists it.
type Listed struct {
	Ref
	Description string    // empty: none, or it is not told in a list
	Enabled     bool      // it starts with the host, or with its init system
	State       UnitState // empty: it cannot be asked for
	PID         int       // of the main process; 0: none, or nobody knows
}

// listPatience is how long one init system may take to list its services.
const listPatience = 20 * time.Second

// A lister can tell of all its services.
type lister interface {
	list(ctx context.Context) ([]Listed, error)
}

// List returns the services of all init systems that are in charge here, in the order in which these are asked and by
// name: what runs, and what would start by itself. Each is listed once, by the name that Find gives. Masked units,
// templates without an instance and scripts that systemd or OpenRC takes care of are left out.
//
// An init system that cannot be asked does not keep the others from being listed: List then returns what there is and
// an error that names the init system. The error wraps fs.ErrPermission where that is what is the matter.
func (u *Units) List(ctx context.Context) ([]Listed, error) {
	ctx, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	found := make([][]Listed, len(u.systems))
	trouble := make([]error, len(u.systems))
	var wg sync.WaitGroup
	for i, s := range u.inCharge(ctx) {
		if l, ok := s.(lister); ok {
			wg.Go(func() {
				if found[i], trouble[i] = l.list(ctx); trouble[i] != nil {
					trouble[i] = fmt.Errorf("cannot list all services of %s: %w", s.name(), trouble[i])
				}
			})
		}
	}
	wg.Wait()
	for _, services := range found {
		slices.SortFunc(services, func(a, b Listed) int { return cmp.Compare(a.Name, b.Name) })
	}
	trouble = slices.DeleteFunc(trouble, func(err error) bool { return err == nil })
	if len(trouble) == 0 {
		return slices.Concat(found...), nil
	}
	return slices.Concat(found...), list(trouble)
}

// inCharge are the init systems whose services are theirs alone: scripts are what other init systems start as well.
func (u *Units) inCharge(ctx context.Context) []initSystem {
	var out []initSystem
	takesScripts := false
	for _, s := range u.systems {
		if !s.present(ctx) || takesScripts && s.name() == "sysv" {
			continue
		}
		takesScripts = takesScripts || s.name() == "systemd" || s.name() == "openrc"
		out = append(out, s)
	}
	return out
}

// glance lists services of which only the names are known, by a look at each.
func glance(ctx context.Context, s initSystem, names []string, enabled func(name string) bool) ([]Listed, error) {
	var out []Listed
	var denied error
	for _, name := range names {
		u, err := s.status(ctx, name)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		switch {
		case errors.Is(err, ErrNoUnit):
			continue
		case errors.Is(err, fs.ErrPermission) && denied == nil:
			denied = fmt.Errorf("%s: %w", name, err)
		}
		if err != nil {
			u = Unit{}
		}
		out = append(out, Listed{Ref: Ref{s.name(), name}, Description: u.Description, Enabled: enabled(name), State: u.State, PID: u.PID})
	}
	return out, denied
}
