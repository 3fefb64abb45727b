package host

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// A processMeters is what the next reading of a process is compared with.
type processMeters struct {
	ticks  meter
	family family
}

// read brings the facts up to date. It returns false if the process ended meanwhile.
func (p *process) read(v visit) bool {
	f := &p.facts
	if p.target.hidden {
		return true
	}
	shown := p.shown.due(v)
	sources := p.needed
	if shown {
		sources |= fromShown
	}
	if p.fresh {
		sources &^= fromStat | fromStatus
		p.fresh = false
	}
	if sources&fromStat != 0 && !p.readStat(v) {
		return false
	}
	f.uptime = max(0, v.h.sinceBoot(v.now)-float64(p.target.start)/ticksPerSecond)
	if sources&fromFiles != 0 {
		f.readFiles(sources, v.now)
	}
	if sources&fromTree != 0 {
		p.readTree(v, sources)
	}
	if sources&fromMemory != 0 {
		total := v.h.memoryNow(v.now)
		f.memoryPercent = share(f.memory, total)
		f.treeShare = model.Value{}
		if f.children.Present() {
			f.treeShare = share(f.treeSize, total)
		}
	}
	if shown {
		details := *f
		p.details = &details
	}
	return true
}

// readStat reads the one file that most metrics are in.
func (p *process) readStat(v visit) bool {
	var st procStat
	var err error
	if p.target.stat >= 0 {
		err = readOpenStat(p.target.stat, &st)
	} else {
		err = v.h.readStat(p.target.pid, &st)
	}
	if err != nil || st.start != p.target.start || st.gone() {
		return false
	}
	p.takeStat(v.now, &st)
	return true
}

func (p *process) takeStat(now time.Time, st *procStat) {
	f := &p.facts
	f.seen = true
	f.ppid, f.threads = st.ppid, st.threads
	f.memory = float64(st.pages) * float64(pageSize)
	f.cpu = f.h.cpuShare(p.meters.ticks.perSecond(now, float64(st.ticks)), st.threads)
	if p.needed&fromCores != 0 {
		f.takeCores(now, st)
	}
}

// takeCores measures processor time in per cent of one core.
func (f *processFacts) takeCores(now time.Time, st *procStat) {
	if f.cores == nil {
		f.cores = new([4]meter)
	}
	for i, ticks := range [...]uint64{st.user, st.ticks - st.user, st.ended.user, st.ended.system} {
		f.cores[i].perSecond(now, 100*float64(ticks)/ticksPerSecond)
	}
}

// cpuShare is what a process uses of the cores that its threads could, in per cent, from the ticks it uses in a second.
func (m *machine) cpuShare(ticks model.Value, threads int) model.Value {
	if !ticks.Present() {
		return ticks
	}
	cores := min(max(threads, 1), max(m.cpus, 1))
	return capped(share(ticks.Number()/ticksPerSecond, float64(cores)))
}

var pageSize = unix.Getpagesize()

func (f *processFacts) readFiles(sources source, now time.Time) {
	var buf [4096]byte
	dir := f.h.proc(strconv.Itoa(f.pid))
	if sources&fromStatus != 0 {
		n, err := readInto(dir+"/status", buf[:])
		f.takeStatus(buf[:n])
		f.owned = f.owned && err == nil
	}
	if sources&fromIO != 0 {
		n, err := readInto(dir+"/io", buf[:])
		if err != nil {
			n = 0
		}
		f.io = f.io.next(now, buf[:n])
	}
	if sources&fromFDs != 0 {
		f.fds = model.Value{}
		if n, err := f.h.countOpen(f.pid); err == nil {
			f.fds = num(n)
		}
	}
	if sources&fromLimits != 0 {
		n, _ := readInto(dir+"/limits", buf[:])
		f.fdSoft, f.fdHard = openFilesLimits(buf[:n])
	}
	if sources&fromSecurity != 0 {
		n, _ := readInto(dir+"/attr/current", buf[:])
		f.security = string(bytes.Trim(buf[:n], "\x00\n "))
	}
	if sources&fromLoad != 0 {
		loads := f.h.loads()
		f.loads = &loads
	}
}

// takeStatus takes real and effective user and group from /proc/PID/status.
func (f *processFacts) takeStatus(status []byte) {
	var users, groups [2]uint64
	u, _ := keyed(status, "Uid:")
	g, _ := keyed(status, "Gid:")
	f.owned = counters(u, users[:]) == 2 && counters(g, groups[:]) == 2
	f.uid, f.euid, f.gid = uint32(users[0]), uint32(users[1]), uint32(groups[0])
}

// openFilesLimits takes soft and hard limit from /proc/PID/limits; 0 stands for none.
func openFilesLimits(limits []byte) (soft, hard float64) {
	line, _ := keyed(limits, "Max open files")
	var n [2]uint64
	counters(line, n[:])
	return float64(n[0]), float64(n[1])
}

// leads reads the begin of /proc/PID/status, which must be that of a process and not of one more thread of it.
func (m *machine) leads(pid int, buf []byte) ([]byte, bool) {
	n, err := readInto(m.proc(strconv.Itoa(pid)+"/status"), buf)
	if err != nil {
		return nil, false
	}
	group, ok := number(buf[:n], "Tgid:")
	return buf[:n], !ok || int(group) == pid
}

// readStat reads /proc/PID/stat.
func (m *machine) readStat(pid int, st *procStat) error {
	var buf [1024]byte
	n, err := readInto(m.proc(strconv.Itoa(pid)+"/stat"), buf[:])
	if err != nil {
		return err
	}
	return understood(buf[:n], st)
}

// readOpenStat is readStat with the file kept open.
func readOpenStat(fd int, st *procStat) error {
	var buf [1024]byte
	n, err := unix.Pread(fd, buf[:], 0) // the kernel gives it whole, and is not interrupted
	if err != nil {
		return err
	}
	return understood(buf[:n], st)
}

func understood(line []byte, st *procStat) error {
	if !parseStat(line, st) {
		return fmt.Errorf("cannot understand the state of a process: %.60q", string(line))
	}
	return nil
}

// keepStat opens /proc/PID/stat to be read again and again, -1 if descriptors are scarce.
func (m *machine) keepStat(pid int) int {
	fd, err := openFile(m.proc(strconv.Itoa(pid) + "/stat"))
	if err != nil {
		return -1
	}
	if fd > m.exits.limit/2 {
		closeFile(fd)
		return -1
	}
	return fd
}
