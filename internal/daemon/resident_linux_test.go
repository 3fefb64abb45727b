package daemon

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestUntouched(t *testing.T) {
	const smaps = `00400000-00cab000 r-xp 00000000 fe:00 4711                               /usr/bin/orderly
Size:               8876 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00cab000-014fa000 r--p 008ab000 fe:00 4711                               /usr/bin/orderly
Anonymous:             0 kB
014fa000-014fb000 r--p 010fa000 fe:00 4711                               /usr/bin/orderly
Anonymous:             4 kB
014fb000-01597000 rw-p 010fb000 fe:00 4711                               /usr/bin/orderly
Anonymous:             0 kB
c000000000-c000800000 rw-p 00000000 00:00 0 
Anonymous:          8192 kB
7f0000000000-7f0000001000 r-xp 00000000 fe:00 4712                       /usr/lib/orderly
Anonymous:             0 kB
x-y r-xp
Anonymous:             0 kB
20000-10000 r-xp 00000000 fe:00 4711 /usr/bin/orderly
Anonymous:             0 kB

`
	want := []mapping{{0x400000, 0xcab000}, {0xcab000, 0x14fa000}}
	if got := untouched(strings.NewReader(smaps), "/usr/bin/orderly"); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// The program goes on after its pages were given back, and such pages there are.
func TestReleaseProgram(t *testing.T) {
	releaseProgram()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if len(untouched(f, program)) == 0 {
		t.Error("there is nothing to give back")
	}
}
