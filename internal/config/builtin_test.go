package config

import (
	"slices"
	"testing"

	"orderly/internal/model"
)

func TestBuiltin(t *testing.T) {
	c := builtin("web1", []mount{
		{"proc", "/proc", "proc"},
		{"/dev/sda1", "/", "ext4"},
		{"/dev/sda1", "/var/lib/bind", "ext4"}, // the same filesystem once more
		{"tmpfs", "/run", "tmpfs"},
		{"/dev/loop0", "/snap/core/1", "squashfs"},
		{"tank/home", "/home", "zfs"},
		{"/dev/sda2", "/boot/efi", "vfat"},
		{"/dev/sda3", "/boot-efi", "ext4"},
		{"overlay", "/var/lib/docker/1/merged", "overlay"},
		{"/dev/sr0", "/media", "iso9660"},
		{"/dev/sdb", "/web1", "xfs"},
	})
	c.Seal()
	var got []string
	for _, s := range c.Services {
		got = append(got, string(s.Kind)+" "+s.Name+" "+s.Subject.Path)
		if s.Mode != model.Passive {
			t.Errorf("%s may act", s.Name)
		}
		for _, r := range s.Rules {
			if r.Then[0].Kind != model.ActAlert {
				t.Errorf("%s does %s", s.Name, r.Then[0].Kind)
			}
		}
	}
	want := []string{
		"system web1 ", "filesystem root /", "filesystem home /home", "filesystem boot-efi /boot/efi",
		"filesystem boot-efi-2 /boot-efi", "filesystem web1-2 /web1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("services are %q, want %q", got, want)
	}
	if n := len(c.Services[1].Rules); n != 2 {
		t.Errorf("a filesystem has %d rules, want one for space and one for inodes", n)
	}
}

func TestBuiltinOverlayRoot(t *testing.T) {
	c := builtin("box", []mount{{"overlay", "/", "overlay"}})
	if len(c.Services) != 2 {
		t.Errorf("the root of a container is not watched: %d services", len(c.Services))
	}
}
