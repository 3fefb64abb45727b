package host

import (
	"cmp"

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
	fromCores
)

// fromFiles are the sources that readFiles reads.
const fromFiles = fromStatus | fromIO | fromFDs | fromLimits | fromSecurity | fromLoad

// fromShown are the sources of what is shown.
const fromShown = fromStat | fromStatus | fromIO | fromFDs | fromLimits | fromSecurity | fromTree | fromTreeFDs | fromMemory

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

	cpu       model.Value
	cores     *[4]meter // in programs and in the kernel, then of ended children; nil: no rule needs them
	io        *ioCounts // nil: not read
	fds       model.Value
	fdSoft    float64 // 0: no limit
	fdHard    float64 // 0: no limit
	security  string
	loads     *[3]model.Value // nil: no rule needs it
	children  model.Value
	treeCPU   model.Value
	treeSize  float64
	treeShare model.Value
	treeFDs   model.Value
}

// likedOfProcess costs nothing to know of a process that lives.
var likedOfProcess = []model.Metric{model.Zombie, model.PID, model.Uptime}

// likedOfUnit is what Inspeqtor measures of every service, from one file. It is read at each check, because statistics of
// its cycles are kept elsewhere.
var likedOfUnit = append([]model.Metric{
	model.Memory, model.CoresUser, model.CoresSystem, model.CoresUserEnded, model.CoresSysEnded,
}, likedOfProcess...)

// shownOfProcess is what the details of a process have.
var shownOfProcess = takers([]model.Metric{
	model.PPID, model.UID, model.EUID, model.GID, model.Threads, model.Children, model.CPU, model.CPUTotal,
	model.Memory, model.MemoryPercent, model.MemTotal, model.MemTotalPercent, model.Security,
	model.FDs, model.FDsLimit, model.FDsLimitHard, model.FDsTotal,
	model.ReadBytes, model.ReadBytesTotal, model.DiskReadBytes, model.DiskReadBytesTotal,
	model.DiskReadOps, model.DiskReadOpsTotal, model.WriteBytes, model.WriteBytesTotal,
	model.DiskWriteBytes, model.DiskWriteBytesTotal, model.DiskWriteOps, model.DiskWriteOpsTotal,
}, processReaders)

// Readings implements model.Details.
func (f *processFacts) Readings() model.Readings {
	return appendTo(make(model.Readings, 0, len(shownOfProcess)), shownOfProcess, f)
}

var processReaders = map[model.Metric]reader[processFacts]{
	model.Zombie:              {0, func(*processFacts) model.Value { return model.Bool(false) }},
	model.PID:                 {0, func(f *processFacts) model.Value { return num(f.pid) }},
	model.PPID:                {fromStat, func(f *processFacts) model.Value { return f.ifSeen(float64(f.ppid)) }},
	model.Uptime:              {0, func(f *processFacts) model.Value { return f.ifSeen(f.uptime) }},
	model.Threads:             {fromStat, func(f *processFacts) model.Value { return f.ifSeen(float64(f.threads)) }},
	model.CPU:                 {fromStat, func(f *processFacts) model.Value { return f.cpu }},
	model.CoresUser:           {fromStat | fromCores, func(f *processFacts) model.Value { return f.used(0) }},
	model.CoresSystem:         {fromStat | fromCores, func(f *processFacts) model.Value { return f.used(1) }},
	model.CoresUserEnded:      {fromStat | fromCores, func(f *processFacts) model.Value { return f.used(2) }},
	model.CoresSysEnded:       {fromStat | fromCores, func(f *processFacts) model.Value { return f.used(3) }},
	model.Memory:              {fromStat, func(f *processFacts) model.Value { return f.ifSeen(f.memory) }},
	model.MemoryPercent:       {fromStat | fromMemory, func(f *processFacts) model.Value { return f.memoryPercent }},
	model.UID:                 {fromStatus, func(f *processFacts) model.Value { return f.ifOwned(f.uid) }},
	model.EUID:                {fromStatus, func(f *processFacts) model.Value { return f.ifOwned(f.euid) }},
	model.GID:                 {fromStatus, func(f *processFacts) model.Value { return f.ifOwned(f.gid) }},
	model.ReadBytes:           {fromIO, func(f *processFacts) model.Value { return f.io.rate(0) }},
	model.WriteBytes:          {fromIO, func(f *processFacts) model.Value { return f.io.rate(1) }},
	model.DiskReadOps:         {fromIO, func(f *processFacts) model.Value { return f.io.rate(2) }},
	model.DiskWriteOps:        {fromIO, func(f *processFacts) model.Value { return f.io.rate(3) }},
	model.DiskReadBytes:       {fromIO, func(f *processFacts) model.Value { return f.io.rate(4) }},
	model.DiskWriteBytes:      {fromIO, func(f *processFacts) model.Value { return f.io.rate(5) }},
	model.ReadBytesTotal:      {fromIO, func(f *processFacts) model.Value { return f.io.total(0) }},
	model.WriteBytesTotal:     {fromIO, func(f *processFacts) model.Value { return f.io.total(1) }},
	model.DiskReadOpsTotal:    {fromIO, func(f *processFacts) model.Value { return f.io.total(2) }},
	model.DiskWriteOpsTotal:   {fromIO, func(f *processFacts) model.Value { return f.io.total(3) }},
	model.DiskReadBytesTotal:  {fromIO, func(f *processFacts) model.Value { return f.io.total(4) }},
	model.DiskWriteBytesTotal: {fromIO, func(f *processFacts) model.Value { return f.io.total(5) }},
	model.FDsLimit:            {fromLimits, func(f *processFacts) model.Value { return limit(f.fdSoft) }},
	model.FDsLimitHard:        {fromLimits, func(f *processFacts) model.Value { return limit(f.fdHard) }},
	model.FDs:                 {fromFDs, func(f *processFacts) model.Value { return f.fds }},
	model.FDsPercent:          {fromFDs | fromLimits, (*processFacts).fdShare},
	model.FDsTotal:            {fromTree | fromTreeFDs, func(f *processFacts) model.Value { return f.treeFDs }},
	model.Security:            {fromSecurity, func(f *processFacts) model.Value { return word(f.security) }},
	model.Children:            {fromTree, func(f *processFacts) model.Value { return f.children }},
	model.CPUTotal:            {fromTree, func(f *processFacts) model.Value { return f.treeCPU }},
	model.MemTotal:            {fromTree, func(f *processFacts) model.Value { return f.ifTree(f.treeSize) }},
	model.MemTotalPercent:     {fromTree | fromMemory, func(f *processFacts) model.Value { return f.treeShare }},
	model.Load1:               {fromLoad, func(f *processFacts) model.Value { return f.load(0) }},
	model.Load5:               {fromLoad, func(f *processFacts) model.Value { return f.load(1) }},
	model.Load15:              {fromLoad, func(f *processFacts) model.Value { return f.load(2) }},
	model.Load1Core:           {fromLoad, func(f *processFacts) model.Value { return f.h.perCore(f.load(0)) }},
	model.Load5Core:           {fromLoad, func(f *processFacts) model.Value { return f.h.perCore(f.load(1)) }},
	model.Load15Core:          {fromLoad, func(f *processFacts) model.Value { return f.h.perCore(f.load(2)) }},
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
	return share(f.fds.Number(), cmp.Or(f.fdSoft, f.fdHard))
}

func (f *processFacts) used(i int) model.Value {
	if f.cores == nil {
		return model.Value{}
	}
	return f.cores[i].last
}

func (f *processFacts) load(i int) model.Value {
	if f.loads == nil {
		return model.Value{}
	}
	return f.loads[i]
}

// limit is absent where there is none.
func limit(n float64) model.Value {
	if n == 0 {
		return model.Value{}
	}
	return model.Num(n)
}
