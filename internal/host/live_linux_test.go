package host

import (
	"os"
	"slices"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestThisMachine(t *testing.T) {
	h := open(t, Options{})
	system := measure(t, h, &model.Service{Name: "system", Kind: model.KindSystem, Rules: rules(model.FDs)}).Readings
	for _, m := range []model.Metric{model.Exist, model.Uptime, model.Memory, model.MemoryPercent, model.FDs} {
		if system.Get(m).Number() <= 0 {
			t.Errorf("%s is %v", m, system.Get(m))
		}
	}
	if h.BootID() == "" || h.MemoryTotal() == 0 || h.Hostname() == "" {
		t.Errorf("boot id %q, memory %d, host name %q", h.BootID(), h.MemoryTotal(), h.Hostname())
	}
	points, err := h.Filesystems()
	if err != nil || !slices.Contains(points, "/") {
		t.Errorf("filesystems %q, %v", points, err)
	}
}

// Covers T-fs-space, T-fs-spacefree, T-fs-inode, T-fs-permission and those like them.
func TestThisFilesystem(t *testing.T) {
	h := open(t, Options{})
	for _, path := range []string{"/", "/proc"} {
		s := at(model.KindFilesystem, path, model.SpaceFreePercent, model.SpaceFree, model.Inodes, model.InodesFree, model.Permission)
		got := measure(t, h, s).Readings
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, got, map[model.Metric]float64{model.Exist: 1, model.Permission: float64(info.Mode().Perm())})
		if path == "/proc" { // it has no size
			absent(t, got, model.SpacePercent, model.Inodes, model.InodesPercent)
			continue
		}
		used, free := got.Get(model.SpacePercent).Number(), got.Get(model.SpaceFreePercent).Number()
		if used <= 0 || used > 100 || used+free < 99.999 || used+free > 100.001 {
			t.Errorf("%v %% used and %v %% free", used, free)
		}
		if got.Get(model.Space).Number() <= 0 || got.Get(model.FSFlags).Text() == "" {
			t.Errorf("got %v", got)
		}
	}
	if got := measure(t, h, at(model.KindFilesystem, t.TempDir())).Readings; got.Get(model.Exist).Number() != 0 {
		t.Errorf("a directory is a filesystem: %v", got)
	}
}

func TestInterfaceByAddress(t *testing.T) {
	h := open(t, Options{})
	for range 2 {
		got := measure(t, h, &model.Service{Name: "lo", Kind: model.KindNetwork, Subject: model.Subject{Address: "127.0.0.1"}}).Readings
		compare(t, got, map[model.Metric]float64{model.Exist: 1, model.Link: 1})
	}
	got := measure(t, h, &model.Service{Name: "no", Kind: model.KindNetwork, Subject: model.Subject{Address: "192.0.2.1"}}).Readings
	compare(t, got, map[model.Metric]float64{model.Exist: 0, model.Link: 0})
}

// A definition that changes keeps what was measured while its subject is the same.
func TestNewDefinition(t *testing.T) {
	h := open(t, Options{})
	child := sleeper(t)
	path := t.TempDir() + "/pid"
	writePID(t, path, child.Process.Pid)
	exist(t, h, byPidfile(path))
	before := h.watches["web"].subject
	if v := measure(t, h, byPidfile(path, model.FDs)).Readings.Get(model.FDs); v.Number() < 3 {
		t.Errorf("open files %v", v)
	}
	if h.watches["web"].subject != before {
		t.Error("the process was sought anew")
	}
	other := byPidfile(path + "2")
	if exist(t, h, other) {
		t.Error("the process of another pidfile exists")
	}
}

func TestHangingFileIsUnknown(t *testing.T) {
	h := open(t, Options{})
	s := at(model.KindFile, "/srv/nfs/file")
	w := h.watch(s.Name)
	w.patience.since = time.Now().Add(-time.Minute) // a call that did not return
	w.place = place{path: s.Subject.Path, generation: 1, remote: true}
	_, err := h.Measure(t.Context(), s, time.Now(), model.Bookmark{})
	if err == nil || err.Error() != "no answer from /srv/nfs/file for 1m0s" {
		t.Errorf("error %v", err)
	}
}
