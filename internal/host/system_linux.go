package host

import (
	"fmt"
	"math"
	"time"

	"orderly/internal/model"
)

// What is read of the machine as a whole.
const (
	fromCPU source = 1 << iota
	fromMeminfo
	fromLoadavg
	fromFileNr
	fromVMStat
	fromBoot
)

// system measures the machine as a whole.
type system struct {
	list   []taker[systemFacts]
	needed source
	facts  systemFacts
	shown  shown
}

type systemFacts struct {
	h      *machine
	uptime float64
	loads  [3]model.Value
	cpu    cpuKinds

	memoryUsed, memoryTotal float64
	swapUsed, swapTotal     float64
	hasMemory               bool

	filesOpen, filesUnused, filesMax float64
	hasFiles                         bool

	boot float64 // seconds since 1970; 0: not known

	pageIn, pageOut   meter
	pagesIn, pagesOut model.Value
}

var likedOfSystem = []model.Metric{
	model.Uptime, model.BootTime, model.Load1, model.Load5, model.Load15, model.CPU, model.CPUUser, model.CPUSystem,
	model.CPUNice, model.CPUWait, model.CPUHardIRQ, model.CPUSoftIRQ, model.CPUSteal, model.CPUGuest, model.CPUGuestNice,
	model.Cores, model.CoresUser, model.CoresSystem, model.CoresWait, model.CoresSteal,
	model.Memory, model.MemoryPercent, model.Swap, model.SwapPercent, model.PageIn, model.PageOut,
	model.FDs, model.FDsUnused, model.FDsLimit,
}

var systemReaders = map[model.Metric]reader[systemFacts]{
	model.Uptime:     {0, func(f *systemFacts) model.Value { return model.Num(f.uptime) }},
	model.Load1:      {fromLoadavg, func(f *systemFacts) model.Value { return f.loads[0] }},
	model.Load5:      {fromLoadavg, func(f *systemFacts) model.Value { return f.loads[1] }},
	model.Load15:     {fromLoadavg, func(f *systemFacts) model.Value { return f.loads[2] }},
	model.Load1Core:  {fromLoadavg, func(f *systemFacts) model.Value { return f.h.perCore(f.loads[0]) }},
	model.Load5Core:  {fromLoadavg, func(f *systemFacts) model.Value { return f.h.perCore(f.loads[1]) }},
	model.Load15Core: {fromLoadavg, func(f *systemFacts) model.Value { return f.h.perCore(f.loads[2]) }},
	model.CPU:        {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuUser, cpuSystem) }},
	model.CPUUser:    {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuUser) }},
	model.CPUNice:    {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuNice) }},
	model.CPUSystem:  {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuSystem) }},
	model.CPUWait:    {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuWait) }},
	model.CPUHardIRQ: {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuHardIRQ) }},
	model.CPUSoftIRQ: {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuSoftIRQ) }},
	model.CPUSteal:   {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuSteal) }},
	model.CPUGuest:   {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuGuest) }},
	model.Cores: {fromCPU, func(f *systemFacts) model.Value {
		return f.cores(cpuUser, cpuNice, cpuSystem, cpuWait, cpuHardIRQ, cpuSoftIRQ, cpuSteal, cpuGuest, cpuGuestNice)
	}},
	model.CoresUser:     {fromCPU, func(f *systemFacts) model.Value { return f.cores(cpuUser, cpuGuest) }},
	model.CoresSystem:   {fromCPU, func(f *systemFacts) model.Value { return f.cores(cpuSystem) }},
	model.CoresWait:     {fromCPU, func(f *systemFacts) model.Value { return f.cores(cpuWait) }},
	model.CoresSteal:    {fromCPU, func(f *systemFacts) model.Value { return f.cores(cpuSteal) }},
	model.CPUGuestNice:  {fromCPU, func(f *systemFacts) model.Value { return f.cpu.share(cpuGuestNice) }},
	model.Memory:        {fromMeminfo, func(f *systemFacts) model.Value { return f.ifMemory(f.memoryUsed) }},
	model.MemoryPercent: {fromMeminfo, func(f *systemFacts) model.Value { return share(f.memoryUsed, f.memoryTotal) }},
	model.Swap:          {fromMeminfo, func(f *systemFacts) model.Value { return f.ifMemory(f.swapUsed) }},
	model.SwapPercent:   {fromMeminfo, (*systemFacts).swapShare},
	model.BootTime:      {fromBoot, (*systemFacts).ifBoot},
	model.FDs:           {fromFileNr, func(f *systemFacts) model.Value { return f.ifFiles(f.filesOpen) }},
	model.FDsUnused:     {fromFileNr, func(f *systemFacts) model.Value { return f.ifFiles(f.filesUnused) }},
	model.FDsLimit:      {fromFileNr, (*systemFacts).fileLimit},
	model.FDsPercent:    {fromFileNr, func(f *systemFacts) model.Value { return share(f.filesOpen, f.filesMax) }},
	model.PageIn:        {fromVMStat, func(f *systemFacts) model.Value { return f.pagesIn }},
	model.PageOut:       {fromVMStat, func(f *systemFacts) model.Value { return f.pagesOut }},
}

// cores is the time that some kinds took, in per cent of one processor.
func (f *systemFacts) cores(kinds ...int) model.Value {
	v := f.cpu.share(kinds...)
	if !v.Present() {
		return v
	}
	return model.Num(v.Number() * float64(max(f.h.cpus, 1)))
}

func (f *systemFacts) ifMemory(n float64) model.Value {
	if !f.hasMemory {
		return model.Value{}
	}
	return model.Num(n)
}

// swapShare is 0 where there is no swap space: nothing of it is used.
func (f *systemFacts) swapShare() model.Value {
	if f.swapTotal == 0 {
		return f.ifMemory(0)
	}
	return share(f.swapUsed, f.swapTotal)
}

func (f *systemFacts) ifFiles(n float64) model.Value {
	if !f.hasFiles {
		return model.Value{}
	}
	return model.Num(n)
}

// fileLimit is absent where the limit is the largest number that the kernel can write: that is none.
func (f *systemFacts) fileLimit() model.Value {
	if f.filesMax >= math.MaxInt64 {
		return model.Value{}
	}
	return f.ifFiles(f.filesMax)
}

func (f *systemFacts) ifBoot() model.Value {
	if f.boot == 0 {
		return model.Value{}
	}
	return model.Num(f.boot)
}

func (s *system) learn(service *model.Service) error {
	s.list, s.needed = wanted(service, likedOfSystem, systemReaders)
	s.needed |= fromCPU | fromMeminfo | fromLoadavg
	return nil
}

func (s *system) release() {}

func (s *system) measure(v visit, out *model.Sample) error {
	f := &s.facts
	f.h = v.h
	f.uptime = v.h.uptime()
	f.loads = v.h.loads()
	if err := f.readCPU(v); err != nil {
		return err
	}
	if err := f.readMemory(v); err != nil {
		return err
	}
	sources := s.needed
	if s.shown.due(v) {
		sources |= fromFileNr | fromVMStat | fromBoot
	}
	if sources&fromFileNr != 0 {
		f.readFiles(v)
	}
	if sources&fromVMStat != 0 {
		f.readPaging(v)
	}
	if sources&fromBoot != 0 {
		f.readBoot(v)
	}
	out.Readings = take(s.list, f)
	return nil
}

func (f *systemFacts) readCPU(v visit) error {
	text, err := readSome(v.h.proc("stat"), 4<<10) // the sum of all processors comes first
	if err != nil {
		return fmt.Errorf("cannot read processor times: %w", err)
	}
	if line, ok := keyed(text, "cpu "); ok {
		f.cpu.next(v.now, line)
	}
	return nil
}

// readMemory takes as used what programs cannot have.
func (f *systemFacts) readMemory(v visit) error {
	text, err := readSome(v.h.proc("meminfo"), 16<<10)
	if err != nil {
		return fmt.Errorf("cannot read the use of memory: %w", err)
	}
	kilobytes := func(key string) float64 {
		n, _ := number(text, key)
		return float64(n << 10)
	}
	available, ok := number(text, "MemAvailable:")
	free := float64(available << 10)
	if !ok { // kernels before 3.14
		free = kilobytes("MemFree:") + kilobytes("Buffers:") + kilobytes("Cached:") + kilobytes("SReclaimable:")
	}
	f.memoryTotal = kilobytes("MemTotal:")
	f.memoryUsed = max(0, f.memoryTotal-free)
	f.swapTotal = kilobytes("SwapTotal:")
	f.swapUsed = max(0, f.swapTotal-kilobytes("SwapFree:"))
	f.hasMemory = f.memoryTotal > 0
	return nil
}

func (f *systemFacts) readFiles(v visit) {
	var n [3]uint64 // open, open but unused, allowed
	text, err := readSome(v.h.proc("sys/fs/file-nr"), 128)
	f.hasFiles = err == nil && counters(text, n[:]) == len(n)
	f.filesOpen, f.filesUnused, f.filesMax = float64(n[0]), float64(n[1]), float64(n[2])
}

// readBoot reads when the machine was started, which stands after the lines of all processors and interrupts.
func (f *systemFacts) readBoot(v visit) {
	text, err := readSome(v.h.proc("stat"), 1<<20)
	if seconds, ok := number(text, "btime "); err == nil && ok {
		f.boot = float64(seconds)
	}
}

// readPaging reads what was moved between memory and disks, which the kernel counts in kilobytes.
func (f *systemFacts) readPaging(v visit) {
	text, err := readSome(v.h.proc("vmstat"), 64<<10)
	pages := func(key string, m *meter) model.Value {
		kilobytes, ok := number(text, key)
		if err != nil || !ok {
			return model.Value{}
		}
		return m.perSecond(v.now, float64(kilobytes<<10)/float64(pageSize))
	}
	f.pagesIn, f.pagesOut = pages("pgpgin ", &f.pageIn), pages("pgpgout ", &f.pageOut)
}

// The columns of the cpu line in /proc/stat.
const (
	cpuUser = iota
	cpuNice
	cpuSystem
	cpuIdle
	cpuWait
	cpuHardIRQ
	cpuSoftIRQ
	cpuSteal
	cpuGuest
	cpuGuestNice
	cpuColumns
)

// cpuKinds tells what processors spent their time with between two readings.
type cpuKinds struct {
	at      time.Time
	columns int // that the kernel has
	count   [cpuColumns]uint64
	spent   [cpuColumns]float64
	total   float64 // 0: there were no two readings
}

// next takes a line of counts. Time of guests is within that of user and nice, and is taken out of them.
func (k *cpuKinds) next(now time.Time, line []byte) {
	if passed := now.Sub(k.at); !k.at.IsZero() && passed >= 0 && passed < settle {
		return
	}
	var count [cpuColumns]uint64
	columns := counters(line, count[:])
	first := k.at.IsZero() || columns != k.columns
	before := k.count
	k.at, k.columns, k.count, k.total = now, columns, count, 0
	if first {
		return
	}
	for i := range count {
		k.spent[i] = 0
		if count[i] > before[i] { // idle and wait may go back a little
			k.spent[i] = float64(count[i] - before[i])
		}
	}
	k.spent[cpuUser] = max(0, k.spent[cpuUser]-k.spent[cpuGuest])
	k.spent[cpuNice] = max(0, k.spent[cpuNice]-k.spent[cpuGuestNice])
	for _, spent := range k.spent {
		k.total += spent
	}
}

// share is the part of all time that some kinds took, in per cent; absent at first, and for kinds the kernel lacks.
func (k *cpuKinds) share(kinds ...int) model.Value {
	sum := 0.0
	for _, kind := range kinds {
		if kind >= k.columns {
			return model.Value{}
		}
		sum += k.spent[kind]
	}
	return share(sum, k.total)
}
