package daemon

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestPidfileIsHeldByOne(t *testing.T) { // C-24, D-03
	path := filepath.Join(t.TempDir(), "pid")
	if err := os.WriteFile(path, []byte("99999999 left behind by a crash\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	first, err := holdPidfile(path)
	if err != nil {
		t.Fatal(err)
	}
	self := strconv.Itoa(os.Getpid())
	if text, err := os.ReadFile(path); err != nil || string(text) != self+"\n" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if _, err := holdPidfile(path); err == nil || !strings.Contains(err.Error(), self) || !strings.Contains(err.Error(), path) {
		t.Errorf("a second holder: %v", err)
	}
	first.release()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

func TestPidfileOfAnotherStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	p, err := holdPidfile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.release()
	if text, err := os.ReadFile(path); err != nil || string(text) != "1\n" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestPidfileFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "precious")
	if err := os.WriteFile(target, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(dir, "pid")); err != nil {
		t.Fatal(err)
	}
	if _, err := holdPidfile(filepath.Join(dir, "pid")); err == nil {
		t.Error("a link was followed")
	}
	if text, _ := os.ReadFile(target); string(text) != "x" {
		t.Errorf("the target holds %q", text)
	}
}

func TestTheConfiguredPidfileIsFollowed(t *testing.T) {
	dir := t.TempDir()
	d := &instance{}
	for _, name := range []string{"a", "b", "b", ""} {
		path := ""
		if name != "" {
			path = filepath.Join(dir, name)
		}
		if err := d.settlePidfile(path); err != nil {
			t.Fatal(err)
		}
		for _, other := range []string{"a", "b"} {
			if _, err := os.Stat(filepath.Join(dir, other)); (err == nil) != (other == name) {
				t.Errorf("with pid file %q configured, %q: %v", name, other, err)
			}
		}
	}
}

func TestIDFile(t *testing.T) { // C-19
	path := filepath.Join(t.TempDir(), "id")
	id, err := WriteID(path)
	if err != nil || !idForm.MatchString(id) {
		t.Fatalf("got %q, %v", id, err)
	}
	if again, err := ReadID(path); err != nil || again != id {
		t.Errorf("read %q, %v", again, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 32 {
		t.Errorf("%v, %v", info, err)
	}
	for _, c := range []struct{ text, want string }{
		{"7f3c1d0e-uuid-of.a_host\n", "7f3c1d0e-uuid-of.a_host"},
		{" abc def\n", "abc"},
		{"abc\ndef\n", "abc"},
		{"", ""},
		{"<monit>", ""},
		{strings.Repeat("a", 65), ""},
		{"a\x00b", ""},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if id, err := ReadID(path); id != c.want || (err == nil) != (c.want != "") {
			t.Errorf("of %q: %q, %v", c.text, id, err)
		}
	}
}
