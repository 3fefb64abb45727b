package monit

import (
	"testing"
	"time"
)

func TestFormatBytes(t *testing.T) { // C-12
	for in, want := range map[float64]string{
		0: "0 B", 6: "6 B", 294.1: "294.1 B", 1023: "1023 B", 1024: "1 kB", 1025: "1.0 kB", 10742: "10.5 kB", 16384: "16 kB",
		1047552: "1023 kB", 1048575: "1024.0 kB", 1048576: "1 MB", 252 * gB: "252 GB", 1 << 60: "1 EB", 1 << 70: "1 ZB",
		1 << 85: "32768 ZB", -2048: "-2 kB",
	} {
		if got := formatBytes(in); got != want {
			t.Errorf("%v: got %s, want %s", in, got, want)
		}
	}
}

func TestFormatDuration(t *testing.T) { // C-12
	for in, want := range map[float64]string{
		0: "0 ms", 0.043: "0.043 ms", 999.5: "999.500 ms", 1000: "1 s", 1201: "1.201 s", 5000: "5 s", 300e3: "5 m",
		90 * 60e3: "1.500 h", 24 * 3600e3: "1 d", 365 * 24 * 3600e3: "1 y", 1e15: "31709.792 y",
	} {
		if got := formatDuration(in); got != want {
			t.Errorf("%v: got %s, want %s", in, got, want)
		}
	}
}

func TestFormatUptime(t *testing.T) { // C-12
	for in, want := range map[time.Duration]string{
		-time.Hour: "0m", 0: "0m", 59 * time.Second: "0m", time.Minute: "1m", 65 * time.Minute: "1h 5m", 2 * time.Hour: "2h 0m",
		24 * time.Hour: "1d 0h 0m", 48*time.Hour + 3*time.Minute: "2d 0h 3m", 10000 * time.Hour: "416d 16h 0m",
	} {
		if got := formatUptime(in); got != want {
			t.Errorf("%v: got %s, want %s", in, got, want)
		}
	}
}

func TestFormatDate(t *testing.T) { // C-12
	if got, want := formatDate(moment("09:08:07")), "Fri, 20 Nov 2026 09:08:07"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
