package host

import "testing"

func TestFamilyGrown(t *testing.T) {
	f := family{ticks: 500, members: []member{{pid: 10, start: 1, ticks: 100}, {pid: 20, start: 300, ticks: 50}}}
	tests := []struct {
		name string
		p    procStat
		want uint64
	}{
		{"known", procStat{pid: 10, start: 1, ticks: 130}, 30},
		{"a counter that went back", procStat{pid: 10, start: 1, ticks: 90}, 0},
		{"begun since", procStat{pid: 30, start: 500, ticks: 7}, 7},
		{"begun since with the number of another", procStat{pid: 20, start: 501, ticks: 8}, 8},
		{"adopted since", procStat{pid: 5, start: 2, ticks: 9000}, 0},
	}
	for _, tt := range tests {
		if got := f.grown(&tt.p); got != tt.want {
			t.Errorf("%s: %d ticks, want %d", tt.name, got, tt.want)
		}
	}
}
