package model

import (
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"3 files\r\n\tok\n", "3 files\n\tok\n"},
		{"\x1b[31mred\x00", "\uFFFD[31mred\uFFFD"},
		{"a\xff\xfeb", "a\uFFFD\uFFFDb"},
		{strings.Repeat("x", 1000), strings.Repeat("x", 20)},
		{strings.Repeat("ä", 1000), strings.Repeat("ä", 10)},
		{"x" + strings.Repeat("ä", 1000), "x" + strings.Repeat("ä", 9)},
		{strings.Repeat("\r", 1000), ""},
	} {
		if got := Printable(tt.in, 20); got != tt.want {
			t.Errorf("%.30q: %q, want %q", tt.in, got, tt.want)
		}
	}
}
