package host

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What is read of a machine that has more than anybody's: bytes of a table of sockets, of which those who listen come
// first; sockets; and files of one process.
const (
	socketTableLimit = 16 << 20
	listenersLimit   = 4 << 10
	fileListLimit    = 64 << 10
)

// tablesOfSockets are the files below /proc/net, and who reads them.
var tablesOfSockets = []struct {
	file  string
	parse func([]byte) []socket
}{
	{"tcp", func(b []byte) []socket { return parseInet(b, "tcp", tcpListens) }},
	{"tcp6", func(b []byte) []socket { return parseInet(b, "tcp", tcpListens) }},
	{"udp", func(b []byte) []socket { return parseInet(b, "udp", udpUnconnected) }},
	{"udp6", func(b []byte) []socket { return parseInet(b, "udp", udpUnconnected) }},
	{"unix", parseUnix},
}

func (m *machine) listeners() ([]Listener, error) {
	found := map[uint64]*Listener{}
	for _, t := range tablesOfSockets {
		text, err := readSome(m.proc("net/"+t.file), socketTableLimit)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a kernel without that family
		}
		if err != nil {
			return nil, fmt.Errorf("cannot list sockets: %w", err)
		}
		for _, s := range t.parse(text) {
			if len(found) < listenersLimit {
				found[s.inode] = &s.Listener
			}
		}
	}
	if err := m.nameHolders(found); err != nil {
		return nil, err
	}
	out := make([]Listener, 0, len(found))
	for _, l := range found {
		out = append(out, *l)
	}
	slices.SortFunc(out, compareListeners)
	return out, nil
}

func compareListeners(a, b Listener) int {
	return cmp.Or(
		cmp.Compare(a.Network, b.Network), cmp.Compare(a.Address.Port(), b.Address.Port()),
		a.Address.Addr().Compare(b.Address.Addr()), cmp.Compare(a.Path, b.Path), cmp.Compare(a.PID, b.PID),
	)
}

// nameHolders finds the process of each socket.
func (m *machine) nameHolders(found map[uint64]*Listener) error {
	t, err := m.processes(time.Now())
	if err != nil {
		return err
	}
	holders := map[uint64][]int{} // indices in the table, in the order of pids
	for i := range t.procs {
		for _, inode := range m.socketsOf(t.procs[i].pid) {
			if found[inode] != nil && !slices.Contains(holders[inode], i) {
				holders[inode] = append(holders[inode], i)
			}
		}
	}
	for inode, l := range found {
		if all := holders[inode]; len(all) > 0 {
			m.describe(l, t, t.opener(all))
		}
	}
	return nil
}

// opener chooses among those who hold one socket the one that the others have it from. The first process of the machine
// holds sockets for programs that it starts when somebody connects; once one runs, it counts.
func (t *table) opener(holders []int) int {
	for _, i := range holders {
		parent, known := t.find(t.procs[i].ppid)
		if t.procs[i].pid != 1 && (!known || t.procs[parent].pid == 1 || !slices.Contains(holders, parent)) {
			return i
		}
	}
	return holders[0]
}

func (m *machine) describe(l *Listener, t *table, i int) {
	p := &t.procs[i]
	l.PID, l.Program = p.pid, p.name
	if text, err := readSome(m.proc(strconv.Itoa(p.pid)+"/cgroup"), 16<<10); err == nil {
		l.Unit, l.User = parseCgroup(text)
	}
	for parent, ok := t.find(p.ppid); ok && len(l.Parents) < 64; parent, ok = t.find(t.procs[parent].ppid) {
		l.Parents = append(l.Parents, t.procs[parent].pid)
	}
}

// socketsOf returns the numbers of the sockets among the open files of a process; none if they are not shown.
func (m *machine) socketsOf(pid int) []uint64 {
	path := m.proc(strconv.Itoa(pid) + "/fd")
	dir, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(fileListLimit) // what could be read before it ended is good enough
	var out []uint64
	for _, name := range names {
		to, err := os.Readlink(path + "/" + name)
		if err != nil {
			continue
		}
		number, ok := strings.CutPrefix(to, "socket:[")
		if inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64); ok && err == nil {
			out = append(out, inode)
		}
	}
	return out
}
