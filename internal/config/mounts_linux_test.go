package config

import (
	"slices"
	"strings"
	"testing"
)

func TestParseMounts(t *testing.T) {
	got := parseMounts(strings.NewReader("/dev/sda1 / ext4 rw,relatime 0 0\nbroken\n//nas/x /mnt/my\\040disk cifs rw 0 0\n\\9x /y z\n"))
	want := []mount{{"/dev/sda1", "/", "ext4"}, {"//nas/x", "/mnt/my disk", "cifs"}, {`\9x`, "/y", "z"}}
	if !slices.Equal(got, want) {
		t.Errorf("mounts are %q, want %q", got, want)
	}
	if len(mounts()) == 0 {
		t.Error("nothing is mounted on this host")
	}
}
