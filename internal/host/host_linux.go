package host

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// machine is the part of a Host that differs from system to system.
type machine struct {
	root      string // of /proc and /sys, without a slash at its end
	live      bool   // root is the running machine
	cpus      int
	exits     exits
	mounts    mountTable
	snapshots snapshots
	clock     atomic.Pointer[bootClock]
	memory    atomic.Pointer[memorySize]
	spare     allowance    // for what nobody asked for
	looking   patience     // of those who want to know the condition of the whole
	audience  atomic.Int64 // when somebody looked last, in nanoseconds since 1970

	mu      sync.Mutex
	watches map[string]*watch
}

func (m *machine) open(o Options) {
	m.root = strings.TrimRight(o.Root, "/")
	m.live = m.root == ""
	m.watches = map[string]*watch{}
	m.exits.limit = raiseFileLimit()
	m.exits.onExit = o.OnExit
	m.mounts.fd = -1
	m.cpus = m.countCPUs()
}

func (m *machine) close() error {
	m.mu.Lock()
	var names []string
	for name := range m.watches {
		names = append(names, name)
	}
	m.mu.Unlock()
	for _, name := range names {
		m.forget(name)
	}
	m.mounts.close()
	return m.exits.close()
}

// raiseFileLimit allows as many open files as the system permits and returns how many that are.
func raiseFileLimit() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	if limit.Cur < limit.Max { // the runtime usually did it already, and then gives children the old limit back
		raised := unix.Rlimit{Cur: limit.Max, Max: limit.Max}
		if unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
			limit = raised
		}
	}
	return int(min(limit.Cur, 1<<30))
}

// A subject measures one service and keeps what it needs to know the next time.
type subject interface {
	// learn is told the service: at first, and when its rules have changed.
	learn(s *model.Service) error
	// measure adds readings to the sample.
	measure(v visit, out *model.Sample) error
	// release lets go of what the subject holds of the system.
	release()
}

// A visit is one measurement of one service.
type visit struct {
	ctx   context.Context
	h     *machine
	w     *watch
	pid   int            // of a unit, as its init system tells it
	asOf  time.Time      // what is shared must be at least as new
	now   time.Time      // when it is done
	pace  time.Duration  // how long what is only shown is good for
	since model.Bookmark // of the visit before
}

// A watch is what is kept of one service between its measurements.
type watch struct {
	name      string
	forgotten atomic.Bool
	patience  patience // of measurements
	asking    patience // of find
	late      atomic.Pointer[epitaph]

	mu      sync.Mutex // guards the rest; held while the service is measured
	spec    *model.Service
	probes  []*model.Probe
	subject subject
	place   place
}

// samples are those under way: handed to a subject, they would be allocated anew each time.
var samples = sync.Pool{New: func() any { return new(model.Sample) }}

func (m *machine) watch(name string) *watch {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.watches[name]
	if w == nil {
		w = &watch{name: name}
		m.watches[name] = w
	}
	return w
}

func (m *machine) forget(name string) {
	m.mu.Lock()
	w := m.watches[name]
	delete(m.watches, name)
	m.mu.Unlock()
	if w != nil {
		w.forgotten.Store(true)
		w.reap()
	}
}

// reap releases a forgotten watch unless it is being measured: then the end of that does it.
func (w *watch) reap() {
	if w.forgotten.Load() && w.mu.TryLock() {
		if w.subject != nil {
			w.subject.release()
			w.subject, w.spec = nil, nil
		}
		w.mu.Unlock()
	}
}

func (m *machine) measure(ctx context.Context, s *model.Service, pid int, asOf, now time.Time, b model.Bookmark) (model.Sample, error) {
	w := m.watch(s.Name)
	defer w.reap()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.learn(s); err != nil {
		return model.Sample{}, err
	}
	out := samples.Get().(*model.Sample)
	defer func() {
		*out = model.Sample{} // what it held belongs to the caller
		samples.Put(out)
	}()
	*out = model.Sample{At: now, Bookmark: b}
	if len(w.probes) > 0 {
		out.Probes = make([]model.Result, len(w.probes))
		for i := range out.Probes {
			out.Probes[i].Skipped = true
		}
	}
	v := visit{ctx: ctx, h: m, w: w, pid: pid, asOf: asOf, now: now, pace: m.pace(now), since: b}
	if err := w.subject.measure(v, out); err != nil {
		return model.Sample{}, err
	}
	return *out, nil
}

// learn takes a new definition of the service. What was measured so far stays while the subject is the same.
func (w *watch) learn(s *model.Service) error {
	if w.spec == s {
		return nil
	}
	if w.spec == nil || w.spec.Kind != s.Kind || w.spec.Subject != s.Subject {
		if w.subject != nil {
			w.subject.release()
		}
		w.spec, w.place = nil, place{}
		w.late.Store(nil)
		w.subject = newSubject(s.Kind)
	}
	if w.subject == nil {
		return fmt.Errorf("cannot measure %s: nothing on this host is of kind %q", s.Name, s.Kind)
	}
	if err := w.subject.learn(s); err != nil {
		return err
	}
	w.spec, w.probes = s, s.Probes()
	return nil
}

func newSubject(k model.Kind) subject {
	switch k {
	case model.KindProcess, model.KindUnit:
		return &process{}
	case model.KindFile, model.KindDirectory, model.KindFifo:
		return &file{}
	case model.KindFilesystem:
		return &filesystem{}
	case model.KindSystem:
		return &system{}
	case model.KindNetwork:
		return &network{}
	}
	return nil
}

// proc is the path of a file below /proc.
func (m *machine) proc(name string) string { return m.root + "/proc/" + name }

func (m *machine) bootID() string {
	id, err := readSome(m.proc("sys/kernel/random/boot_id"), 128)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

func (m *machine) hostname() string {
	if name, err := readSome(m.proc("sys/kernel/hostname"), 256); err == nil {
		if name := strings.TrimSpace(string(name)); name != "" {
			return name
		}
	}
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

func (m *machine) memoryTotal() uint64 {
	text, err := readSome(m.proc("meminfo"), 16<<10)
	if err != nil {
		return 0
	}
	kilobytes, _ := number(text, "MemTotal:")
	return kilobytes << 10
}

func (m *machine) filesystems() ([]string, error) {
	mounts, _, err := m.mountsNow(time.Now())
	if err != nil {
		return nil, err
	}
	return dataMounts(mounts), nil
}

// countCPUs counts the processors the machine runs on.
func (m *machine) countCPUs() int {
	text, err := readSome(m.proc("stat"), 256<<10)
	n := 0
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if len(line) > 3 && line[:3] == "cpu" && line[3] >= '0' && line[3] <= '9' {
				n++
			}
		}
	}
	if n == 0 {
		return runtime.NumCPU()
	}
	return n
}

// resolve follows symbolic links as far as a path exists.
func resolve(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return filepath.Clean(name)
}
