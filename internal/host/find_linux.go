package host

import (
	"context"
	"time"

	"orderly/internal/model"
	"orderly/internal/pattern"
)

const (
	// lately is how old the process table may be that a process is sought in. A scan takes some milliseconds.
	lately = 50 * time.Millisecond
	// asking is how long a pidfile is waited for when it lies on a mount that hangs.
	asking = time.Second
)

// find looks for the process of a service without what is kept of it, but for the strangers that have its number.
func (m *machine) find(s *model.Service) (int, bool) {
	w := m.known(s.Name)
	found := m.seek(s, w)
	if found.pid == 0 {
		return 0, false
	}
	var st procStat
	if err := m.readStat(found.pid, &st); err != nil {
		return found.pid, m.live && exists(found.pid)
	}
	var buf [4096]byte
	if _, ok := m.leads(found.pid, buf[:]); !ok || st.gone() {
		return 0, false
	}
	return found.pid, s.Subject.Pidfile == "" || !w.late.Load().stranger(found.stamp, st.start)
}

// known returns what is kept of a service, nothing if there is none.
func (m *machine) known(name string) *watch {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.watches[name]; w != nil {
		return w
	}
	return &watch{name: name}
}

// seek finds the number that the process of a service should have; it is 0 if there is none.
func (m *machine) seek(s *model.Service, w *watch) pidfile {
	now := time.Now()
	if path := s.Subject.Pidfile; path != "" {
		ctx, cancel := context.WithTimeout(context.Background(), asking)
		defer cancel()
		found, err := await(ctx, &w.asking, path, func() (pidfile, error) { return readPidfile(path, pidfile{}, now) })
		if err != nil {
			return pidfile{}
		}
		return found
	}
	re, err := pattern.Compile(s.Subject.Pattern)
	if err != nil || s.Subject.Pattern == "" {
		return pidfile{}
	}
	pid, err := m.match(re, now.Add(-lately))
	if err != nil {
		return pidfile{}
	}
	return pidfile{pid: pid}
}
