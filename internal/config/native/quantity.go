package native

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// maxDuration keeps sums of times from overflowing; nobody means more than a century.
const maxDuration = 100 * 365 * day

var durationUnits = map[string]time.Duration{
	"ms": time.Millisecond, "millisecond": time.Millisecond, "milliseconds": time.Millisecond,
	"s": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": day, "day": day, "days": day,
}

// parseDuration reads "10s", "1h30m", "5 minutes". It is at most a century.
func parseDuration(text string) (time.Duration, error) {
	var sum time.Duration
	for rest := strings.TrimSpace(text); ; {
		number, unit, after := quantity(rest)
		v, err := strconv.ParseFloat(number, 64)
		scale := durationUnits[unit]
		switch {
		case err != nil:
			return 0, fmt.Errorf("%q is no time", cut(text))
		case unit == "":
			return 0, fmt.Errorf("%q has no unit", cut(text))
		case scale == 0:
			return 0, fmt.Errorf("there is no unit %q", cut(unit))
		case v*float64(scale) > float64(maxDuration-sum):
			return 0, errors.New("the time is longer than a century")
		}
		sum += time.Duration(math.Round(v * float64(scale)))
		if after == "" {
			return sum, nil
		}
		rest = after
	}
}

// quantity splits the first number and its unit off a text.
func quantity(text string) (number, unit, rest string) {
	i := len(text) - len(strings.TrimLeft(text, "0123456789."))
	number, text = text[:i], strings.TrimLeft(text[i:], " ")
	i = len(text) - len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	return number, text[:i], strings.TrimLeft(text[i:], " ")
}

// formatDuration writes what parseDuration reads, in the largest unit that is exact.
func formatDuration(v time.Duration) string {
	for _, u := range []struct {
		scale time.Duration
		unit  string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if v > 0 && v%u.scale == 0 {
			return strconv.FormatInt(int64(v/u.scale), 10) + u.unit
		}
	}
	if v == 0 {
		return "0s"
	}
	return strconv.FormatFloat(float64(v)/float64(time.Millisecond), 'f', -1, 64) + "ms"
}

var sizeUnits = map[string]int{"": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}

// parseSize reads a number of bytes: "512", "512 B", "1 MB".
func parseSize(text string) (int, error) {
	number, unit, rest := quantity(strings.TrimSpace(text))
	n, err := strconv.Atoi(number)
	scale := sizeUnits[strings.ToLower(unit)]
	switch {
	case err != nil || rest != "":
		return 0, fmt.Errorf("%q is no size", cut(text))
	case scale == 0:
		return 0, fmt.Errorf("there is no unit %q", cut(unit))
	case n > math.MaxInt32:
		return math.MaxInt, nil
	}
	return n * scale, nil
}

// formatMode writes permission bits.
func formatMode(bits int) string { return fmt.Sprintf("%04o", bits) }

// formatSize writes what parseSize reads, in the largest unit that is exact.
func formatSize(n int) string {
	for _, u := range []struct {
		scale int
		unit  string
	}{{1 << 30, " GB"}, {1 << 20, " MB"}, {1 << 10, " kB"}} {
		if n > 0 && n%u.scale == 0 {
			return strconv.Itoa(n/u.scale) + u.unit
		}
	}
	return strconv.Itoa(n) + " B"
}
