package notice

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"
)

// functions are what templates can call beside what the language has.
var functions = template.FuncMap{
	"ANSIC":       layout(time.ANSIC),
	"UnixDate":    layout(time.UnixDate),
	"RubyDate":    layout(time.RubyDate),
	"RFC822Z":     layout(time.RFC822Z),
	"RFC850":      layout(time.RFC850),
	"RFC1123":     layout(time.RFC1123),
	"RFC1123Z":    layout(time.RFC1123Z),
	"RFC3339":     layout(time.RFC3339),
	"RFC3339Nano": layout(time.RFC3339Nano),
	"FormatTime":  func(t time.Time, layout string) string { return t.Format(layout) },
	"InTZ":        inZone,
	"ISO8601":     iso8601,
	"json":        toJSON,
	"shellquote":  ShellQuote,
	"pyformat":    PythonFormat,
	"pyrepr":      PythonRepr,
	"since":       func(d time.Duration) string { return Span(d) },
}

func layout(of string) func(time.Time) string {
	return func(t time.Time) string { return t.Format(of) }
}

func inZone(t time.Time, zone string) (time.Time, error) {
	if len(zone) > 100 {
		return time.Time{}, fmt.Errorf("there is no time zone of %d characters", len(zone))
	}
	in, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("there is no time zone %q", zone)
	}
	return t.In(in), nil
}

// iso8601 is a time as the first Minitor writes it: local, without a zone, with microseconds unless they are zero.
func iso8601(t time.Time) string {
	if t.IsZero() {
		return "Never"
	}
	t = t.Local().Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}

// toJSON writes a value as JSON, quotes included.
func toJSON(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// ShellQuote makes a text one word for a POSIX shell, whatever it holds. NUL, which no argument can hold, is left out.
func ShellQuote(text string) string {
	text = strings.ReplaceAll(text, "\x00", "")
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Span words a duration for people, in its two largest units: "2 h 14 min", "45 s".
func Span(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	for i, u := range units {
		n := d / u.of
		if n == 0 && u.of > time.Second {
			continue
		}
		text := fmt.Sprintf("%d %s", n, u.name)
		if u.of == time.Second {
			return text
		}
		if rest := d % u.of / units[i+1].of; rest > 0 {
			text += fmt.Sprintf(" %d %s", rest, units[i+1].name)
		}
		return text
	}
	return "0 s"
}
