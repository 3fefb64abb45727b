package host

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"orderly/internal/model"
)

// Everything that Monit shows of a process is there without a rule about it: C-10, X-05.
func TestDetailsOfAProcess(t *testing.T) {
	r := record(t)
	s := r.process("100")
	got := r.measure(s)
	page := float64(pageSize)
	compare(t, got, map[model.Metric]float64{
		model.PID: 100, model.PPID: 1, model.UID: 33, model.EUID: 34, model.GID: 35, model.Uptime: 500.5, model.Threads: 1,
		model.Children: 2, model.Memory: 1000 * page, model.MemoryPercent: 100 * 1000 * page / (4e6 * 1024),
		model.MemTotal: 6000 * page, model.MemTotalPercent: 100 * 6000 * page / (4e6 * 1024),
		model.FDs: 2, model.FDsLimit: 64, model.FDsLimitHard: 1024, model.FDsTotal: 3,
		model.ReadBytesTotal: 1000, model.WriteBytesTotal: 2000, model.DiskReadOpsTotal: 10, model.DiskWriteOpsTotal: 20,
		model.DiskReadBytesTotal: 4096, model.DiskWriteBytesTotal: 8192,
	})
	if v := got.Get(model.Security).Text(); v != "unconfined_u:nginx_t" {
		t.Errorf("security attribute %q", v)
	}
	r.later()
	compare(t, r.measure(s), map[model.Metric]float64{
		model.CPU: 30, model.ReadBytes: 100, model.WriteBytes: 200, model.DiskReadOps: 1, model.DiskWriteOps: 2,
		model.DiskReadBytes: 409.6, model.DiskWriteBytes: 819.2, model.ReadBytesTotal: 2000, model.DiskWriteOpsTotal: 40,
	})
}

func TestDetailsOfTheSystem(t *testing.T) {
	r := record(t)
	s := &model.Service{Name: "box", Kind: model.KindSystem}
	compare(t, r.measure(s), map[model.Metric]float64{
		model.BootTime: 1700000000, model.FDs: 1024, model.FDsUnused: 0, model.FDsLimit: 4096,
	})
	r.later()
	compare(t, r.measure(s), map[model.Metric]float64{
		model.BootTime: 1700000000, model.CPUNice: 100 / 19.1, model.CPUGuest: 200 / 19.1,
		model.PageIn: 40 * 1024 / float64(pageSize), model.PageOut: 80 * 1024 / float64(pageSize),
	})
}

// A machine that limits nothing has the largest number as its limit.
func TestNoLimitOfFiles(t *testing.T) {
	r := record(t)
	if err := os.WriteFile(filepath.Join(r.dir, "proc/sys/fs/file-nr"), []byte("1803\t7\t9223372036854775807\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := r.measure(&model.Service{Name: "box", Kind: model.KindSystem})
	compare(t, got, map[model.Metric]float64{model.FDs: 1803, model.FDsUnused: 7})
	absent(t, got, model.FDsLimit)
}

func TestDetailsOfAFilesystem(t *testing.T) {
	r := record(t)
	s := &model.Service{Name: "root", Kind: model.KindFilesystem, Subject: model.Subject{Path: "/"}}
	got := r.measure(s)
	total, free, others := got.Get(model.SpaceTotal), got.Get(model.SpaceFreeRoot), got.Get(model.SpaceFree)
	if total.Number() <= 0 || free.Number() > total.Number() || others.Number() > free.Number() || got.Get(model.BlockSize).Number() < 512 {
		t.Errorf("of %v bytes in blocks of %v %v are free, %v for others than root", total.Number(), got.Get(model.BlockSize).Number(), free.Number(), others.Number())
	}
	if used := got.Get(model.Space).Number(); used+free.Number() != total.Number() {
		t.Errorf("%v bytes are used and %v free of %v", used, free.Number(), total.Number())
	}
	if v := got.Get(model.FSType).Text(); v != "ext4" {
		t.Errorf("type %q", v)
	}
	compare(t, got, map[model.Metric]float64{
		model.ReadBytesTotal: 8000 * 512, model.WriteBytesTotal: 16000 * 512, model.DiskReadOpsTotal: 1000, model.DiskWriteOpsTotal: 2000,
	})
	absent(t, got, model.ReadBytes, model.ServiceTime)
	r.later()
	compare(t, r.measure(s), map[model.Metric]float64{
		model.ReadBytes: 1 << 20, model.WriteBytes: 1 << 20, model.DiskReadOps: 10, model.DiskWriteOps: 10,
		model.ServiceTime: 2.5, model.ServiceTimeRead: 1, model.ServiceTimeWrite: 1.5,
	})
}

func TestDetailsOfANetwork(t *testing.T) {
	r := record(t)
	s := &model.Service{Name: "eth0", Kind: model.KindNetwork, Subject: model.Subject{Interface: "eth0"}}
	r.measure(s)
	r.later()
	compare(t, r.measure(s), map[model.Metric]float64{
		model.LinkSpeed: 1e8, model.LinkDuplex: 1, model.DownloadErrors: 0, model.UploadErrors: 1,
		model.DownloadBytesTotal: 11e6, model.UploadBytesTotal: 5.5e6, model.DownloadPacketsTotal: 3000,
		model.UploadPacketsTotal: 2000, model.DownloadErrorsTotal: 3, model.UploadErrorsTotal: 11,
	})
	got := record(t).measure(&model.Service{Name: "lo", Kind: model.KindNetwork, Subject: model.Subject{Interface: "lo"}})
	compare(t, got, map[model.Metric]float64{model.DownloadBytesTotal: 100})
	absent(t, got, model.LinkSpeed, model.LinkDuplex)
}

func TestDetailsOfAFile(t *testing.T) {
	h := open(t, Options{})
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("six by"), 0o640); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_600_000_000, 0)
	if err := os.Chtimes(path, at, at.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	s := &model.Service{Name: "f", Kind: model.KindFile, Subject: model.Subject{Path: path}}
	first := measure(t, h, s)
	compare(t, first.Readings, map[model.Metric]float64{
		model.TypeValid: 1, model.Permission: 0o640, model.UID: float64(os.Getuid()), model.GID: float64(os.Getgid()),
		model.Size: 6, model.Hardlinks: 1, model.AccessTime: 1_600_000_000, model.ModifyTime: 1_600_000_001,
	})
	if again := measure(t, h, s); again.Details != first.Details {
		t.Error("what did not change is kept twice")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	compare(t, measure(t, h, s).Readings, map[model.Metric]float64{model.Permission: 0o600})
	compare(t, first.Details.Readings(), map[model.Metric]float64{model.Permission: 0o640})
}

// Nobody looks: what is only shown is read each minute. Somebody looks: every ten seconds, for two minutes.
func TestLook(t *testing.T) {
	r := record(t)
	s := r.process("100")
	written := 0.0
	steps := []struct {
		name  string
		after time.Duration
		look  bool
		fresh bool
	}{
		{"found", 0, false, true},
		{"a rate takes two", time.Second, false, true},
		{"nobody looks", 30 * time.Second, false, false},
		{"a minute is over", 30 * time.Second, false, true},
		{"somebody looks, too soon", 5 * time.Second, true, false},
		{"somebody looked", 5 * time.Second, false, true},
		{"and may look again", 10 * time.Second, false, true},
		{"attention ends", 110 * time.Second, false, true},
		{"nobody looks any more", 30 * time.Second, false, false},
		{"the clock was set back", -time.Hour, false, true},
	}
	shown := 0.0
	for _, step := range steps {
		r.now = r.now.Add(step.after)
		if step.look {
			r.h.Look(r.now)
		}
		written++
		writeIO(t, filepath.Join(r.dir, "proc/100/io"), written)
		if step.fresh {
			shown = written
		}
		if got := r.measure(s).Get(model.DiskWriteBytesTotal).Number(); got != shown {
			t.Errorf("%s: %v bytes are shown, want %v", step.name, got, shown)
		}
	}
}

func writeIO(t *testing.T, path string, written float64) {
	t.Helper()
	text := "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: " + model.Num(written).Format(model.Count) + "\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A table is scanned for people only when it is old, however many processes are looked at.
func TestTreesShareATable(t *testing.T) {
	r := record(t)
	one, two := r.process("100"), r.process("105")
	one.Name, two.Name = "one", "two"
	r.now = time.Now()
	r.measure(one)
	table := r.h.snapshots.last
	r.now = time.Now()
	r.measure(two)
	if table == nil || r.h.snapshots.last != table {
		t.Error("the table was scanned twice")
	}
}

// What nobody asked for is read of so many subjects in a second, and of all when somebody looks.
func TestUnaskedIsLimited(t *testing.T) {
	h := open(t, Options{})
	now := time.Unix(1_700_000_000, 0)
	read := func(after time.Duration) (n int) {
		now = now.Add(after)
		for range 3 * unasked {
			var s shown
			if s.due(visit{h: &h.machine, now: now, pace: h.pace(now)}) {
				n++
			}
		}
		return n
	}
	for _, step := range []struct {
		name  string
		after time.Duration
		want  int
	}{
		{"at first", 0, unasked},
		{"within the second", 500 * time.Millisecond, 0},
		{"in the next", 500 * time.Millisecond, unasked},
		{"the clock was set back", -time.Hour, unasked},
	} {
		if got := read(step.after); got != step.want {
			t.Errorf("%s: %d were read, want %d", step.name, got, step.want)
		}
	}
	h.Look(now)
	if got := read(0); got != 3*unasked {
		t.Errorf("somebody looks: %d were read", got)
	}
}

// BenchmarkDetails reads all that is shown of a process.
func BenchmarkDetails(b *testing.B) {
	h := open(b, Options{})
	path := filepath.Join(b.TempDir(), "pid")
	writePID(b, path, sleeper(b).Process.Pid)
	s := byPidfile(path)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(courtesy)
		h.Look(now)
		if _, err := h.measure(b.Context(), s, 0, time.Now(), now, model.Bookmark{}); err != nil {
			b.Fatal(err)
		}
	}
}
