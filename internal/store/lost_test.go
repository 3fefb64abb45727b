package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// removable returns a filled state directory that may be deleted.
func removable(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Rename(filled(t), dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}

// A store whose file goes away while it runs has all it ever knew, after a restart too.
func TestLostWhileRunning(t *testing.T) {
	tests := []struct {
		name string
		harm func(t *testing.T, dir string)
		word string
	}{
		{"file deleted", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, fileName))
		}, "deleted"},
		{"file and helpers deleted", func(t *testing.T, dir string) {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				remove(t, filepath.Join(dir, fileName+suffix))
			}
		}, "deleted"},
		{"directory deleted", remove, "deleted"},
		{"directory made anew", func(t *testing.T, dir string) {
			remove(t, dir)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "deleted"},
		{"replaced by a database", func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(filled(t), fileName), filepath.Join(dir, fileName)); err != nil {
				t.Fatal(err)
			}
		}, "moved to " + fileName + ".bad-"},
		{"replaced by text", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, fileName))
			if err := os.WriteFile(filepath.Join(dir, fileName), []byte("no database\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "moved to " + fileName + ".bad-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { survives(t, test.harm, test.word) })
	}
}

func survives(t *testing.T, harm func(t *testing.T, dir string), word string) {
	t.Helper()
	dir := removable(t)
	s := open(t, dir)
	heard := listen(s)
	s.Append(event("a", 11))
	s.Save(Record{Service: "b", Data: []byte("flushed")})
	flush(t, s)
	harm(t, dir)
	s.Append(event("a", 12))
	s.Save(Record{Service: "c", Data: []byte("late")})
	flush(t, s)
	flush(t, s)
	heard.expect(t, word)
	take(t, s, 0, 12)
	for name, mode := range map[string]os.FileMode{dir: 0o700, s.path(): 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s is %v, %v", name, info, err)
		}
	}
	if _, err := Open(dir, discard); !errors.Is(err, ErrLocked) {
		t.Errorf("the directory is not locked: %v", err)
	}
	s = reopen(t, s)
	take(t, s, 0, 12)
	records, err := s.Records(t.Context())
	if err != nil || len(records) != 3 || string(records[1].Data) != "flushed" || string(records[2].Data) != "late" {
		t.Errorf("records are %v, %v", records, err)
	}
	if s.Cursor("mail") != 10 || s.Meta("boot") != "x" {
		t.Error("what was known is forgotten")
	}
	works(t, s)
}

// While no database can be begun everything is kept in memory, and goes to the disk as soon as one can.
func TestLostAndNoPlace(t *testing.T) {
	dir := removable(t)
	s := open(t, dir)
	heard := listen(s)
	remove(t, dir)
	if err := os.Symlink("nowhere/at/all", dir); err != nil {
		t.Fatal(err)
	}
	seq := s.Append(event("a", 11))
	for range 2 {
		if err := s.Flush(t.Context()); err == nil {
			t.Error("Flush says it is on disk")
		}
	}
	heard.expect(t, "kept in memory")
	take(t, s, 0, 11)
	remove(t, dir)
	flush(t, s)
	heard.expect(t, "kept in memory", "is written again")
	s = reopen(t, s)
	take(t, s, 0, 11)
	if s.Last() != seq || s.Cursor("mail") != 10 {
		t.Errorf("last %d, cursor %d", s.Last(), s.Cursor("mail"))
	}
	works(t, s)
}
