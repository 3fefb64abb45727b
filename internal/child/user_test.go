package child

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	needRoot(t)
	nobody, home, err := Lookup(t.Context(), "nobody", "")
	if err != nil {
		t.Fatal(err)
	}
	if nobody.UID == 0 || home == "" || !slices.Contains(nobody.Groups, nobody.GID) {
		t.Errorf("got %+v, home %q", nobody, home)
	}
	tests := []struct {
		name, user, group string
		uid, gid          uint32
		home              string
	}{
		{"O-act-exec-user by number", "0", "", 0, 0, "/root"},
		{"user with another group", "nobody", "daemon", nobody.UID, 1, home},
		{"group by number", "nobody", "1", nobody.UID, 1, home},
		{"only a group", "", "daemon", 0, 1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, home, err := Lookup(t.Context(), tt.user, tt.group)
			if err != nil {
				t.Fatal(err)
			}
			if c.UID != tt.uid || c.GID != tt.gid || home != tt.home || !slices.Contains(c.Groups, tt.gid) {
				t.Errorf("got %+v, home %q", c, home)
			}
		})
	}
}

func TestLookupNothing(t *testing.T) {
	c, home, err := Lookup(t.Context(), "", "")
	if c != nil || home != "" || err != nil {
		t.Errorf("got %v, %q, %v", c, home, err)
	}
}

func TestLookupUnknown(t *testing.T) {
	needRoot(t)
	tests := []struct{ user, group, want string }{
		{"orderly-nobody", "", "cannot find user orderly-nobody: there is none of this name"},
		{"4242424", "", "cannot find user 4242424: there is none of this name"},
		{"99999999999", "", "cannot find user 99999999999: there is none of this name"},
		{"--help", "", "cannot find user --help: there is none of this name"},
		{"root", "orderly-nobody", "cannot find group orderly-nobody: there is none of this name"},
		{"", "4242424", "cannot find group 4242424: there is none of this name"},
	}
	for _, tt := range tests {
		_, _, err := Lookup(t.Context(), tt.user, tt.group)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q, %q: got %v", tt.user, tt.group, err)
		}
	}
}

func TestRunAs(t *testing.T) {
	needRoot(t)
	nobody, _, err := Lookup(t.Context(), "nobody", "daemon")
	if err != nil {
		t.Fatal(err)
	}
	spec := sh("id -un; id -gn; id -G")
	spec.Credential = nobody
	res, err := Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(res.Stdout, "\n")
	if len(lines) != 4 || lines[0] != "nobody" || lines[1] != "daemon" || slices.Contains(strings.Fields(lines[2]), "0") {
		t.Errorf("got %q", res.Stdout)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}
