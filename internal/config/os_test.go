package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func create(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	good := create(t, filepath.Join(dir, "good"), "text", 0o600)
	if text, info, err := readFile(good); err != nil || string(text) != "text" || info.UID != os.Geteuid() || info.Mode != 0o600 {
		t.Errorf("readFile: %q %+v %v", text, info, err)
	}
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skip(err)
	}
	big := filepath.Join(dir, "big")
	create(t, big, "", 0o600)
	if err := os.Truncate(big, maxFile+1); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir: "not a regular file", fifo: "not a regular file", "/dev/zero": "not a regular file",
		big: "larger than 16 MiB", filepath.Join(dir, "none"): "no such file",
	} {
		if _, _, err := readFile(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("readFile(%s): %v, want an error with %q", path, err, want)
		}
	}
}

func TestMachine(t *testing.T) {
	env, dir := machine(), t.TempDir()
	script := create(t, filepath.Join(dir, "run"), "#!/bin/sh\n", 0o755)
	plain := create(t, filepath.Join(dir, "plain"), "", 0o644)
	for path, want := range map[string]string{
		script: "", plain: "not executable", dir: "not a regular file", filepath.Join(dir, "none"): "no such file",
	} {
		if err := env.Executable(path); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Executable(%s): %v, want %q", path, err, want)
		}
	}
	for path, want := range map[string]string{
		plain: "", filepath.Join(dir, "new.log"): "", "/dev/null": "", dir: "is a directory",
		filepath.Join(dir, "none", "new.log"): "no such file",
	} {
		if err := env.Appendable(path); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Appendable(%s): %v, want %q", path, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "new.log")); err == nil {
		t.Error("asking whether a log could be written created it")
	}
	if info, err := env.Stat(dir); err != nil || !info.Mode.IsDir() {
		t.Errorf("Stat: %+v %v", info, err)
	}
	if _, err := env.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that is not there has a state")
	}
}

func TestLookup(t *testing.T) {
	env := machine()
	for _, who := range []string{"root", "0"} {
		if id, err := env.LookupUser(who); id != 0 || err != nil {
			t.Errorf("user %s is %d, %v", who, id, err)
		}
	}
	if id, err := env.LookupGroup("0"); id != 0 || err != nil {
		t.Errorf("group 0 is %d, %v", id, err)
	}
	for _, who := range []string{"no-such-user", "-x", ""} {
		if id, err := env.LookupUser(who); err == nil {
			t.Errorf("user %q is %d", who, id)
		}
		if id, err := env.LookupGroup(who); err == nil {
			t.Errorf("group %q is %d", who, id)
		}
	}
}

func TestExpand(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.conf", "a.conf", "a.conf~", "x", "d.conf/y"} {
		create(t, filepath.Join(dir, name), "", 0o600)
	}
	for pattern, want := range map[string][]string{
		"*":        {"a.conf", "b.conf", "x"},
		"*.conf":   {"a.conf", "b.conf"},
		"[!a]*":    {"b.conf", "x"},
		"none":     nil,
		"none/*.x": {"error"},
		"[":        {"error"},
		"*/y":      {"d.conf/y"},
		"*/z":      nil,
	} {
		got, err := includer{}.Expand(filepath.Join(dir, pattern))
		for i := range got {
			got[i], _ = filepath.Rel(dir, got[i])
		}
		if err != nil {
			got = []string{"error"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s expands to %q, %v, want %q", pattern, got, err, want)
		}
	}
}
