package host

import (
	"context"
	"math"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

func (m *machine) condition(ctx context.Context) (Condition, error) {
	return await(ctx, &m.looking, "this machine", func() (Condition, error) {
		out := Condition{CPUs: m.cpus}
		for i, load := range m.loads() {
			out.Load[i] = load.Number()
		}
		m.conditionOfMemory(&out)
		m.conditionOfFilesystems(&out)
		out.Killed = m.killedLately()
		return out, m.conditionOfProcesses(ctx, &out)
	})
}

func (m *machine) conditionOfMemory(out *Condition) {
	text, err := readSome(m.proc("meminfo"), 16<<10)
	if err != nil {
		return
	}
	bytesOf := func(name string) float64 {
		kilobytes, _ := number(text, name)
		return float64(kilobytes << 10)
	}
	out.Memory, out.MemoryFree = bytesOf("MemTotal:"), bytesOf("MemAvailable:")
	out.Swap, out.SwapFree = bytesOf("SwapTotal:"), bytesOf("SwapFree:")
}

func (m *machine) conditionOfFilesystems(out *Condition) {
	points, err := m.filesystems()
	if err != nil || !m.live { // the filesystems of a recorded machine are not here
		return
	}
	for _, point := range points {
		u, err := usageOf(point)
		if err != nil || len(out.Full) == maxFull {
			continue
		}
		f := Fullness{
			Point: point, Space: share(u.used(), u.used()+u.available).Number(),
			Inodes: share(u.inodes-u.inodesFree, u.inodes).Number(),
		}
		if max(f.Space, f.Inodes) >= fullFrom {
			out.Full = append(out.Full, f)
		}
	}
}

// conditionOfProcesses compares two tables of them.
func (m *machine) conditionOfProcesses(ctx context.Context, out *Condition) error {
	before, err := m.processes(time.Now())
	if err != nil {
		return err
	}
	pause := time.NewTimer(observing)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := m.processes(time.Now())
	if err != nil {
		return err
	}
	all := consumersOf(before, after)
	out.Processes = len(after.procs)
	out.Busiest = top(all, func(c Consumer) float64 { return c.CPU })
	out.Largest = top(all, func(c Consumer) float64 { return c.Memory })
	return nil
}

// consumersOf is what each process of a table has, and what it used since the one before.
func consumersOf(before, after *table) []Consumer {
	span := after.at.Sub(before.at).Seconds()
	page := float64(unix.Getpagesize())
	out := make([]Consumer, 0, len(after.procs))
	for i := range after.procs {
		p := &after.procs[i]
		c := Consumer{PID: p.pid, Name: p.name, Memory: float64(p.pages) * page}
		old, known := before.find(p.pid)
		if known && before.procs[old].start == p.start && p.ticks > before.procs[old].ticks && span > 0 {
			c.CPU = math.Round(100 * float64(p.ticks-before.procs[old].ticks) / ticksPerSecond / span)
		}
		out = append(out, c)
	}
	return slices.Clip(out)
}

// Bounds of the kernel's log. Who reads it gets one record at a time.
const (
	kernelRecord  = 8 << 10
	kernelRecords = 20_000
	kernelBytes   = 64 << 10 // of what tells of processes that were killed
)

// killedLately looks into the kernel's log, where that may be read.
func (m *machine) killedLately() []string {
	fd, err := openFile(m.root + "/dev/kmsg")
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	var log []byte
	buf := make([]byte, kernelRecord)
	for range kernelRecords {
		n, err := uninterrupted(func() (int, error) { return unix.Read(fd, buf) })
		if err == unix.EPIPE { // the record was overwritten meanwhile
			continue
		}
		if err != nil || n <= 0 || len(log) >= kernelBytes { // there is no more now: it is read without waiting
			break
		}
		if killedLine.Match(buf[:n]) {
			log = append(log, buf[:n]...)
		}
	}
	return killed(log, time.Duration(m.sinceBoot(time.Now())*float64(time.Second)))
}
