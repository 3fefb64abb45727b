package host

import (
	"strings"
	"testing"
)

const nginxStat = "812 (nginx: worker (a)) S 1 812 812 0 -1 4194624 1200 0 3 0 250 750 30 40 20 0 4 0 5000 57442304 3210 18446744073709551615 1 1 0 0 0 0 0 1073746048 402745863 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

func TestParseStat(t *testing.T) {
	var p procStat
	if !parseStat([]byte(nginxStat), &p) {
		t.Fatal("refused")
	}
	want := procStat{pid: 812, ppid: 1, state: 'S', threads: 4, ticks: 1000, user: 250, ended: ticks{30, 40}, start: 5000, pages: 3210, name: "nginx: worker (a)"}
	if p != want {
		t.Errorf("got %+v\nwant %+v", p, want)
	}
}

func TestParseStatRefuses(t *testing.T) {
	for _, line := range []string{
		"", "812", "812 (x)", "812 (x) S", "812 (x) S 1 2 3", "() S 1", ") (", "x (y) " + strings.Repeat("1 ", 60),
		strings.Replace(nginxStat, " 5000 ", " -5 ", 1), strings.Replace(nginxStat, " 250 ", " 99999999999999999999 ", 1),
	} {
		if parseStat([]byte(line), new(procStat)) {
			t.Errorf("%q was taken", line)
		}
	}
}

func TestGone(t *testing.T) {
	for _, tt := range []struct {
		state   byte
		threads int
		want    bool
	}{{'S', 1, false}, {'Z', 1, true}, {'Z', 0, true}, {'X', 0, true}, {'Z', 3, false}} {
		if p := (procStat{state: tt.state, threads: tt.threads}); p.gone() != tt.want {
			t.Errorf("state %c with %d threads: gone is %v", tt.state, tt.threads, p.gone())
		}
	}
}

func TestParsePidfile(t *testing.T) {
	for text, want := range map[string]int{
		"812": 812, "812\n": 812, "  812  \n": 812, "\n\n812": 812, "812\x00\x00": 812, "812\r\n": 812,
		"812\n/var/lib/postgresql\n5432\n": 812, "812 nginx": 812,
		"": 0, "\n": 0, "0": 0, "-812": 0, "+1": 0, "nginx": 0, "pid=812": 0, "812abc": 0, "1.5": 0, "\x00\x01\x02": 0,
		"4194304": 4194304, "4194305": 0, "99999999999999999999999999": 0, "18446744073709551617": 0,
	} {
		if got := parsePidfile([]byte(text)); got != want {
			t.Errorf("%q: pid %d, want %d", text, got, want)
		}
	}
}

func TestKeyedNumber(t *testing.T) {
	text := []byte("MemTotal:       2014240 kB\nMemFree: x\nSwap:\n")
	for key, want := range map[string]uint64{"MemTotal:": 2014240, "MemFree:": 0, "Swap:": 0, "None:": 0} {
		n, ok := number(text, key)
		if n != want || ok != (want != 0) {
			t.Errorf("%s: %d, %v", key, n, ok)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(nginxStat))
	f.Add([]byte("1 () S 0"))
	f.Fuzz(func(t *testing.T, line []byte) {
		var p procStat
		if parseStat(line, &p) && (p.pid < 0 || p.ppid < 0 && p.threads < 0) {
			t.Errorf("%q: %+v", line, p)
		}
	})
}

func FuzzParsePidfile(f *testing.F) {
	f.Add([]byte("812\n"))
	f.Add([]byte("-1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if pid := parsePidfile(text); pid < 0 || pid > maxPID {
			t.Errorf("%q: pid %d", text, pid)
		}
	})
}
