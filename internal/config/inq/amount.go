package inq

import (
	"math"
	"strconv"
	"strings"
)

// An amount is a number of a rule, as in "90%", "2g" or "1k/sec".
type amount struct {
	value     float64
	percent   bool // written with %
	perSecond bool
}

// scales are the suffixes of a number. One with % is as large as it is without.
const scales = "kmgtp"

// readAmount reads a number. Inspeqtor knows whole numbers only; here they may have decimals. What is wrong with it is
// told in words that follow the number, "" when nothing is.
func readAmount(text string) (a amount, problem string) {
	digits, a := text, amount{}
	if before, rate, found := strings.Cut(text, "/"); found {
		if rate != "sec" {
			return a, "is a rate; the only one is /sec"
		}
		digits, a.perSecond = before, true
	}
	scale := 1.0
	if n := len(digits) - 1; n >= 0 {
		if i := strings.IndexByte(scales, digits[n]|' '); i >= 0 {
			digits, scale = digits[:n], math.Pow(1024, float64(i+1))
		} else if digits[n] == '%' {
			digits, a.percent = digits[:n], true
		}
	}
	if !isNumber(digits) {
		return a, "is no number; a number may end in k, m, g, t, p (powers of 1024) or %, and then in /sec"
	}
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.Abs(value*scale) >= math.MaxInt64 {
		return a, "is too large"
	}
	a.value = value * scale
	return a, ""
}

// isNumber tells whether a text is a decimal number, with a sign or not.
func isNumber(s string) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole, decimals, found := strings.Cut(s, ".")
	return isDigits(whole) && (!found || isDigits(decimals))
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// readCount reads a whole number from 1 up to a limit.
func readCount(text string, most int) (n int, ok bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && isDigits(text) && n >= 1 && n <= most
}
