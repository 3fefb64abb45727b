package child

import (
	"bytes"
	"testing"
)

func TestOutputText(t *testing.T) {
	tests := []struct {
		name           string
		keep           int
		stdout, stderr string
		wantOut        string
		wantErr        string
		truncated      bool
	}{
		{name: "all", keep: 10, stdout: "abc", stderr: "def", wantOut: "abc", wantErr: "def"},
		{name: "standard error comes first", keep: 4, stdout: "abc", stderr: "def", wantOut: "a", wantErr: "def", truncated: true},
		{name: "no room for standard output", keep: 3, stdout: "abc", stderr: "def", wantErr: "def", truncated: true},
		{name: "too much standard error", keep: 2, stderr: "def", wantErr: "de", truncated: true},
		{name: "nothing", keep: 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := collected(tt.keep, []byte(tt.stdout), []byte(tt.stderr), 2)
			stderr, stdout, truncated := o.text()
			if stderr != tt.wantErr || stdout != tt.wantOut || truncated != tt.truncated {
				t.Errorf("got %q, %q, %t", stderr, stdout, truncated)
			}
		})
	}
}

func TestEndOfOutput(t *testing.T) {
	all := bytes.Repeat([]byte("0123456789"), 100)
	for _, keep := range []int{0, 1, 7, 1000, 2000} {
		for _, step := range []int{1, 3, 64, 1000} {
			c := collector{limit: keep, end: true}
			for rest := all; len(rest) > 0; rest = rest[min(step, len(rest)):] {
				c.add(rest[:min(step, len(rest))])
				if len(c.kept) > 2*keep {
					t.Fatalf("keep %d: holds %d", keep, len(c.kept))
				}
			}
			want := all[max(0, len(all)-keep):]
			if got := c.last(); !bytes.Equal(got, want) || c.dropped != (keep < len(all)) {
				t.Errorf("keep %d, step %d: %q, dropped %t", keep, step, got, c.dropped)
			}
		}
	}
}

func FuzzOutput(f *testing.F) {
	f.Add(512, []byte("out"), []byte("err"), 4096)
	f.Add(3, []byte("standard output"), []byte("standard error"), 1)
	f.Add(0, []byte("x"), []byte{}, 2)
	f.Add(1<<20, bytes.Repeat([]byte("\xff\x00"), 3000), []byte("\n"), 4096)
	f.Fuzz(func(t *testing.T, keep int, stdout, stderr []byte, step int) {
		if keep < 0 || step <= 0 {
			t.Skip()
		}
		o := collected(keep, stdout, stderr, step)
		gotErr, gotOut, truncated := o.text()
		wantErr := stderr[:min(keep, len(stderr))]
		wantOut := stdout[:min(keep-len(wantErr), len(stdout))]
		if gotErr != string(wantErr) || gotOut != string(wantOut) {
			t.Errorf("keep %d: got %q, %q, want %q, %q", keep, gotErr, gotOut, wantErr, wantOut)
		}
		if whole := len(stdout)+len(stderr) <= keep; truncated == whole {
			t.Errorf("keep %d of %d: truncated is %t", keep, len(stdout)+len(stderr), truncated)
		}
		for _, s := range o.streams {
			if len(s.kept) > keep {
				t.Errorf("keep %d: holds %d", keep, len(s.kept))
			}
		}
	})
}

// collected is what is kept of two outputs that come in steps.
func collected(keep int, stdout, stderr []byte, step int) *output {
	o := &output{keep: keep}
	for _, text := range [][]byte{stdout, stderr} {
		s := stream{collector: collector{limit: keep}}
		for len(text) > 0 {
			n := min(step, len(text))
			s.add(text[:n])
			text = text[n:]
		}
		o.streams = append(o.streams, s)
	}
	return o
}
