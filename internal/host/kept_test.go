package host

import (
	"strings"
	"testing"
	"time"
)

// Totals go on where an earlier run of the daemon left them: T-net-download-total, T-net-upload-total.
func TestTrafficIsKept(t *testing.T) {
	begin := time.Unix(1_700_000_000, 123)
	var before traffic
	before.next(begin, [linkCounters]uint64{downloadBytes: 1000})
	before.next(begin.Add(90*time.Second), [linkCounters]uint64{downloadBytes: 1600, uploadPackets: 5})
	text := before.keep()
	after, ok := restoreTraffic(text)
	if !ok || after.keep() != text {
		t.Fatalf("restored %q, want %q", after.keep(), text)
	}
	tests := []struct {
		name    string
		down    time.Duration // of the daemon
		count   uint64
		overMin float64
		overDay float64
	}{
		{"at once", time.Second, 1700, 700, 700},
		{"half a minute later", 31 * time.Second, 1700, 100, 700},
		{"ten minutes later", 10 * time.Minute, 2600, 100, 1600}, // of what grew meanwhile, a minute's share
		{"after a reboot", 10 * time.Minute, 1000, 100, 1600},
		{"after two days", 48 * time.Hour, 1600 + 48_000, 16, 24_000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := begin.Add(90 * time.Second).Add(tt.down)
			tr := after
			tr.next(now, [linkCounters]uint64{downloadBytes: tt.count})
			if got := tr.total(now, downloadBytes, time.Minute).Number(); got != tt.overMin {
				t.Errorf("in the last minute %v, want %v", got, tt.overMin)
			}
			if got := tr.total(now, downloadBytes, 24*time.Hour).Number(); got != tt.overDay {
				t.Errorf("in the last day %v, want %v", got, tt.overDay)
			}
		})
	}
}

func TestKeptTrafficIsBounded(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	var tr traffic
	count := [linkCounters]uint64{}
	for range 48 * 60 {
		for i := range count {
			count[i] += 1 << 40
		}
		tr.next(now, count)
		now = now.Add(time.Minute)
	}
	if n := len(tr.keep()); n > 16<<10 {
		t.Errorf("%d bytes are kept", n)
	}
}

func FuzzRestoreTraffic(f *testing.F) {
	f.Add((&traffic{start: time.Unix(5, 0), at: time.Unix(6, 0)}).keep())
	f.Add("[[[1,2,3,4,5,6,7,8]],[[0,1,2,3,4,5,6]],[[-1,1,2,3,4,5,6]]]")
	f.Add("[[],[],[]]")
	f.Add("x" + strings.Repeat("[", 100))
	f.Fuzz(func(t *testing.T, text string) {
		tr, ok := restoreTraffic(text)
		if !ok {
			return
		}
		now := tr.at.Add(time.Hour)
		tr.next(now, [linkCounters]uint64{1, 2, 3, 4, 5, 6})
		if v := tr.total(now, downloadBytes, time.Minute); !v.Present() || v.Number() < 0 {
			t.Errorf("total %v", v.Number())
		}
	})
}
