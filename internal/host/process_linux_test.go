package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// rules makes one rule of each metric.
func rules(metrics ...model.Metric) []model.Rule {
	var out []model.Rule
	for _, m := range metrics {
		out = append(out, model.Rule{Metric: m})
	}
	return out
}

func open(t testing.TB, o Options) *Host {
	t.Helper()
	h := New(o)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

// measure measures now, and fails the test if that cannot be done. Details are among the readings.
func measure(t testing.TB, h *Host, s *model.Service) model.Sample {
	t.Helper()
	sample, err := h.Measure(context.Background(), s, time.Now(), model.Bookmark{})
	if err != nil {
		t.Fatalf("measure %s: %v", s.Name, err)
	}
	sample.Readings = sample.All()
	return sample
}

func exist(t testing.TB, h *Host, s *model.Service) bool {
	t.Helper()
	v := measure(t, h, s).Readings.Get(model.Exist)
	if !v.Present() {
		t.Fatalf("%s: no reading of existence", s.Name)
	}
	return v.Number() == 1
}

// sleeper starts a process that does nothing; it is ended with the test.
func sleeper(t testing.TB) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

func writePID(t testing.TB, path string, pid int) {
	t.Helper()
	if err := os.WriteFile(path, []byte(strconv.Itoa(pid)+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func byPidfile(path string, metrics ...model.Metric) *model.Service {
	return &model.Service{Name: "web", Kind: model.KindProcess, Subject: model.Subject{Pidfile: path}, Rules: rules(metrics...)}
}

type ended struct {
	service string
	pid     int
}

// listen opens a host whose exits arrive in the channel.
func listen(t testing.TB) (*Host, chan ended) {
	exits := make(chan ended, 16)
	return open(t, Options{OnExit: func(service string, pid int) { exits <- ended{service, pid} }}), exits
}

func TestOwnProcess(t *testing.T) {
	h := open(t, Options{})
	path := filepath.Join(t.TempDir(), "pid")
	writePID(t, path, os.Getpid())
	s := byPidfile(path, model.CPU, model.FDs, model.FDsPercent, model.Children, model.MemTotal, model.MemTotalPercent,
		model.FDsTotal, model.UID, model.ReadBytes, model.Load1, model.Load1Core, model.CPUTotal)
	got := measure(t, h, s).Readings
	for m, want := range map[model.Metric]float64{
		model.Exist: 1, model.Zombie: 0, model.PID: float64(os.Getpid()), model.PPID: float64(os.Getppid()),
		model.UID: float64(os.Getuid()), model.EUID: float64(os.Geteuid()), model.GID: float64(os.Getgid()),
	} {
		if v := got.Get(m); !v.Present() || v.Number() != want {
			t.Errorf("%s is %v (present %v), want %v", m, v.Number(), v.Present(), want)
		}
	}
	for _, m := range []model.Metric{model.Memory, model.MemoryPercent, model.Threads, model.FDs, model.FDsPercent, model.FDsTotal, model.MemTotal, model.MemTotalPercent} {
		if got.Get(m).Number() <= 0 {
			t.Errorf("%s is %v, want more", m, got.Get(m))
		}
	}
	if total, own := got.Get(model.MemTotal).Number(), got.Get(model.Memory).Number(); total < own/2 {
		t.Errorf("with descendants %v bytes, alone %v", total, own)
	}
	for _, m := range []model.Metric{model.CPU, model.CPUTotal, model.ReadBytes} {
		if got.Get(m).Present() {
			t.Errorf("%s is there at the first reading", m)
		}
	}
	if up := got.Get(model.Uptime).Number(); up < 0 || up > 3600 {
		t.Errorf("uptime %v", up)
	}
}

func TestExitIsTold(t *testing.T) {
	h, exits := listen(t)
	path := filepath.Join(t.TempDir(), "pid")
	child := sleeper(t)
	writePID(t, path, child.Process.Pid)
	s := byPidfile(path)
	if !exist(t, h, s) {
		t.Fatal("a living process does not exist")
	}
	if pid, ok := h.Find(s); !ok || pid != child.Process.Pid {
		t.Fatalf("find: %d, %v", pid, ok)
	}
	_ = child.Process.Kill()
	if got, want := <-exits, (ended{"web", child.Process.Pid}); got != want {
		t.Fatalf("told %v, want %v", got, want)
	}

	// Its parent has not looked yet: it is a zombie, which does not exist and is not watched.
	got := measure(t, h, s).Readings
	if got.Get(model.Exist).Number() != 0 || got.Get(model.Zombie).Number() != 1 {
		t.Errorf("a zombie: %v", got)
	}
	if _, ok := h.Find(s); ok {
		t.Error("find takes a zombie for alive")
	}
	if len(exits) != 0 {
		t.Error("the end of a zombie was told")
	}
	_ = child.Wait()
	got = measure(t, h, s).Readings
	if len(got) != 1 || got.Get(model.Exist).Number() != 0 {
		t.Errorf("after it was reaped: %v", got)
	}
}

func TestPidfileNamesAnother(t *testing.T) {
	h, exits := listen(t)
	path := filepath.Join(t.TempDir(), "pid")
	first, second := sleeper(t), sleeper(t)
	writePID(t, path, first.Process.Pid)
	s := byPidfile(path)
	pid := func() float64 { return measure(t, h, s).Readings.Get(model.PID).Number() }
	if got := pid(); got != float64(first.Process.Pid) {
		t.Fatalf("pid %v, want %d", got, first.Process.Pid)
	}
	writePID(t, path, second.Process.Pid)
	if got := pid(); got != float64(second.Process.Pid) {
		t.Fatalf("pid %v, want %d", got, second.Process.Pid)
	}
	_ = first.Process.Kill()
	_ = first.Wait()
	_ = second.Process.Kill()
	if got := <-exits; got.pid != second.Process.Pid {
		t.Errorf("told the end of %d, want only %d", got.pid, second.Process.Pid)
	}
}

func TestForgetDropsTheProcess(t *testing.T) {
	h, exits := listen(t)
	path := filepath.Join(t.TempDir(), "pid")
	child, other := sleeper(t), sleeper(t)
	writePID(t, path, child.Process.Pid)
	s := byPidfile(path, model.CPU)
	exist(t, h, s)
	h.Forget("web")
	h.Forget("nobody")

	writePID(t, path+"2", other.Process.Pid)
	o := byPidfile(path + "2")
	o.Name = "other"
	exist(t, h, o)
	_ = child.Process.Kill()
	_ = child.Wait()
	_ = other.Process.Kill()
	if got := <-exits; got.service != "other" {
		t.Errorf("told %v after it was forgotten", got)
	}
}

func TestHostilePidfiles(t *testing.T) {
	h := open(t, Options{})
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		if err := os.WriteFile(path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("empty", "")
	write("garbage", "\x00\xff\xfe nonsense")
	write("negative", "-1")
	write("zero", "0\n")
	write("everyone", "4194304")
	write("long", "99999999999999999999")
	if err := unix.Mkfifo(path("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop", path("loop")); err != nil {
		t.Fatal(err)
	}
	huge, err := os.Create(path("huge"))
	if err != nil {
		t.Fatal(err)
	}
	if err := huge.Truncate(1 << 40); err != nil {
		t.Logf("no sparse file here: %v", err)
	}
	_ = huge.Close()
	for _, name := range []string{"missing", "empty", "garbage", "negative", "zero", "everyone", "long", "fifo", "loop", "huge", ".", "empty/below"} {
		s := byPidfile(path(name))
		s.Name = name
		for range 2 {
			if exist(t, h, s) {
				t.Errorf("%s: a process exists", name)
			}
			if pid, ok := h.Find(s); ok {
				t.Errorf("%s: found %d", name, pid)
			}
		}
	}
	s := byPidfile("/dev/zero")
	if exist(t, h, s) {
		t.Error("a process is named by /dev/zero")
	}
}

func TestUnreadablePidfileIsUnknown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	if err := os.Mkdir(filepath.Join(filepath.Dir(path), "closed"), 0); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		path = "/proc/self/mem" // nobody reads its begin
	} else {
		path = filepath.Join(filepath.Dir(path), "closed", "pid")
	}
	h := open(t, Options{})
	if _, err := h.Measure(t.Context(), byPidfile(path), time.Now(), model.Bookmark{}); err == nil {
		t.Error("no error")
	}
}

// A thread has a number of its own, but is no process.
func TestThreadIsNoProcess(t *testing.T) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, Options{})
	path := filepath.Join(t.TempDir(), "pid")
	for _, task := range tasks {
		tid, _ := strconv.Atoi(task.Name())
		if tid == os.Getpid() {
			continue
		}
		writePID(t, path, tid)
		if exist(t, h, byPidfile(path)) {
			t.Errorf("thread %d exists as a process", tid)
		}
		return
	}
	t.Skip("this process has one thread")
}

func TestMatching(t *testing.T) {
	h, exits := listen(t)
	child := sleeper(t)
	mark := fmt.Sprintf("orderly-%d-test", os.Getpid())
	// A shell that waits for a child with the mark in both command lines: the shell is meant.
	shell := exec.Command("sh", "-c", "sh -c 'echo; read x; :' "+mark+"; :", mark)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if _, err := shell.StdinPipe(); err != nil { // the child reads from it until its end
		t.Fatal(err)
	}
	stdout, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Kill(-shell.Process.Pid, unix.SIGKILL); _ = shell.Wait() })
	if _, err := stdout.Read(make([]byte, 1)); err != nil { // now both have their command lines
		t.Fatal(err)
	}
	s := &model.Service{Name: "sh", Kind: model.KindProcess, Subject: model.Subject{Pattern: mark + "$"}}
	if got := measure(t, h, s).Readings.Get(model.PID).Number(); int(got) != shell.Process.Pid {
		t.Fatalf("found %v, want %d (and not %d)", got, shell.Process.Pid, child.Process.Pid)
	}
	if pid, ok := h.Find(s); !ok || pid != shell.Process.Pid {
		t.Errorf("find: %d, %v", pid, ok)
	}
	_ = unix.Kill(-shell.Process.Pid, unix.SIGKILL)
	if got := <-exits; got.pid != shell.Process.Pid {
		t.Errorf("told the end of %d", got.pid)
	}
	patience, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for exist(t, h, s) { // the child dies of the same signal, but maybe later
		if patience.Err() != nil {
			t.Fatal("it exists after its end")
		}
		time.Sleep(time.Millisecond)
	}
	none := &model.Service{Name: "none", Kind: model.KindProcess, Subject: model.Subject{Pattern: "^no such process as this$"}}
	if exist(t, h, none) {
		t.Error("nothing exists")
	}
}

// Without descriptors of processes they are looked up at each check.
func TestPolling(t *testing.T) {
	var told atomic.Int32
	h := open(t, Options{OnExit: func(string, int) { told.Add(1) }})
	h.exits.limit = 0
	path := filepath.Join(t.TempDir(), "pid")
	child := sleeper(t)
	writePID(t, path, child.Process.Pid)
	s := byPidfile(path, model.Memory)
	for range 2 {
		if !exist(t, h, s) {
			t.Fatal("a living process does not exist")
		}
	}
	_ = child.Process.Kill()
	_, _ = child.Process.Wait()
	if exist(t, h, s) {
		t.Error("a dead process exists")
	}
	if told.Load() != 0 {
		t.Error("an end was told")
	}
}

// When a process has ended and its pidfile stays, another that is given its number is not the service's.
func TestStrangerWithTheNumber(t *testing.T) {
	e := &epitaph{stamp: stamp{inode: 1, mtime: 5}, start: 100}
	for _, tt := range []struct {
		what  string
		e     *epitaph
		stamp stamp
		start uint64
		want  bool
	}{
		{"nothing ended", nil, e.stamp, 7, false},
		{"the pidfile is the same and the process another", e, e.stamp, 101, true},
		{"the process is the same", e, e.stamp, 100, false},
		{"the pidfile was written again", e, stamp{inode: 1, mtime: 6}, 101, false},
	} {
		if got := tt.e.stranger(tt.stamp, tt.start); got != tt.want {
			t.Errorf("%s: stranger is %v", tt.what, got)
		}
	}
}

func TestCloseEndsAll(t *testing.T) {
	h := New(Options{})
	path := filepath.Join(t.TempDir(), "pid")
	child := sleeper(t)
	writePID(t, path, child.Process.Pid)
	s := byPidfile(path, model.Memory)
	if !exist(t, h, s) {
		t.Fatal("a living process does not exist")
	}
	before := openDescriptors(t)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if after := openDescriptors(t); after > before-4 { // pidfd, stat, epoll, eventfd at least
		t.Errorf("%d descriptors before close, %d after", before, after)
	}
	if err := h.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// All may be called at once.
func TestConcurrentUse(t *testing.T) {
	h, _ := listen(t)
	child := sleeper(t)
	path := filepath.Join(t.TempDir(), "pid")
	writePID(t, path, child.Process.Pid)
	services := []*model.Service{
		byPidfile(path, model.CPU, model.Children),
		{Name: "sleep", Kind: model.KindProcess, Subject: model.Subject{Pattern: "^sleep 1000$"}},
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s := services[i%len(services)]
			for range 20 {
				if _, err := h.Measure(context.Background(), s, time.Now(), model.Bookmark{}); err != nil {
					t.Error(err)
				}
				h.Find(s)
				if i == 0 {
					h.Forget(s.Name)
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkExit measures from a kill to OnExit.
func BenchmarkExit(b *testing.B) {
	h, exits := listen(b)
	path := filepath.Join(b.TempDir(), "pid")
	s := byPidfile(path)
	var took []time.Duration
	for b.Loop() {
		child := exec.Command("sleep", "1000")
		if err := child.Start(); err != nil {
			b.Fatal(err)
		}
		writePID(b, path, child.Process.Pid)
		measure(b, h, s)
		killed := time.Now()
		_ = child.Process.Kill()
		<-exits
		took = append(took, time.Since(killed))
		_ = child.Wait()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs/median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs/p99")
}

func BenchmarkExistence(b *testing.B) {
	h := open(b, Options{})
	dir := b.TempDir()
	services := make([]*model.Service, 1000)
	for i := range services {
		path := filepath.Join(dir, strconv.Itoa(i))
		writePID(b, path, os.Getpid())
		services[i] = byPidfile(path)
		services[i].Name = path
	}
	benchmarkServices(b, h, services)
}

func BenchmarkUse(b *testing.B) {
	h := open(b, Options{})
	services := make([]*model.Service, 100)
	dir := b.TempDir()
	for i := range services {
		path := filepath.Join(dir, strconv.Itoa(i))
		writePID(b, path, sleeper(b).Process.Pid)
		services[i] = byPidfile(path, model.CPU, model.Memory)
		services[i].Name = path
	}
	benchmarkServices(b, h, services)
}

// benchmarkServices measures in ticks, as the engine does; files settle first.
func benchmarkServices(b *testing.B, h *Host, services []*model.Service) {
	for _, s := range services {
		measure(b, h, s)
	}
	time.Sleep(2100 * time.Millisecond)
	for _, s := range services {
		measure(b, h, s)
	}
	b.ReportAllocs()
	tick := time.Now()
	i := 0
	for b.Loop() {
		if i++; i%len(services) == 0 {
			tick = time.Now()
		}
		if _, err := h.Measure(context.Background(), services[i%len(services)], tick, model.Bookmark{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	h := open(b, Options{})
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		t, err := h.processes(time.Now())
		if err != nil {
			b.Fatal(err)
		}
		n = len(t.procs)
	}
	b.ReportMetric(float64(n), "processes")
}
