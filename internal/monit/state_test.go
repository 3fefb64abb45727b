package monit

import (
	"os"
	"slices"
	"testing"

	"orderly/internal/model"
)

// The fixture was written by Monit 5.33 on amd64.
func TestParseState(t *testing.T) { // D-04: import of version 4
	data, err := os.ReadFile("testdata/state-v4")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseState(data)
	if err != nil {
		t.Fatal(err)
	}
	if s.Boot.Unix() != 1795225111 {
		t.Errorf("booted at %v", s.Boot)
	}
	got := map[string]ServiceState{}
	for _, one := range s.Services {
		got[one.Name] = one
	}
	for _, want := range []ServiceState{
		{Name: "log", Kind: model.KindFile, Monitored: true, Bookmark: model.Bookmark{Inode: 10018851, Offset: 10, Seen: true}},
		{Name: "off", Kind: model.KindFile},
		{Name: "web", Kind: model.KindProcess, Monitored: true},
		{Name: "root", Kind: model.KindFilesystem, Monitored: true},
		{Name: "host1", Kind: model.KindSystem, Monitored: true},
	} {
		if have := got[want.Name]; have != want {
			t.Errorf("got %+v, want %+v", have, want)
		}
	}
}

func TestParseStateRefusesOthers(t *testing.T) {
	data, err := os.ReadFile("testdata/state-v4")
	if err != nil {
		t.Fatal(err)
	}
	version := slices.Clone(data)
	version[4] = 5
	for name, bad := range map[string][]byte{"empty": nil, "short": data[:15], "version 5": version} {
		if _, err := ParseState(bad); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if s, err := ParseState(data[:stateHeader+stateRecord+1]); err != nil || len(s.Services) != 1 {
		t.Errorf("of a file that was cut off, %d records were read, %v", len(s.Services), err)
	}
}

func FuzzParseState(f *testing.F) {
	data, err := os.ReadFile("testdata/state-v4")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseState(data)
		if err == nil && len(s.Services) > len(data)/stateRecord {
			t.Errorf("%d records in %d bytes", len(s.Services), len(data))
		}
	})
}
