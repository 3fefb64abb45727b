package httpd

import "testing"

func TestDESCrypt(t *testing.T) { // H-10: the hashes are those of the C library
	for _, tt := range []struct{ password, salt, want string }{
		{"crpw", "ab", "abYFL2LDrKX/c"},
		{"crpw", "abYFL2LDrKX/c", "abYFL2LDrKX/c"},
		{"", "zz", "zz6dpSdr.LHZw"},
		{"a long password that is cut", "./", "./LJjfHRvPlvA"},
		{"a long p", "./", "./LJjfHRvPlvA"},
		{"crpw", "a", ""},
		{"crpw", "", ""},
		{"crpw", "!!", ""},
	} {
		if got := desCrypt(tt.password, tt.salt); got != tt.want {
			t.Errorf("desCrypt(%q, %q) = %q, want %q", tt.password, tt.salt, got, tt.want)
		}
	}
}
