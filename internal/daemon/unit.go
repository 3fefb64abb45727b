package daemon

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"orderly/internal/control"
	"orderly/internal/model"
)

// inits are the init systems of this host, as they are asked about units: a *control.Units.
type inits interface {
	Find(ctx context.Context, system, name string) (control.Ref, error)
	Status(ctx context.Context, ref control.Ref) (control.Unit, error)
	Last(ctx context.Context, ref control.Ref, since time.Time) string
	Log(ctx context.Context, ref control.Ref, since time.Time) string
	Do(ctx context.Context, ref control.Ref, verb control.Verb) (control.Unit, model.Outcome)
}

// measurer measures the main process of a unit: [host.Host.MeasureProcess].
type measurer func(ctx context.Context, s *model.Service, pid int, asOf time.Time, b model.Bookmark) (model.Sample, error)

// units are the services of kind unit: what their init systems say of them, what the host measures of their processes,
// and what follows from the two about how often they end.
type units struct {
	inits    inits
	process  measurer
	stirred  func(service string) // something happened to it that is worth a look; must not block
	rebooted bool                 // the host was started anew since what bookmarks say
	wake     chan struct{}        // the watcher has something to do

	mu    sync.Mutex
	known map[string]*life // by name of the service
}

func newUnits(i inits, process measurer, stirred func(string), rebooted bool) *units {
	return &units{
		inits: i, process: process, stirred: stirred, rebooted: rebooted,
		wake: make(chan struct{}, 1), known: map[string]*life{},
	}
}

// life returns what is known of a service, which is nothing once it stands for another unit.
func (u *units) life(s *model.Service) *life {
	u.mu.Lock()
	defer u.mu.Unlock()
	l := u.known[s.Name]
	if l == nil || l.subject != s.Subject {
		l = &life{subject: s.Subject}
		u.known[s.Name] = l
	}
	return l
}

// forget drops what is known of the service of a name.
func (u *units) forget(name string) {
	u.mu.Lock()
	_, known := u.known[name]
	delete(u.known, name)
	u.mu.Unlock()
	if known {
		u.awaken()
	}
}

// awaken has the watcher look for what there is to do.
func (u *units) awaken() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// look asks the init system about a unit. One that is not known, or not any more, is sought each time.
func (u *units) look(ctx context.Context, s *model.Service, l *life) (control.Unit, error) {
	ref := l.at()
	if ref != (control.Ref{}) {
		now, err := u.inits.Status(ctx, ref)
		if !errors.Is(err, control.ErrNoUnit) {
			return now, err
		}
	}
	found, err := u.inits.Find(ctx, s.Subject.Init, cmp.Or(s.Subject.Unit, s.Name))
	l.is(found)
	if found != ref {
		u.awaken()
	}
	if err != nil {
		return control.Unit{}, err
	}
	return u.inits.Status(ctx, found)
}

// measure measures a unit. An error means that nothing is known about it, which is so as well when there is no such unit:
// it may be installed later.
func (u *units) measure(ctx context.Context, s *model.Service, asOf time.Time, b model.Bookmark) (model.Sample, error) {
	l := u.life(s)
	act := l.acted()
	now, err := u.look(ctx, s, l)
	if err != nil {
		return model.Sample{}, err
	}
	sample, err := u.process(ctx, s, mainProcess(now), asOf, b)
	if err != nil {
		return model.Sample{}, err
	}
	gone := l.missing(now, sample)
	if gone && !l.lost(now) {
		was := now.PID
		if now, err = u.outlast(ctx, now); err != nil {
			return model.Sample{}, err
		}
		if gone = now.State == control.UnitRunning && now.PID == was; !gone {
			if sample, err = u.process(ctx, s, mainProcess(now), asOf, b); err != nil {
				return model.Sample{}, err
			}
			gone = l.missing(now, sample)
		}
	}
	found := l.learn(look{Unit: now, gone: gone, at: time.Now(), act: act}, b, u.rebooted)
	found.complete(&sample, s)
	sample.Evidence = u.lastWords(ctx, l, found)
	return sample, nil
}

// mainProcess is the pid of a unit as the host wants it: -1 if it runs and nobody knows as which process.
func mainProcess(u control.Unit) int {
	if u.State == control.UnitRunning && u.PID == 0 {
		return -1
	}
	return u.PID
}

// How long an init system may take to notice that a process has ended, and how often it is asked meanwhile.
const (
	noticing    = time.Second
	firstNotice = 5 * time.Millisecond
	lastNotice  = 50 * time.Millisecond
)

// outlast asks about a unit whose process has gone until its init system knows that as well. Some never do.
func (u *units) outlast(ctx context.Context, was control.Unit) (control.Unit, error) {
	limit := time.Now().Add(noticing)
	timer := time.NewTimer(firstNotice)
	defer timer.Stop()
	for pause := firstNotice; ; {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return was, ctx.Err()
		}
		now, err := u.inits.Status(ctx, was.Ref)
		if err != nil || now.State != control.UnitRunning || now.PID != was.PID || !time.Now().Before(limit) {
			return now, err
		}
		pause = min(2*pause, lastNotice)
		timer.Reset(pause)
	}
}

// A death must be told at once, so the last words are not waited for then: who is still down at the next look is
// heard more patiently.
const (
	deathbed = 25 * time.Millisecond
	wake     = 2 * time.Second
)

// lastWords is what a unit last said that has just ended or does not run.
func (u *units) lastWords(ctx context.Context, l *life, f finding) string {
	said, since, silent := l.said(f)
	if !silent {
		return said
	}
	patience := wake
	if f.fresh {
		patience = deathbed
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	said = u.inits.Last(within, f.Ref, since)
	if said != "" || !f.fresh {
		l.say(f, said)
	}
	return said
}
