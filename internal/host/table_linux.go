package host

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A table is all processes at one moment. It never changes, so that it can be shared and be compared with a later one.
type table struct {
	at    time.Time
	ticks uint64     // after the start of the machine
	procs []procStat // by pid
	child []int32    // the first child of each, -1: none
	next  []int32    // the next child of the same parent
}

// snapshots keeps the last table for those who ask at the same time, and the command lines of all processes.
type snapshots struct {
	mu       sync.Mutex
	last     *table
	commands map[int]command
	buf      []byte
}

// A command is a command line, and when it was read. Programs replace themselves and change their titles.
type command struct {
	start uint64
	name  string
	text  string
	at    time.Time
	young bool // the process had just begun, and may not yet be what it is going to be
}

const (
	commandLimit = 32 << 10         // bytes of a command line that are looked at
	commandAge   = time.Minute      // until it is read again
	youth        = 10 * time.Second // of a process, during which its command line is read each time
)

// processes returns the process table as of a time or newer. Of many who ask at once one scans and the others wait.
func (m *machine) processes(asOf time.Time) (*table, error) {
	s := &m.snapshots
	s.mu.Lock()
	defer s.mu.Unlock()
	return m.scanned(asOf)
}

// scanned is processes for those who hold the lock.
func (m *machine) scanned(asOf time.Time) (*table, error) {
	s := &m.snapshots
	if s.last != nil && !s.last.at.Before(asOf) {
		return s.last, nil
	}
	t, err := m.scan(s.last)
	if err != nil {
		return nil, fmt.Errorf("cannot list processes: %w", err)
	}
	s.last = t
	return t, nil
}

// scan reads all of /proc/*/stat. Names are taken from the table before while they are the same.
func (m *machine) scan(before *table) (*table, error) {
	s := &m.snapshots
	if s.buf == nil {
		s.buf = make([]byte, 32<<10)
	}
	if before == nil {
		before = &table{}
	}
	t := &table{at: time.Now(), procs: make([]procStat, 0, len(before.procs)+8)}
	t.ticks = uint64(m.sinceBoot(t.at) * ticksPerSecond)
	dir, err := unix.Open(m.proc(""), openFlags|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: m.proc(""), Err: err}
	}
	defer unix.Close(dir)
	var names []string
	for {
		n, err := uninterrupted(func() (int, error) { return unix.ReadDirent(dir, s.buf) })
		if err != nil {
			return nil, &os.PathError{Op: "read", Path: m.proc(""), Err: err}
		}
		if n <= 0 {
			break
		}
		_, _, names = unix.ParseDirent(s.buf[:n], -1, names[:0])
		for _, name := range names {
			if name[0] < '1' || name[0] > '9' {
				continue
			}
			var p procStat
			if old, ok := slices.BinarySearchFunc(before.procs, name, byName); ok {
				p.name = before.procs[old].name
			}
			if statAt(dir, name, &p) {
				t.procs = append(t.procs, p)
			}
		}
	}
	slices.SortFunc(t.procs, func(a, b procStat) int { return cmp.Compare(a.pid, b.pid) })
	t.link()
	return t, nil
}

func byName(p procStat, name string) int {
	pid, _ := strconv.Atoi(name)
	return cmp.Compare(p.pid, pid)
}

// statAt reads the state of a process; false if it has ended or is not shown.
func statAt(dir int, name string, p *procStat) bool {
	fd, err := unix.Openat(dir, name+"/stat", openFlags, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var buf [1024]byte
	n, err := unix.Pread(fd, buf[:], 0)
	return err == nil && parseStat(buf[:max(n, 0)], p)
}

// link finds the children of each process.
func (t *table) link() {
	t.child, t.next = make([]int32, len(t.procs)), make([]int32, len(t.procs))
	for i := range t.procs {
		t.child[i], t.next[i] = -1, -1
	}
	for i := range t.procs {
		if parent, ok := t.find(t.procs[i].ppid); ok && parent != i {
			t.next[i], t.child[parent] = t.child[parent], int32(i)
		}
	}
}

func (t *table) find(pid int) (int, bool) {
	return slices.BinarySearchFunc(t.procs, pid, func(p procStat, pid int) int { return cmp.Compare(p.pid, pid) })
}

// descendants returns the indices of a process and all that descend from it. Processes that ended during the scan can
// make a circle of parents; each index is returned once.
func (t *table) descendants(root int) []int {
	out := []int{root}
	for i := 0; i < len(out); i++ {
		for c := t.child[out[i]]; c >= 0; c = t.next[c] {
			if int(c) != root {
				out = append(out, int(c))
			}
		}
	}
	return out
}

// match finds the process whose command line matches and whose parent's does not; of several the oldest. 0: none.
func (m *machine) match(re *regexp.Regexp, asOf time.Time) (int, error) {
	s := &m.snapshots
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := m.scanned(asOf)
	if err != nil {
		return 0, err
	}
	matches := make([]bool, len(t.procs))
	self := os.Getpid()
	for i := range t.procs {
		matches[i] = t.procs[i].pid != self && !t.procs[i].gone() && re.MatchString(m.command(t, i))
	}
	best := -1
	for i, ok := range matches {
		if parent, found := t.find(t.procs[i].ppid); !ok || found && matches[parent] {
			continue
		}
		if best < 0 || t.procs[i].start < t.procs[best].start {
			best = i
		}
	}
	s.prune(t)
	if best < 0 {
		return 0, nil
	}
	return t.procs[best].pid, nil
}

// command returns the command line of a process, or its name if it has none.
func (m *machine) command(t *table, i int) string {
	s, p := &m.snapshots, &t.procs[i]
	c, ok := s.commands[p.pid]
	if ok && c.start == p.start && c.name == p.name && !c.young && t.at.Sub(c.at) < commandAge {
		return c.text
	}
	n, err := readInto(m.proc(strconv.Itoa(p.pid)+"/cmdline"), s.buf[:commandLimit])
	if err != nil {
		n = 0
	}
	line := bytes.TrimSpace(bytes.ReplaceAll(s.buf[:n], []byte{0}, []byte{' '}))
	if len(line) == 0 {
		line = []byte(p.name)
	}
	if string(line) != c.text {
		c.text = string(line)
	}
	c.start, c.name, c.at = p.start, p.name, t.at
	c.young = m.sinceBoot(t.at)-float64(p.start)/ticksPerSecond < youth.Seconds()
	if s.commands == nil {
		s.commands = map[int]command{}
	}
	s.commands[p.pid] = c
	return c.text
}

// prune drops the command lines of processes that are no more, from time to time.
func (s *snapshots) prune(t *table) {
	if len(s.commands) < 2*len(t.procs)+64 {
		return
	}
	for pid := range s.commands {
		if _, ok := t.find(pid); !ok {
			delete(s.commands, pid)
		}
	}
}
