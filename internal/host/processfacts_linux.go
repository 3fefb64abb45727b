package host

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// What is read of a process.
const (
	fromStat source = 1 << iota
	fromStatus
	fromIO
	fromFDs
	fromLimits
	fromSecurity
	fromTree
	fromTreeFDs
	fromLoad
	fromMemory
)

// fromFiles are the sources that readFiles reads.
const fromFiles = fromStatus | fromIO | fromFDs | fromLimits | fromSecurity | fromLoad

// processFacts are what was last read of a process.
type processFacts struct {
	h             *machine
	pid, ppid     int
	threads       int
	uid, euid     uint32
	gid           uint32
	owned         bool // the three above were read
	seen          bool // what /proc/PID/stat says was read
	uptime        float64
	memory        float64
	memoryPercent model.Value

	cpu   model.Value
	ticks meter

	io        *ioRates // nil until a rule needs it
	fds       model.Value
	fdLimit   float64
	security  string
	loads     [3]model.Value
	children  model.Value
	treeCPU   model.Value
	treeSize  float64
	treeShare model.Value
	treeFDs   model.Value
	before    *table // that treeCPU was last counted from
}

var likedOfProcess = []model.Metric{
	model.Zombie, model.PID, model.PPID, model.Uptime, model.UID, model.EUID, model.GID, model.Threads,
	model.CPU, model.Memory, model.MemoryPercent,
}

var processReaders = map[model.Metric]reader[processFacts]{
	model.Zombie:          {0, func(*processFacts) model.Value { return model.Bool(false) }},
	model.PID:             {0, func(f *processFacts) model.Value { return num(f.pid) }},
	model.PPID:            {fromStat, func(f *processFacts) model.Value { return f.ifSeen(float64(f.ppid)) }},
	model.Uptime:          {0, func(f *processFacts) model.Value { return f.ifSeen(f.uptime) }},
	model.Threads:         {fromStat, func(f *processFacts) model.Value { return f.ifSeen(float64(f.threads)) }},
	model.CPU:             {fromStat, func(f *processFacts) model.Value { return f.cpu }},
	model.Memory:          {fromStat, func(f *processFacts) model.Value { return f.ifSeen(f.memory) }},
	model.MemoryPercent:   {fromStat | fromMemory, func(f *processFacts) model.Value { return f.memoryPercent }},
	model.UID:             {fromStatus, func(f *processFacts) model.Value { return f.ifOwned(f.uid) }},
	model.EUID:            {fromStatus, func(f *processFacts) model.Value { return f.ifOwned(f.euid) }},
	model.GID:             {fromStatus, func(f *processFacts) model.Value { return f.ifOwned(f.gid) }},
	model.ReadBytes:       {fromIO, func(f *processFacts) model.Value { return f.ioRate(0) }},
	model.WriteBytes:      {fromIO, func(f *processFacts) model.Value { return f.ioRate(1) }},
	model.DiskReadOps:     {fromIO, func(f *processFacts) model.Value { return f.ioRate(2) }},
	model.DiskWriteOps:    {fromIO, func(f *processFacts) model.Value { return f.ioRate(3) }},
	model.DiskReadBytes:   {fromIO, func(f *processFacts) model.Value { return f.ioRate(4) }},
	model.DiskWriteBytes:  {fromIO, func(f *processFacts) model.Value { return f.ioRate(5) }},
	model.FDs:             {fromFDs, func(f *processFacts) model.Value { return f.fds }},
	model.FDsPercent:      {fromFDs | fromLimits, (*processFacts).fdShare},
	model.FDsTotal:        {fromTree | fromTreeFDs, func(f *processFacts) model.Value { return f.treeFDs }},
	model.Security:        {fromSecurity, func(f *processFacts) model.Value { return word(f.security) }},
	model.Children:        {fromTree, func(f *processFacts) model.Value { return f.children }},
	model.CPUTotal:        {fromTree, func(f *processFacts) model.Value { return f.treeCPU }},
	model.MemTotal:        {fromTree, func(f *processFacts) model.Value { return f.ifTree(f.treeSize) }},
	model.MemTotalPercent: {fromTree | fromMemory, func(f *processFacts) model.Value { return f.treeShare }},
	model.Load1:           {fromLoad, func(f *processFacts) model.Value { return f.loads[0] }},
	model.Load5:           {fromLoad, func(f *processFacts) model.Value { return f.loads[1] }},
	model.Load15:          {fromLoad, func(f *processFacts) model.Value { return f.loads[2] }},
	model.Load1Core:       {fromLoad, func(f *processFacts) model.Value { return f.h.perCore(f.loads[0]) }},
	model.Load5Core:       {fromLoad, func(f *processFacts) model.Value { return f.h.perCore(f.loads[1]) }},
	model.Load15Core:      {fromLoad, func(f *processFacts) model.Value { return f.h.perCore(f.loads[2]) }},
}

// ioKeys are the counters of /proc/PID/io: through system calls, their number, and to storage.
var ioKeys = [6]string{"rchar:", "wchar:", "syscr:", "syscw:", "read_bytes:", "write_bytes:"}

// ioRates are the rates of the counters of ioKeys, in their order.
type ioRates struct {
	perSecond [len(ioKeys)]model.Value
	meters    [len(ioKeys)]meter
}

func (f *processFacts) ioRate(i int) model.Value {
	if f.io == nil {
		return model.Value{}
	}
	return f.io.perSecond[i]
}

func (f *processFacts) ifSeen(n float64) model.Value {
	if !f.seen {
		return model.Value{}
	}
	return model.Num(n)
}

func (f *processFacts) ifOwned(id uint32) model.Value {
	if !f.owned {
		return model.Value{}
	}
	return num(id)
}

func (f *processFacts) ifTree(n float64) model.Value {
	if !f.children.Present() {
		return model.Value{}
	}
	return model.Num(n)
}

func (f *processFacts) fdShare() model.Value {
	if !f.fds.Present() {
		return model.Value{}
	}
	return share(f.fds.Number(), f.fdLimit)
}

// read brings the facts up to date. It returns false if the process ended meanwhile.
func (p *process) read(v visit) bool {
	f := &p.facts
	if p.target.hidden {
		return true
	}
	sources := p.needed
	switch {
	case p.fresh:
		sources = sources&^(fromStat|fromStatus) | fromMemory
		p.fresh = false
	case v.now.Sub(p.liked) >= courtesy || v.now.Before(p.liked):
		sources |= fromStat | fromMemory
		p.liked = v.now
	}
	if sources&fromStat != 0 && !p.readStat(v) {
		return false
	}
	f.uptime = max(0, v.h.sinceBoot(v.now)-float64(p.target.start)/ticksPerSecond)
	if sources&fromFiles != 0 {
		f.readFiles(sources, v.now)
	}
	if sources&fromTree != 0 {
		if t, err := v.h.processes(v.asOf); err == nil {
			f.readTree(t, sources)
		}
	}
	if sources&fromMemory != 0 {
		total := v.h.memoryNow(v.now)
		f.memoryPercent = share(f.memory, total)
		f.treeShare = model.Value{}
		if f.children.Present() {
			f.treeShare = share(f.treeSize, total)
		}
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
	p.facts.takeStat(v.now, &st)
	return true
}

func (f *processFacts) takeStat(now time.Time, st *procStat) {
	f.seen = true
	f.ppid, f.threads = st.ppid, st.threads
	f.memory = float64(st.pages) * float64(pageSize)
	f.cpu = f.h.cpuShare(f.ticks.perSecond(now, float64(st.ticks)), st.threads)
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
		if f.io == nil {
			f.io = &ioRates{}
		}
		f.io.next(buf[:n], err == nil, now)
	}
	if sources&fromFDs != 0 {
		f.fds = model.Value{}
		if n, err := f.h.countOpen(f.pid); err == nil {
			f.fds = num(n)
		}
	}
	if sources&fromLimits != 0 {
		n, _ := readInto(dir+"/limits", buf[:])
		f.fdLimit = openFilesLimit(buf[:n])
	}
	if sources&fromSecurity != 0 {
		n, _ := readInto(dir+"/attr/current", buf[:])
		f.security = string(bytes.Trim(buf[:n], "\x00\n "))
	}
	if sources&fromLoad != 0 {
		f.loads = f.h.loads()
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

func (r *ioRates) next(text []byte, ok bool, now time.Time) {
	for i, key := range ioKeys {
		n, found := number(text, key)
		if !ok || !found {
			r.perSecond[i], r.meters[i] = model.Value{}, meter{}
			continue
		}
		r.perSecond[i] = r.meters[i].perSecond(now, float64(n))
	}
}

// openFilesLimit takes the smaller of soft and hard limit from /proc/PID/limits; 0 if there is none.
func openFilesLimit(limits []byte) float64 {
	line, _ := keyed(limits, "Max open files")
	out := 0.0
	for i, field := range bytes.Fields(line) {
		n, ok := parseUint(field)
		if i > 1 {
			break
		}
		if ok && (out == 0 || float64(n) < out) {
			out = float64(n)
		}
	}
	return out
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
