package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// told collects what people are told of trouble.
type told struct {
	mu    sync.Mutex
	texts []string
}

func listen(s *Store) *told {
	var l told
	s.OnTrouble(func(text string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.texts = append(l.texts, text)
	})
	return &l
}

// expect fails unless exactly these were said, each text containing the words given for it.
func (l *told) expect(t *testing.T, words ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.texts) != len(words) {
		t.Fatalf("told %q, want %d texts", l.texts, len(words))
	}
	for i, w := range words {
		if !strings.Contains(l.texts[i], w) {
			t.Errorf("told %q, want %q in it", l.texts[i], w)
		}
	}
}

// filled makes a database with ten events, a record, a cursor and a value, and returns its directory.
func filled(t *testing.T) string {
	t.Helper()
	s := open(t, t.TempDir())
	for i := 1; i <= 10; i++ {
		s.Append(event("a", i))
	}
	s.Save(Record{Service: "a", Data: bytes.Repeat([]byte("x"), 20_000)})
	s.Done("mail", 10, time.Second)
	s.SetMeta("boot", "x")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s.dir
}

// works fails unless the store takes events and state, gives them back and has them on disk.
func works(t *testing.T, s *Store) {
	t.Helper()
	remembers(t, s)
	flush(t, s)
	s = reopen(t, s)
	if s.Cursor("probe") != s.Last() {
		t.Errorf("after a restart the cursor is %d, the last event %d", s.Cursor("probe"), s.Last())
	}
}

func remembers(t *testing.T, s *Store) {
	t.Helper()
	before := s.Last()
	seq := s.Append(event("new", 1))
	if seq <= before {
		t.Errorf("event %d follows %d", seq, before)
	}
	s.Save(Record{Service: "new", Data: []byte("1")})
	s.Done("probe", seq, time.Second)
	take(t, s, seq-1, 1)
	records, err := s.Records(t.Context())
	if err != nil || len(records) == 0 || records[len(records)-1].Service != "new" {
		t.Errorf("records are %v, %v", records, err)
	}
}

// A database of a newer orderly is not called damaged: it is there for whoever goes forward again.
func TestDowngrade(t *testing.T) {
	dir := filled(t)
	path := filepath.Join(dir, fileName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(b[60:], []byte{0, 0, 1, 0})
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	listen(s).expect(t, "the database is that of a newer orderly: it has version 256, this orderly knows ")
	works(t, s)
}

func TestDamagedFiles(t *testing.T) {
	tests := []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"text", func([]byte) []byte { return []byte("this is no database, and has never been one\n") }},
		{"random header", func(b []byte) []byte { copy(b, bytes.Repeat([]byte{0xa5}, 4096)); return b }},
		{"truncated to a page", func(b []byte) []byte { return b[:4096] }},
		{"truncated within the header", func(b []byte) []byte { return b[:50] }},
		{"truncated in the middle", func(b []byte) []byte { return b[:len(b)/2+100] }},
		{"first table overwritten", func(b []byte) []byte { copy(b[100:], bytes.Repeat([]byte{0xff}, 3000)); return b }},
		{"a version of the future", func(b []byte) []byte { copy(b[60:], []byte{0, 0, 1, 0}); return b }},
		{"a foreign database", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("evidence"), []byte("whatever")) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filled(t)
			path := filepath.Join(dir, fileName)
			old, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			bad := test.damage(old)
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			listen(s).expect(t, "was moved to "+fileName+".bad-")
			if s.Last() < 1_000_000 {
				t.Errorf("numbers go on at %d and might be used again", s.Last())
			}
			aside, _ := filepath.Glob(path + ".bad-*")
			if len(aside) != 1 {
				t.Fatalf("moved aside: %q", aside)
			}
			if kept, _ := os.ReadFile(aside[0]); !bytes.Equal(kept, bad) {
				t.Error("the damaged file was changed")
			}
			works(t, s)
		})
	}
}

// An empty file is what a crash within the first moment leaves.
func TestEmptyFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	listen(s).expect(t)
	works(t, s)
}

// Damage that shows only while the daemon runs costs old events, but nothing that memory still has.
func TestDamageWhileRunning(t *testing.T) {
	s := open(t, filled(t))
	heard := listen(s)
	f, err := os.OpenFile(s.path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, _ := f.Stat()
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())), 0); err != nil {
		t.Fatal(err)
	}
	s.Append(event("a", 11))
	flush(t, s)
	heard.expect(t, "was moved to")
	if s.Cursor("mail") != 10 || s.Meta("boot") != "x" {
		t.Error("what was known is forgotten")
	}
	works(t, s)
}

func TestDirectoryThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(file, "state"))
	heard := listen(s)
	heard.expect(t, "cannot create "+s.dir)
	remembers(t, s)
	if err := s.Flush(t.Context()); err == nil {
		t.Error("Flush says it is on disk")
	}
	heard.expect(t, "cannot create")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	flush(t, s)
	heard.expect(t, "cannot create", "is written again")
	works(t, s)
}

func TestDatabaseIsADirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, fileName), 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	listen(s).expect(t, "cannot open")
	remembers(t, s)
}

func FuzzOpen(f *testing.F) {
	s, err := Open(f.TempDir(), discard)
	if err != nil {
		f.Fatal(err)
	}
	s.Append(event("a", 1))
	s.Save(Record{Service: "a", Data: []byte("1")})
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(s.path())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:4096])
	f.Add([]byte("SQLite format 3\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, fileName), file, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir, discard)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		before := s.Last()
		if s.Append(event("b", 2)) <= before {
			t.Error("a number was used twice")
		}
		s.Flush(t.Context())
		s.Events(t.Context(), Query{Limit: 5})
		s.Records(t.Context())
	})
}
