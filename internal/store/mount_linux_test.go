package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// tmpfs mounts a small file system, or skips the test where that is not allowed.
func tmpfs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("orderly", dir, "tmpfs", 0, "size=600k,mode=0700"); err != nil {
		t.Skip("cannot mount a file system: ", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

func TestFullDisk(t *testing.T) {
	s := open(t, tmpfs(t))
	heard := listen(s)
	s.Append(event("a", 1))
	flush(t, s)
	ballast := filepath.Join(s.dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	for i := 2; i <= 200; i++ {
		ev := event("a", i)
		ev.Evidence = strings.Repeat("x", 2000)
		s.Append(ev)
	}
	if err := s.Flush(t.Context()); err == nil {
		t.Fatal("Flush says it is on disk")
	}
	if err := s.Flush(t.Context()); err == nil {
		t.Fatal("Flush says it is on disk")
	}
	heard.expect(t, "full")
	remembers(t, s)
	take(t, s, 0, 201)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("", s.dir, "", unix.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	flush(t, s)
	heard.expect(t, "full", "is written again")
	s = reopen(t, s)
	take(t, s, 0, 201)
}

func TestReadOnlyDisk(t *testing.T) {
	s := open(t, tmpfs(t))
	heard := listen(s)
	s.Append(event("a", 1))
	s.Save(Record{Service: "a", Data: []byte("old")})
	s.SetMeta("boot", "x")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	heard.expect(t)
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("", s.dir, "", unix.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)

	s = open(t, s.dir)
	heard = listen(s)
	heard.expect(t, "read-only")
	if s.Meta("boot") != "x" || s.Last() != 1 {
		t.Errorf("boot %q, last %d: what can be read was not", s.Meta("boot"), s.Last())
	}
	take(t, s, 0, 1)
	remembers(t, s)
	records, err := s.Records(t.Context())
	if err != nil || len(records) != 2 || string(records[0].Data) != "old" {
		t.Errorf("records are %v, %v", records, err)
	}
	if err := s.Flush(t.Context()); err == nil {
		t.Error("Flush says it is on disk")
	}
	if _, err := Open(s.dir, s.log); err == nil {
		t.Error("a read-only directory is not locked")
	}
	remount(0)
	flush(t, s)
	heard.expect(t, "read-only", "is written again")
	works(t, s)
}
