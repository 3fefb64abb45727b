package host

import (
	"errors"
	"fmt"
	"regexp"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
	"orderly/internal/pattern"
)

// process measures the process of a service. A process is the same while its number and its start are.
type process struct {
	spec    *model.Service
	pattern *regexp.Regexp // nil: found by a pidfile, or told by an init system
	list    []taker[processFacts]
	needed  source // what the rules need read at each visit

	pidfile pidfile
	target  target
	facts   processFacts
	meters  processMeters
	shown   shown
	details *processFacts // what was last read for people
	fresh   bool          // the target is new, and the facts were read when it was found
}

// A target is the process that is watched; its pid is 0 while there is none.
type target struct {
	pid    int
	start  uint64
	hold   *hold // nil: it is looked up at each visit
	stat   int   // /proc/PID/stat kept open, which names the process and not its number; -1: not kept
	hidden bool  // it exists, but the kernel shows nothing of it
	stamp  stamp // of the pidfile that named it last
}

// An epitaph is of a process that ended while the pidfile went on to name it. Its number may soon be of a stranger.
type epitaph struct {
	stamp stamp
	start uint64
}

// life is the state of a process.
type life int8

const (
	nothing life = iota
	corpse       // ended, but its parent has not looked
	alive
)

func (p *process) learn(s *model.Service) error {
	p.pattern = nil
	if s.Kind == model.KindProcess && s.Subject.Pidfile == "" {
		if s.Subject.Pattern == "" {
			return fmt.Errorf("cannot find the process of %s: it has neither a pidfile nor a pattern", s.Name)
		}
		re, err := pattern.Compile(s.Subject.Pattern)
		if err != nil {
			return fmt.Errorf("cannot use pattern %q: %w", s.Subject.Pattern, err)
		}
		p.pattern = re
	}
	if p.spec == nil {
		p.target.stat = -1
	}
	p.spec = s
	if s.Kind == model.KindUnit {
		p.list, p.needed = wanted(s, likedOfUnit, processReaders)
		p.needed |= fromStat | fromCores
		return nil
	}
	p.list, p.needed = wanted(s, likedOfProcess, processReaders)
	return nil
}

func (p *process) measure(v visit, out *model.Sample) error {
	state, err := p.look(v)
	if err != nil {
		return err
	}
	if state != alive {
		out.Readings = absentSubject()
		if state == corpse {
			out.Readings.Add(model.Zombie, model.Bool(true))
		}
		return nil
	}
	if !p.read(v) {
		p.lose(v)
		out.Readings = absentSubject()
		return nil
	}
	out.Readings = take(p.list, &p.facts)
	if p.details != nil {
		out.Details = p.details
	}
	return nil
}

// look finds the process and tells whether it lives.
func (p *process) look(v visit) (life, error) {
	if p.target.hold.ended() {
		p.lose(v)
	}
	switch {
	case p.spec.Kind == model.KindUnit && (v.pid >= 0 || p.spec.Subject.Pidfile == ""):
		return p.examine(v, max(v.pid, 0)), nil
	case p.pattern != nil:
		return p.lookByPattern(v)
	}
	trusted := p.target.pid != 0 // while its process lives, an unchanged pidfile need not be read
	for {
		old := p.pidfile
		old.settled = old.settled && trusted
		found, err := p.readPidfile(v, old)
		if err != nil {
			return nothing, err
		}
		p.pidfile = found
		state := p.examine(v, found.pid)
		if state == alive || !trusted {
			return state, nil
		}
		trusted = false
	}
}

// readPidfile is patiently for the most frequent call of all, without a function value.
func (p *process) readPidfile(v visit, old pidfile) (pidfile, error) {
	path := p.spec.Subject.Pidfile
	remote, err := v.remote(path)
	if err != nil {
		return pidfile{}, err
	}
	if !remote {
		return readPidfile(path, old, v.now)
	}
	return await(v.ctx, &v.w.patience, path, func() (pidfile, error) { return readPidfile(path, old, v.now) })
}

func (p *process) lookByPattern(v visit) (life, error) {
	if p.target.pid != 0 {
		if state := p.examine(v, p.target.pid); state == alive {
			return state, nil
		}
	}
	pid, err := v.h.match(p.pattern, v.asOf)
	if err != nil {
		return nothing, err
	}
	return p.examine(v, pid), nil
}

// examine makes pid the target if it is a living process.
func (p *process) examine(v visit, pid int) life {
	if pid != p.target.pid || pid == 0 {
		p.drop(&v.h.exits)
		if pid == 0 {
			return nothing
		}
		return p.adopt(v, pid)
	}
	if p.target.hold.alive() {
		p.target.stamp = p.pidfile.stamp
		return alive
	}
	if p.target.hidden {
		if exists(pid) {
			return alive
		}
		p.lose(v)
		return nothing
	}
	var st procStat
	switch err := v.h.readStat(pid, &st); {
	case err != nil || st.start != p.target.start:
		p.lose(v)
		return nothing
	case st.gone():
		p.lose(v)
		return corpse
	}
	p.target.stamp = p.pidfile.stamp
	return alive
}

// adopt begins to watch a process. Its descriptor is opened before it is looked at: what is seen then is of the process
// that the descriptor holds, or the descriptor tells its end.
func (p *process) adopt(v visit, pid int) life {
	fd := -1
	if v.h.live {
		fd = v.h.exits.open(pid)
	}
	t := target{pid: pid, stat: -1, stamp: p.pidfile.stamp}
	p.facts, p.meters, p.shown, p.details = processFacts{h: v.h, pid: pid}, processMeters{}, shown{}, nil
	state := p.identify(v, &t)
	if state != alive {
		closeFile(fd)
		return state
	}
	if p.needed&fromStat != 0 && !t.hidden {
		t.stat = v.h.keepStat(pid)
	}
	t.hold = v.h.exits.watch(v.w.name, pid, fd)
	p.target, p.fresh = t, true
	return alive
}

// identify looks at a process that was not watched before, and keeps what it reads.
func (p *process) identify(v visit, t *target) life {
	var st procStat
	if err := v.h.readStat(t.pid, &st); err != nil {
		if v.h.live && exists(t.pid) {
			t.hidden = true
			return alive
		}
		return nothing
	}
	var buf [4096]byte
	status, ok := v.h.leads(t.pid, buf[:])
	switch {
	case !ok || v.w.late.Load().stranger(p.pidfile.stamp, st.start):
		return nothing
	case st.gone():
		return corpse
	}
	t.start = st.start
	p.takeStat(v.now, &st)
	p.facts.takeStatus(status)
	return alive
}

// stranger tells whether a process has only inherited the number that the pidfile names.
func (e *epitaph) stranger(s stamp, start uint64) bool {
	return e != nil && e.stamp == s && e.start != start
}

// lose forgets the target because it has ended.
func (p *process) lose(v visit) {
	if p.target.pid != 0 && p.spec.Subject.Pidfile != "" && v.pid <= 0 && !p.target.hidden {
		v.w.late.Store(&epitaph{p.target.stamp, p.target.start})
	}
	p.drop(&v.h.exits)
}

func (p *process) drop(e *exits) {
	closeFile(p.target.stat)
	e.drop(p.target.hold)
	p.target = target{stat: -1}
}

func (p *process) release() {
	if p.facts.h != nil {
		p.drop(&p.facts.h.exits)
	}
}

// exists tells whether there is a process or thread of a number, seen or not.
func exists(pid int) bool {
	err := unix.Kill(pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}
