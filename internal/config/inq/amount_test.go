package inq

import "testing"

// Pins I-09: the table of amounts. Decimals are an extension.
func TestReadAmount(t *testing.T) {
	const refused = -1.25
	for text, want := range map[string]amount{
		"50": {value: 50}, "0": {}, "-1": {value: -1}, "+5": {value: 5},
		"90%": {value: 90, percent: true}, "-5%": {value: -5, percent: true},
		"1k": {value: 1024}, "1K": {value: 1024}, "3m": {value: 3 << 20}, "3M": {value: 3 << 20},
		"2g": {value: 2 << 30}, "1t": {value: 1 << 40}, "2p": {value: 2251799813685248},
		"1k/sec": {value: 1024, perSecond: true}, "5/sec": {value: 5, perSecond: true},
		"1.5g": {value: 1.5 * (1 << 30)}, "0.5%": {value: 0.5, percent: true},

		"1kb": {value: refused}, "10s": {value: refused}, "1e3": {value: refused}, "k": {value: refused},
		"%": {value: refused}, "": {value: refused}, "/sec": {value: refused}, "-": {value: refused}, "+-1": {value: refused},
		"1/min": {value: refused}, "5/secs": {value: refused}, "250m/min": {value: refused}, "1/sec/sec": {value: refused},
		".5": {value: refused}, "5.": {value: refused}, "1.2.3": {value: refused}, "k1": {value: refused}, "1%k": {value: refused},
		"0x10": {value: refused}, "1_000": {value: refused}, "inf": {value: refused}, "NaN": {value: refused}, "٣": {value: refused},
		"8192p": {value: refused}, "9223372036854775808": {value: refused},
	} {
		got, problem := readAmount(text)
		switch bad := want.value == refused; {
		case bad != (problem != ""):
			t.Errorf("%q is %+v (%s), want %+v", text, got, problem, want)
		case !bad && got != want:
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
	}
}
