package store

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// said fails unless exactly these objects are there, by their ids.
func said(t *testing.T, s *Store, kind string, want map[int64]string) {
	t.Helper()
	found, err := s.Objects(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	got := map[int64]string{}
	for id, data := range found {
		got[id] = string(data)
	}
	if !maps.Equal(got, want) {
		t.Errorf("objects of kind %s are %v, want %v", kind, got, want)
	}
}

func TestObjects(t *testing.T) {
	s := open(t, t.TempDir())
	s.PutObject("component", 1, []byte("a"))
	s.PutObject("component", 2, []byte("b"))
	s.PutObject("incident", 1, nil)
	want := map[int64]string{1: "a", 2: "b"}
	said(t, s, "component", want) // queued
	flush(t, s)
	said(t, s, "component", want) // on disk
	s.PutObject("component", 1, []byte("changed"))
	s.DropObject("component", 2)
	s.DropObject("component", 3)
	want = map[int64]string{1: "changed"}
	said(t, s, "component", want) // both
	s = reopen(t, s)
	said(t, s, "component", want)
	said(t, s, "incident", map[int64]string{1: ""})
	said(t, s, "group", nil)
}

// Objects are needed by whoever runs, so that they survive the loss of the file.
func TestObjectsOfADeletedDatabase(t *testing.T) {
	s := open(t, t.TempDir())
	s.PutObject("component", 1, []byte("a"))
	s.PutObject("component", 2, []byte("b"))
	flush(t, s)
	if err := os.Remove(filepath.Join(s.dir, fileName)); err != nil {
		t.Fatal(err)
	}
	s.DropObject("component", 2)
	s.PutObject("component", 3, []byte("c"))
	flush(t, s)
	s = reopen(t, s)
	said(t, s, "component", map[int64]string{1: "a", 3: "c"})
}

func TestObjectsWithoutADisk(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.PutObject("component", 1, []byte("a"))
	s.DropObject("component", 2)
	said(t, s, "component", map[int64]string{1: "a"})
}
