package monit

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"orderly/internal/model"
)

// dateLayout is how Monit writes a moment, in local time.
const dateLayout = "Mon, 02 Jan 2006 15:04:05"

// formatBytes writes a number of bytes: "6 B", "10.5 kB", "4 MB".
func formatBytes(n float64) string {
	units := [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB"}
	u := 0
	for ; math.Abs(n) >= 1024 && u < len(units)-1; u++ {
		n /= 1024
	}
	return whole(n, 1) + " " + units[u]
}

// formatDuration writes a duration given in milliseconds: "0.043 ms", "1.201 s", "5 m".
func formatDuration(ms float64) string {
	steps := [...]struct {
		unit string
		next float64 // how many of it are one of the next unit
	}{{"ms", 1000}, {"s", 60}, {"m", 60}, {"h", 24}, {"d", 365}, {"y", math.Inf(1)}}
	u := 0
	for ; math.Abs(ms) >= steps[u].next; u++ {
		ms /= steps[u].next
	}
	return whole(ms, 3) + " " + steps[u].unit
}

// whole writes a number without decimals if it has none, else with so many.
func whole(f float64, decimals int) string {
	if f == math.Trunc(f) {
		decimals = 0
	}
	return strconv.FormatFloat(f, 'f', decimals, 64)
}

// formatUptime writes a duration to the minute: "0m", "1h 5m", "2d 0h 3m".
func formatUptime(d time.Duration) string {
	minutes := max(0, int64(d/time.Minute))
	days, hours, minutes := minutes/(24*60), minutes/60%24, minutes%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd %dh %dm", days, hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	}
	return fmt.Sprintf("%dm", minutes)
}

func formatDate(t time.Time) string { return t.Local().Format(dateLayout) }

// percentOf is how much of the whole a part is; of nothing it is nothing.
func percentOf(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return 100 * part / whole
}

// The forms of single values. An absent value has none: it is "".

func integer(v model.Value) string { return form(v, "%.0f") }

func percent(v model.Value) string { return form(v, "%.1f%%") }

func form(v model.Value, format string) string {
	if !v.Present() {
		return ""
	}
	return fmt.Sprintf(format, v.Number())
}

func octal(v model.Value) string {
	if !v.Present() {
		return ""
	}
	return strconv.FormatInt(int64(v.Number()), 8)
}

func byteCount(v model.Value) string {
	if !v.Present() {
		return ""
	}
	return formatBytes(v.Number())
}

func date(v model.Value) string {
	if !v.Present() {
		return ""
	}
	return formatDate(time.Unix(int64(v.Number()), 0))
}
