package host

import (
	"os"
	"regexp"
	"time"
)

// matching lists the processes whose command lines match, by number.
func (m *machine) matching(re *regexp.Regexp) ([]Process, error) {
	now := time.Now()
	chosen, err := m.match(re, now)
	if err != nil {
		return nil, err
	}
	s := &m.snapshots
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := m.scanned(now)
	if err != nil {
		return nil, err
	}
	var out []Process
	for i := range t.procs {
		p := &t.procs[i]
		if p.pid == os.Getpid() || p.gone() {
			continue
		}
		if line := m.command(t, i); re.MatchString(line) {
			out = append(out, Process{PID: p.pid, Parent: p.ppid, Command: line, Chosen: p.pid == chosen})
		}
	}
	return out, nil
}
