package host

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/model"
)

// A recording is a machine that only a directory knows of.
type recording struct {
	t   *testing.T
	dir string
	h   *Host
	now time.Time
}

func record(t *testing.T) *recording {
	t.Helper()
	r := &recording{t: t, dir: t.TempDir(), now: time.Unix(1_700_001_000, 0)}
	r.unpack("machine")
	r.h = open(t, Options{Root: r.dir})
	return r
}

// unpack writes the files of an archive. Command lines are one word a line there.
func (r *recording) unpack(name string) {
	r.t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range archive.Files {
		path := filepath.Join(r.dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.t.Fatal(err)
		}
		text := string(f.Data)
		if filepath.Base(path) == "cmdline" {
			text = strings.ReplaceAll(text, "\n", "\x00")
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
}

// later is ten seconds later.
func (r *recording) later() {
	r.unpack("later")
	r.now = r.now.Add(10 * time.Second)
}

func (r *recording) measure(s *model.Service) model.Readings {
	r.t.Helper()
	sample, err := r.h.measure(r.t.Context(), s, 0, r.now, r.now, model.Bookmark{})
	if err != nil {
		r.t.Fatal(err)
	}
	return sample.All()
}

func (r *recording) process(pid string, metrics ...model.Metric) *model.Service {
	r.t.Helper()
	path := filepath.Join(r.t.TempDir(), "pid")
	if err := os.WriteFile(path, []byte(pid), 0o644); err != nil {
		r.t.Fatal(err)
	}
	return byPidfile(path, metrics...)
}

func compare(t *testing.T, got model.Readings, want map[model.Metric]float64) {
	t.Helper()
	for m, want := range want {
		v := got.Get(m)
		if !v.Present() || math.Abs(v.Number()-want) > 1e-6*math.Max(1, math.Abs(want)) {
			t.Errorf("%s is %v (present %v), want %v", m, v.Number(), v.Present(), want)
		}
	}
}

func absent(t *testing.T, got model.Readings, metrics ...model.Metric) {
	t.Helper()
	for _, m := range metrics {
		if v := got.Get(m); v.Present() {
			t.Errorf("%s is %v, want it absent", m, v)
		}
	}
}

// Covers T-process-uid, T-process-euid, T-process-gid, T-process-cpu, T-process-mem, T-process-threads, T-process-children,
// T-process-fds and those like them.
func TestRecordedProcess(t *testing.T) {
	r := record(t)
	s := r.process("100", model.CPU, model.ReadBytes, model.WriteBytes, model.DiskReadBytes, model.DiskWriteBytes,
		model.DiskReadOps, model.DiskWriteOps, model.FDs, model.FDsPercent, model.FDsTotal, model.Security, model.Children,
		model.MemTotal, model.MemTotalPercent, model.UID, model.MemoryPercent, model.Load5, model.Load15Core)
	got := r.measure(s)
	page := float64(pageSize)
	compare(t, got, map[model.Metric]float64{
		model.Exist: 1, model.Zombie: 0, model.PID: 100, model.PPID: 1, model.Uptime: 500.5, model.UID: 33, model.EUID: 34,
		model.GID: 35, model.Threads: 1, model.Memory: 1000 * page, model.MemoryPercent: 100 * 1000 * page / (4e6 * 1024),
		model.FDs: 2, model.FDsPercent: 100 * 2. / 64, model.FDsTotal: 3, model.Children: 2, model.MemTotal: 6000 * page,
		model.MemTotalPercent: 100 * 6000 * page / (4e6 * 1024), model.Load5: 0.8, model.Load15Core: 0.2,
	})
	absent(t, got, model.CPU, model.CPUTotal, model.ReadBytes, model.DiskWriteOps)
	if v := got.Get(model.Security).Text(); v != "unconfined_u:nginx_t" {
		t.Errorf("security attribute %q", v)
	}
	r.later()
	compare(t, r.measure(s), map[model.Metric]float64{
		model.CPU: 30, model.Uptime: 510.5, model.ReadBytes: 100, model.WriteBytes: 200, model.DiskReadOps: 1,
		model.DiskWriteOps: 2, model.DiskReadBytes: 409.6, model.DiskWriteBytes: 819.2,
	})
}

// Pins I-13: parts of one core, those of children that ended by themselves.
func TestRecordedCores(t *testing.T) {
	r := record(t)
	s := r.process("100", model.CoresUser, model.CoresSystem, model.CoresUserEnded, model.CoresSysEnded)
	absent(t, r.measure(s), model.CoresUser, model.CoresSysEnded)
	r.later()
	compare(t, r.measure(s), map[model.Metric]float64{
		model.CoresUser: 10, model.CoresSystem: 20, model.CoresUserEnded: 10, model.CoresSysEnded: 5,
	})
}

func TestRecordedTreeCPU(t *testing.T) {
	r := record(t)
	p := &process{facts: processFacts{h: &r.h.machine, pid: 100}}
	before, err := r.h.processes(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.takeTree(before, fromTree)
	if p.facts.treeCPU.Present() {
		t.Error("there is a share at the first table")
	}
	r.later()
	after, err := r.h.processes(time.Now())
	if err != nil || after == before {
		t.Fatalf("the later table: %p after %p, %v", after, before, err)
	}
	after.at = before.at.Add(10 * time.Second)
	p.takeTree(after, fromTree)
	if got := p.facts.treeCPU.Number(); math.Abs(got-50) > 1e-9 { // 30 % of its one core and 20 % of two
		t.Errorf("total share %v, want 50", got)
	}
}

func TestTablesAreShared(t *testing.T) {
	r := record(t)
	asOf := time.Now()
	first, err := r.h.processes(asOf)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := r.h.processes(asOf); again != first {
		t.Error("a table of the same time was made twice")
	}
	if again, _ := r.h.processes(asOf.Add(-time.Second)); again != first {
		t.Error("a newer table was not used")
	}
	if again, _ := r.h.processes(time.Now()); again == first {
		t.Error("an old table was used")
	}
}

func TestDescendantsInACircle(t *testing.T) {
	tab := &table{procs: []procStat{{pid: 1, ppid: 3}, {pid: 2, ppid: 1}, {pid: 3, ppid: 2}, {pid: 4, ppid: 4}, {pid: 5, ppid: 2}}}
	tab.link()
	if got := tab.descendants(0); len(got) != 4 {
		t.Errorf("descendants %v", got)
	}
	if got := tab.descendants(3); len(got) != 1 {
		t.Errorf("descendants of its own parent: %v", got)
	}
}

func TestRecordedMatch(t *testing.T) {
	r := record(t)
	for pattern, want := range map[string]int{
		"nginx":                      100, // the children match too, and the second is younger
		"^nginx -c":                  105,
		"nginx: worker|nginx: cache": 101,
		"^nginx -g daemon off;$":     100,
		"^kworker":                   103, // no command line: its name counts
		"apache":                     0,
	} {
		if got, err := r.h.match(regexp.MustCompile(pattern), time.Now()); got != want || err != nil {
			t.Errorf("%s: %d, %v, want %d", pattern, got, err, want)
		}
	}
	if pid, ok := r.h.Find(&model.Service{Kind: model.KindProcess, Subject: model.Subject{Pattern: "^nginx -c"}}); !ok || pid != 105 {
		t.Errorf("find: %d, %v", pid, ok)
	}
}

// Covers T-process-zombie.
func TestRecordedZombie(t *testing.T) {
	r := record(t)
	got := r.measure(r.process("104"))
	if len(got) != 2 || got.Get(model.Exist).Number() != 0 || got.Get(model.Zombie).Number() != 1 {
		t.Errorf("got %v", got)
	}
}

// Covers T-system-cpu, T-system-mem, T-system-swap, T-system-loadavg1, T-system-fds, T-system-pagein and those like them.
func TestRecordedSystem(t *testing.T) {
	r := record(t)
	s := &model.Service{Name: "box", Kind: model.KindSystem, Rules: rules(
		model.CPUNice, model.CPUHardIRQ, model.CPUSoftIRQ, model.CPUSteal, model.CPUGuest, model.CPUGuestNice,
		model.FDs, model.FDsPercent, model.PageIn, model.PageOut, model.Load1Core)}
	got := r.measure(s)
	compare(t, got, map[model.Metric]float64{
		model.Exist: 1, model.Uptime: 1000.5, model.Load1: 1.5, model.Load5: 0.8, model.Load15: 0.4, model.Load1Core: 0.75,
		model.Memory: 1e6 * 1024, model.MemoryPercent: 25, model.Swap: 250000 * 1024, model.SwapPercent: 25,
		model.FDs: 1024, model.FDsPercent: 25,
	})
	absent(t, got, model.CPU, model.CPUUser, model.PageIn, model.Cores)
	r.later()
	const all = 1910 / 100.
	compare(t, r.measure(s), map[model.Metric]float64{
		model.CPU: 500 / all, model.CPUUser: 300 / all, model.CPUSystem: 200 / all, model.CPUNice: 100 / all,
		model.CPUWait: 50 / all, model.CPUHardIRQ: 10 / all, model.CPUSoftIRQ: 20 / all, model.CPUSteal: 30 / all,
		model.CPUGuest: 200 / all, model.CPUGuestNice: 0,
		model.Cores: 2 * 910 / all, model.CoresUser: 2 * 500 / all, model.CoresSystem: 2 * 200 / all, // of one of two, and without a rule (I-12)
		model.CoresWait: 2 * 50 / all, model.CoresSteal: 2 * 30 / all,
		model.PageIn: 40 * 1024 / float64(pageSize), model.PageOut: 80 * 1024 / float64(pageSize),
	})
}

// Covers T-net-linkdown, T-net-errors, T-net-saturation, T-net-upload, T-net-download-total and those like them.
func TestRecordedNetwork(t *testing.T) {
	r := record(t)
	s := &model.Service{Name: "eth0", Kind: model.KindNetwork, Subject: model.Subject{Interface: "eth0"}}
	s.Rules = []model.Rule{
		{Metric: model.DownloadBytesTotal, Over: time.Minute},
		{Metric: model.DownloadBytesTotal, Over: time.Minute},
		{Metric: model.UploadPacketsTotal, Over: 3 * time.Hour},
	}
	got := r.measure(s)
	compare(t, got, map[model.Metric]float64{model.Exist: 1, model.Link: 1})
	absent(t, got, model.DownloadBytes, model.Saturation, model.LinkErrors)
	if v := got.Get(model.Capacity).Text(); v != "100 Mbit/s full duplex" {
		t.Errorf("capacity %q", v)
	}
	if v := got.Total(model.DownloadBytesTotal, time.Minute); v.Present() {
		t.Errorf("there is a total at first: %v", v)
	}
	r.later()
	got = r.measure(s)
	compare(t, got, map[model.Metric]float64{
		model.DownloadBytes: 1e6, model.UploadBytes: 5e5, model.DownloadPackets: 100, model.UploadPackets: 100,
		model.LinkErrors: 1, model.Saturation: 8,
	})
	if v := got.Total(model.DownloadBytesTotal, time.Minute); v.Number() != 1e7 {
		t.Errorf("total %v", v)
	}
	if v := got.Total(model.UploadPacketsTotal, 3*time.Hour); v.Number() != 1000 {
		t.Errorf("total of packets %v", v)
	}

	if err := os.WriteFile(filepath.Join(r.dir, "sys/class/net/eth0/duplex"), []byte("half\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	compare(t, r.measure(s), map[model.Metric]float64{model.Saturation: 12})
	if err := os.WriteFile(filepath.Join(r.dir, "sys/class/net/eth0/operstate"), []byte("down\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	compare(t, r.measure(s), map[model.Metric]float64{model.Exist: 1, model.Link: 0})
}

func TestRecordedLinkWithoutSpeed(t *testing.T) {
	r := record(t)
	s := &model.Service{Name: "lo", Kind: model.KindNetwork, Subject: model.Subject{Interface: "lo"}}
	got := r.measure(s)
	compare(t, got, map[model.Metric]float64{model.Link: 1})
	absent(t, got, model.Capacity, model.Saturation)
	s = &model.Service{Name: "eth9", Kind: model.KindNetwork, Subject: model.Subject{Interface: "eth9"}}
	compare(t, r.measure(s), map[model.Metric]float64{model.Exist: 0, model.Link: 0})
}

// Covers T-fs-read, T-fs-write-ops, T-fs-servicetime, T-fs-fsflags and those like them.
func TestRecordedFilesystem(t *testing.T) {
	r := record(t)
	s := &model.Service{
		Name: "root", Kind: model.KindFilesystem, Subject: model.Subject{Path: "/dev/sda1"},
		Rules: rules(model.ReadBytes, model.WriteBytes, model.ReadOps, model.WriteOps, model.ServiceTime),
	}
	got := r.measure(s)
	absent(t, got, model.ReadBytes, model.ServiceTime)
	if v := got.Get(model.FSFlags).Text(); v != "rw,relatime,errors=remount-ro" {
		t.Errorf("flags %q", v)
	}
	r.later()
	compare(t, r.measure(s), map[model.Metric]float64{
		model.Exist: 1, model.ReadBytes: 1 << 20, model.WriteBytes: 1 << 20, model.ReadOps: 10, model.WriteOps: 10,
		model.ServiceTime: 2.5,
	})
	compare(t, r.measure(&model.Service{Name: "none", Kind: model.KindFilesystem, Subject: model.Subject{Path: "/mnt/none"}}),
		map[model.Metric]float64{model.Exist: 0})
}

func TestRecordedMachine(t *testing.T) {
	r := record(t)
	if got := r.h.BootID(); got != "0b1c2d3e-0000-4000-8000-00000000abcd" {
		t.Errorf("boot id %q", got)
	}
	if got := r.h.Hostname(); got != "box" {
		t.Errorf("host name %q", got)
	}
	if got := r.h.MemoryTotal(); got != 4000000<<10 {
		t.Errorf("memory %d", got)
	}
	if got, err := r.h.Filesystems(); len(got) != 1 || got[0] != "/" || err != nil {
		t.Errorf("filesystems %q, %v", got, err)
	}
	if r.h.cpus != 2 {
		t.Errorf("%d processors", r.h.cpus)
	}
}

// A machine of which nothing can be read gives errors, and neither numbers nor a panic.
func TestEmptyMachine(t *testing.T) {
	h := open(t, Options{Root: t.TempDir()})
	for _, s := range []*model.Service{
		{Name: "system", Kind: model.KindSystem},
		{Name: "net", Kind: model.KindNetwork, Subject: model.Subject{Interface: "lo"}},
		{Name: "fs", Kind: model.KindFilesystem, Subject: model.Subject{Path: "/"}},
		{Name: "sh", Kind: model.KindProcess, Subject: model.Subject{Pattern: "sh"}},
		{Name: "no subject", Kind: model.KindProcess},
		{Name: "bad", Kind: model.KindProcess, Subject: model.Subject{Pattern: "("}},
		{Name: "host", Kind: model.KindHost},
		{Name: "slash", Kind: model.KindNetwork, Subject: model.Subject{Interface: "../x"}},
		{Name: "address", Kind: model.KindNetwork, Subject: model.Subject{Address: "x"}},
	} {
		for range 2 {
			if sample, err := h.Measure(t.Context(), s, time.Now(), model.Bookmark{}); err == nil {
				t.Errorf("%s: %v", s.Name, sample.Readings)
			}
		}
	}
	if h.BootID() != "" || h.Hostname() == "" || h.MemoryTotal() != 0 {
		t.Errorf("boot id %q, host name %q, memory %d", h.BootID(), h.Hostname(), h.MemoryTotal())
	}
}

// A network that a new daemon measures goes on with the totals of the old one, unless it is another interface now.
func TestRecordedTotalsGoOn(t *testing.T) {
	r := record(t)
	s := &model.Service{Name: "net", Kind: model.KindNetwork, Subject: model.Subject{Interface: "eth0"}}
	s.Rules = []model.Rule{{Metric: model.DownloadBytesTotal, Over: time.Hour}}
	var mark model.Bookmark
	look := func(h *Host) model.Value {
		t.Helper()
		sample, err := h.measure(t.Context(), s, 0, r.now, r.now, mark)
		if err != nil {
			t.Fatal(err)
		}
		mark = sample.Bookmark
		return sample.Readings.Total(model.DownloadBytesTotal, time.Hour)
	}
	look(r.h)
	r.later()
	before := mark
	if v := look(r.h); v.Number() != 1e7 {
		t.Errorf("total %v", v.Number())
	}
	if mark != before {
		t.Error("totals are kept more often than each minute")
	}
	r.now = r.now.Add(keepEvery)
	look(r.h)
	if v := look(open(t, Options{Root: r.dir})); mark == before || v.Number() != 1e7 {
		t.Errorf("after a restart the total is %v", v.Number())
	}
	s = &model.Service{Name: "net", Kind: model.KindNetwork, Subject: model.Subject{Interface: "lo"}, Rules: s.Rules}
	r.unpack("machine")
	if v := look(open(t, Options{Root: r.dir})); v.Present() || !strings.HasPrefix(mark.Traffic, "lo ") {
		t.Errorf("of another interface the total is %v, kept is %q", v.Number(), mark.Traffic)
	}
	s = &model.Service{Name: "net", Kind: model.KindNetwork, Subject: s.Subject}
	if look(r.h); mark != (model.Bookmark{}) {
		t.Errorf("without a rule %v is kept", mark)
	}
}
