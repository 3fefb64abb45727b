package daemon

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"orderly/internal/control"
)

const (
	// gathering is how long the watcher waits for more units to be found before it begins anew with all of them.
	gathering = 100 * time.Millisecond
	// spacing is how far two looks at a unit are apart that changes again and again.
	spacing = 200 * time.Millisecond
	// One that goes on so is looked at every three seconds, after the first ten looks.
	refill = 3 * time.Second
	burst  = 10 * refill
)

// follower follows units until ctx ends: [control.Units.Watch].
type follower func(ctx context.Context, refs []control.Ref, changed func(control.Unit))

// watch has units looked at as soon as their init systems tell that something happened to them, until ctx ends.
func (u *units) watch(ctx context.Context, follow follower) {
	for ctx.Err() == nil {
		refs := u.refs()
		inner, cancel := context.WithCancel(ctx)
		var following sync.WaitGroup
		if len(refs) > 0 {
			following.Go(func() { follow(inner, refs, u.changed) })
		}
		u.attend(ctx, refs)
		cancel()
		following.Wait()
	}
}

// attend passes on what happened to units until others are to be followed than these, or ctx ends.
func (u *units) attend(ctx context.Context, refs []control.Ref) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var regroup time.Time // when to see whether to begin anew
	for {
		select {
		case <-timer.C:
		case <-u.wake:
		case <-ctx.Done():
			return
		}
		now := time.Now()
		next := u.pass(now)
		switch differ := !slices.Equal(refs, u.refs()); {
		case !differ:
			regroup = time.Time{}
		case regroup.IsZero():
			regroup = now.Add(gathering)
		case !now.Before(regroup):
			return
		}
		if !regroup.IsZero() {
			next = min(next, regroup.Sub(now))
		}
		timer.Reset(next)
	}
}

// refs lists the units that were found, each once.
func (u *units) refs() []control.Ref {
	u.mu.Lock()
	defer u.mu.Unlock()
	var refs []control.Ref
	for _, l := range u.known {
		if ref := l.at(); ref != (control.Ref{}) {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, func(a, b control.Ref) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(refs)
}

// changed takes what an init system tells of a unit. The look that follows sees for itself, but not how it ended if it
// runs again by then.
func (u *units) changed(now control.Unit) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.known {
		if l.tell(now) {
			u.awaken()
		}
	}
}

// tell notes what was told of a unit, and whether that is worth a look.
func (l *life) tell(now control.Unit) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Ref != l.ref || !l.seen {
		return false
	}
	if now.Result != "" && now.State != control.UnitRunning {
		l.cause = now.Result
	}
	last := &l.last.Unit
	if now.State == last.State && now.Run == last.Run && now.PID == last.PID && now.Restarts == last.Restarts && now.Since.Equal(last.Since) {
		return false
	}
	l.stir = true
	return true
}

// pass has the units looked at to which something happened, and tells when to come again for the others.
func (u *units) pass(now time.Time) (next time.Duration) {
	next = time.Hour
	var names []string
	u.mu.Lock()
	for name, l := range u.known {
		switch wait, due := l.due(now); {
		case due:
			names = append(names, name)
		case wait > 0:
			next = min(next, wait)
		}
	}
	u.mu.Unlock() // who is told may be waiting for it
	for _, name := range names {
		u.stirred(name)
	}
	return next
}

// due tells whether a unit is to be looked at now, or after which time.
func (l *life) due(now time.Time) (wait time.Duration, due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.stir {
		return 0, false
	}
	if l.spent.Before(now) {
		l.spent = now
	}
	wait = max(l.stirred.Add(spacing).Sub(now), l.spent.Add(refill-burst).Sub(now))
	if wait > 0 {
		return wait, false
	}
	l.stir, l.stirred, l.spent = false, now, l.spent.Add(refill)
	return 0, true
}
