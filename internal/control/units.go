package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"orderly/internal/diag"
)

// UnitOptions say where init systems are looked for. The zero value is right on an ordinary host.
type UnitOptions struct {
	Order       []string // names of init systems in the order in which they are asked; nil: all, in the order of [NewUnits]
	Environment []string // of the commands of init systems without an API, "NAME=value"
	Root        string   // directory that stands for /; "": / itself
	Users       []string // whose `systemd --user` services are among all, beside our own; only root can
	Runit       []string // further directories of services, before the usual ones
	S6          []string // likewise
	Supervisord []string // where supervisord listens, "unix:///run/x.sock" or "http://user:password@host:9001"; nil: the usual places
	Engines     []string // sockets of Docker and Podman; nil: the usual ones

	Patience time.Duration // an act that is not done by then has failed, unless its context ends before; 0: 2 minutes
	Settle   time.Duration // how long a service must stay up after its start to have started; 0: half a second
}

const (
	defaultPatience = 2 * time.Minute
	defaultSettle   = 500 * time.Millisecond
	lookPatience    = 5 * time.Second // one question to an init system
)

// An initSystem is one way to look at services and to act on them. All methods may be called at the same time, return
// when ctx ends, and take a unit by the name that find gave.
type initSystem interface {
	// name is what people call it.
	name() string
	// present tells whether it is in charge of services here. It is asked before each search, so it is quick.
	present(ctx context.Context) bool
	// find returns the name under which the system knows a service, or an error that wraps ErrNoUnit.
	find(ctx context.Context, name string) (string, error)
	// status looks at a unit.
	status(ctx context.Context, unit string) (Unit, error)
	// do acts, and returns when what was asked for has happened or cannot happen any more. The unit is as it was before.
	do(ctx context.Context, before Unit, verb Verb) error
}

// A teller can say what a service wrote since a moment: its last lines, for people.
type teller interface {
	tell(ctx context.Context, unit string, since time.Time) string
}

// A watcher learns of changes by itself. It calls changed with the state of each unit at first and whenever it changes,
// never twice at once, and returns when ctx ends.
type watcher interface {
	watch(ctx context.Context, units []string, changed func(Unit))
}

// Units are the services that the init systems of this host run. Its methods may be called at the same time, but whoever
// calls Do must not let two act on one unit at once.
type Units struct {
	options  UnitOptions
	systems  []initSystem
	patience time.Duration
	settle   time.Duration

	mu    sync.Mutex
	users []initSystem // managers of users, of which there is only talk since somebody named them
}

// NewUnits returns the units of this host; nothing is asked yet. In the order in which they are asked the init systems
// are: systemd, systemd --user, launchd, upstart, openrc, runit, s6, supervisord, docker, sysv. At last orderly is asked,
// which knows itself.
func NewUnits(o UnitOptions) *Units {
	u := &Units{options: o, patience: cmp.Or(o.Patience, defaultPatience), settle: cmp.Or(o.Settle, defaultSettle)}
	all := slices.Concat(
		newSystemds(o),
		[]initSystem{newLaunchd(o), newUpstart(o), newOpenRC(o), newRunit(o), newS6(o)},
		newSupervisords(o),
		newEngines(o),
		[]initSystem{newSysV(o), self{}},
	)
	if o.Order == nil {
		u.systems = all
		return u
	}
	for _, name := range o.Order {
		for _, s := range all {
			if s.name() == name {
				u.systems = append(u.systems, s)
			}
		}
	}
	return u
}

// Detect returns the names of the init systems that are in charge of services here, in the order in which they are asked.
func (u *Units) Detect(ctx context.Context) []string {
	var names []string
	for _, s := range u.systems {
		if s != (self{}) && s.present(ctx) {
			names = append(names, s.name())
		}
	}
	return names
}

// Find looks for a service by the name that people use, on one init system or, if system is empty, on all: the first that
// knows it counts. "systemd --user NAME" is the manager of that user. The error wraps [ErrNoUnit] when none does, and says then what similar names there are; it wraps
// fs.ErrPermission or says what else is the matter when that could not be found out.
func (u *Units) Find(ctx context.Context, system, name string) (Ref, error) {
	if name == "" {
		return Ref{}, fmt.Errorf("cannot find a service without a name: %w", ErrNoUnit)
	}
	var asked, trouble []error
	for _, s := range u.named(system) {
		if !s.present(ctx) {
			continue
		}
		look, cancel := context.WithTimeout(ctx, lookPatience)
		found, err := s.find(look, name)
		cancel()
		switch {
		case err == nil:
			return Ref{System: s.name(), Name: found}, nil
		case err == errOther:
		case errors.Is(err, ErrNoUnit):
			asked = append(asked, fmt.Errorf("%s: %w", s.name(), err))
		default:
			trouble = append(trouble, fmt.Errorf("%s: %w", s.name(), err))
		}
	}
	switch {
	case len(trouble) > 0:
		return Ref{}, fmt.Errorf("cannot find %s: %w", name, list(trouble))
	case len(asked) > 0:
		return Ref{}, fmt.Errorf("cannot find %s: %w", name, list(asked))
	case system != "":
		return Ref{}, fmt.Errorf("cannot find %s: %s does not run here: %w", name, system, ErrNoUnit)
	}
	return Ref{}, fmt.Errorf("cannot find %s: %w", name, ErrNoUnit)
}

// Status looks at a unit. A unit that has gone meanwhile is an error that wraps [ErrNoUnit].
func (u *Units) Status(ctx context.Context, ref Ref) (Unit, error) {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	found, err := u.look(ctx, ref)
	if err != nil {
		return found, fmt.Errorf("cannot look at %s: %w", ref.Name, err)
	}
	return found, nil
}

// Watch calls changed for each unit at once and then whenever it changed, until ctx ends. Units of systemd, Docker,
// runit, s6 and OpenRC are watched; others change unseen between two calls of Status. An init system that goes away is
// looked for again, ever more patiently. It calls changed from one goroutine for each init system.
func (u *Units) Watch(ctx context.Context, refs []Ref, changed func(Unit)) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, s := range u.all() {
		w, ok := s.(watcher)
		if !ok {
			continue
		}
		var units []string
		for _, ref := range refs {
			if ref.System == s.name() {
				units = append(units, ref.Name)
			}
		}
		if units != nil {
			wg.Go(func() { w.watch(ctx, units, changed) })
		}
	}
}

// Close hangs up on the init systems that are talked with. The units may be used again afterwards.
func (u *Units) Close() {
	for _, s := range u.all() {
		if c, ok := s.(interface{ close() }); ok {
			c.close()
		}
	}
}

// all are those that are asked, and those that somebody named besides.
func (u *Units) all() []initSystem {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Concat(u.systems, u.users)
}

// system returns the init system of a ref.
func (u *Units) system(name string) (initSystem, error) {
	for _, s := range u.all() {
		if s.name() == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("there is no init system %q", name)
}

// named returns the init systems that are asked about a service of one, or of any if it is empty. The manager of a user
// is there from when it is named first.
func (u *Units) named(system string) []initSystem {
	if system == "" {
		return u.systems
	}
	if s, err := u.system(system); err == nil {
		return []initSystem{s}
	}
	name, ok := strings.CutPrefix(system, ofUser)
	if !ok {
		return nil
	}
	s := newManagerOf(u.options, name)
	if s == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	same := func(known initSystem) bool { return known.name() == s.name() }
	if i := slices.IndexFunc(u.users, same); i >= 0 { // somebody else was quicker
		return u.users[i : i+1]
	}
	u.users = append(u.users, s)
	return []initSystem{s}
}

func (u *Units) look(ctx context.Context, ref Ref) (Unit, error) {
	s, err := u.system(ref.System)
	if err != nil {
		return Unit{Ref: ref}, err
	}
	found, err := s.status(ctx, ref.Name)
	found.Ref = ref
	return found, err
}

// list joins errors on one line.
func list(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return joined(errs)
}

type joined []error

func (j joined) Unwrap() []error { return j }

func (j joined) Error() string {
	texts := make([]string, len(j))
	for i, err := range j {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// similar is a hint at names like one that was not found, or empty.
func similar(name string, names []string) string {
	if near := diag.Nearest(name, names); near != "" {
		return "; did you mean " + near + "?"
	}
	if len(name) >= 3 {
		for _, n := range names {
			if strings.Contains(strings.ToLower(n), strings.ToLower(name)) {
				return "; did you mean " + n + "?"
			}
		}
	}
	return ""
}
