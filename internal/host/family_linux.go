package host

import (
	"cmp"
	"slices"
	"time"

	"orderly/internal/model"
)

// readTree sums up a process and its descendants. For people alone the table may be older than what rules are told.
func (p *process) readTree(v visit, sources source) {
	asOf := v.asOf
	if p.needed&fromTree == 0 {
		asOf = asOf.Add(-p.shown.tableAge(v))
	}
	if t, err := v.h.processes(asOf); err == nil {
		p.takeTree(t, sources)
	}
}

func (p *process) takeTree(t *table, sources source) {
	f := &p.facts
	f.children, f.treeFDs = model.Value{}, model.Value{}
	root, ok := t.find(f.pid)
	if !ok {
		f.treeCPU, p.meters.family = model.Value{}, family{}
		return
	}
	all := t.descendants(root)
	slices.Sort(all)
	f.children = num(len(all) - 1)
	pages, open := uint64(0), 0
	for _, i := range all {
		pages += t.procs[i].pages
		if sources&fromTreeFDs != 0 {
			n, _ := f.h.countOpen(t.procs[i].pid)
			open += n
		}
	}
	f.treeSize = float64(pages) * float64(pageSize)
	if sources&fromTreeFDs != 0 {
		f.treeFDs = num(open)
	}
	if before := &p.meters.family; before.members == nil || t.at.Sub(before.at) >= settle {
		f.treeCPU = f.h.treeCPU(before, t, all)
		before.take(t, all)
	}
}

// A family is what a process and its descendants had used of the processors at one moment, by pid. The table they were
// in is not kept for it: thousands of services would keep many of them.
type family struct {
	at      time.Time
	ticks   uint64   // after the start of the machine
	members []member // nil: there was no such moment yet
}

type member struct {
	pid          int
	start, ticks uint64
}

func (f *family) take(t *table, all []int) {
	f.at, f.ticks, f.members = t.at, t.ticks, f.members[:0]
	for _, i := range all {
		f.members = append(f.members, member{t.procs[i].pid, t.procs[i].start, t.procs[i].ticks})
	}
}

// grown is how many ticks a process used since. Of one that was not in the family, and yet was there, that is not known.
func (f *family) grown(p *procStat) uint64 {
	i, ok := slices.BinarySearchFunc(f.members, p.pid, func(m member, pid int) int { return cmp.Compare(m.pid, pid) })
	switch {
	case ok && f.members[i].start == p.start:
		return p.ticks - min(p.ticks, f.members[i].ticks)
	case p.start < f.ticks:
		return 0
	}
	return p.ticks
}

// treeCPU adds up what a family used until now, each process of the cores its threads could use, up to 100 per cent.
func (m *machine) treeCPU(before *family, now *table, all []int) model.Value {
	if before.members == nil {
		return model.Value{}
	}
	seconds := now.at.Sub(before.at).Seconds()
	sum := 0.0
	for _, i := range all {
		p := &now.procs[i]
		sum += m.cpuShare(model.Num(float64(before.grown(p))/seconds), p.threads).Number()
	}
	return capped(model.Num(sum))
}
