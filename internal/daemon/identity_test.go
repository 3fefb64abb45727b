package daemon

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadID(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"good": strings.Repeat("0aF9", 8) + "\n", "empty": " \n", "long": strings.Repeat("0", 1000), "other": "<id>",
	} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(in("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"good": "", "fifo": "cannot read the id file", ".": "cannot read the id file", "none": "cannot read the id file",
		"empty": "cannot use the id file", "long": "cannot use the id file", "other": "cannot use the id file",
	} {
		id, err := ReadID(in(name))
		switch {
		case want == "" && (err != nil || id != strings.Repeat("0aF9", 8)):
			t.Errorf("%s: %q, %v", name, id, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
	if _, err := ReadID(in("none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
	id, err := WriteID(in("new"))
	if again, readErr := ReadID(in("new")); err != nil || readErr != nil || again != id {
		t.Errorf("wrote %q, %v; read %q, %v", id, err, again, readErr)
	}
}
