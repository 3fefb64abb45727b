package model

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unique"
)

// A Value is a number, or text, or absent. The zero Value is absent. Values are equal if what they hold is.
type Value struct {
	num  float64
	form unique.Handle[form]
}

// A form is what a value is besides its number. There are few of them and many values, so each is kept once.
type form struct {
	isText bool
	text   string
}

var (
	absent = unique.Handle[form]{}
	number = unique.Make(form{})
)

// Num is a number in the base unit of its metric: bytes, seconds, per cent ...
func Num(f float64) Value { return Value{num: f, form: number} }

// Bool is 1 for true and 0 for false.
func Bool(b bool) Value {
	if b {
		return Num(1)
	}
	return Num(0)
}

// Str is text.
func Str(s string) Value { return Value{form: unique.Make(form{isText: true, text: s})} }

// Present tells whether there is a value at all.
func (v Value) Present() bool { return v.form != absent }

// IsText tells whether the value is text.
func (v Value) IsText() bool { return v.form != absent && v.form != number }

// Number returns the number, 0 for text and absent values.
func (v Value) Number() float64 { return v.num }

// Text returns the text, "" for numbers and absent values.
func (v Value) Text() string {
	if v.form == absent {
		return ""
	}
	return v.form.Value().text
}

// MarshalJSON writes null, a number or a string.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.form {
	case absent:
		return []byte("null"), nil
	case number:
		return json.Marshal(v.num)
	}
	return json.Marshal(v.Text())
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (v *Value) UnmarshalJSON(b []byte) error {
	var x any
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	switch x := x.(type) {
	case float64:
		*v = Num(x)
	case string:
		*v = Str(x)
	default:
		*v = Value{}
	}
	return nil
}

// Format shows the value for people, in the unit of its metric: "1.5 GB", "42.0%", "2h5m".
func (v Value) Format(u Unit) string {
	if v.form != number {
		return v.Text()
	}
	switch u {
	case Bytes:
		return FormatBytes(v.num)
	case BytesPerSec:
		return FormatBytes(v.num) + "/s"
	case BitsPerSecond:
		return trim(v.num/1e6) + " Mbit/s"
	case Percent:
		return strconv.FormatFloat(v.num, 'f', 1, 64) + "%"
	case Seconds:
		return FormatSeconds(v.num)
	case Milliseconds:
		return trim(v.num) + " ms"
	case Octal:
		return fmt.Sprintf("%04o", int(v.num))
	case Boolean:
		if v.num != 0 {
			return "yes"
		}
		return "no"
	case Timestamp:
		return time.Unix(int64(v.num), 0).Format(time.DateTime)
	case PerSec:
		return trim(v.num) + "/s"
	case Days:
		return trim(v.num) + " days"
	}
	return trim(v.num)
}

func trim(f float64) string {
	s := strconv.FormatFloat(f, 'f', 2, 64)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// FormatBytes shows a size in powers of 1024: "512 B", "1.5 GB".
func FormatBytes(f float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	i := 0
	for (f >= 1024 || f <= -1024) && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	if i == 0 {
		return trim(f) + " B"
	}
	return strconv.FormatFloat(f, 'f', 1, 64) + " " + units[i]
}

// FormatSeconds shows a duration given in seconds: "35 ms", "4.2 s", "3h12m", "5d4h".
func FormatSeconds(f float64) string {
	if f < 0 {
		return "-" + FormatSeconds(-f)
	}
	d := time.Duration(f * float64(time.Second))
	switch {
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return trim(f*1e6) + " µs"
	case d < time.Second:
		return trim(f*1e3) + " ms"
	case d < time.Minute:
		return trim(f) + " s"
	case d < time.Hour:
		return twoUnits(d, "min", time.Minute, "%dm%ds", time.Second)
	case d < 24*time.Hour:
		return twoUnits(d, "h", time.Hour, "%dh%dm", time.Minute)
	}
	return twoUnits(d, "d", 24*time.Hour, "%dd%dh", time.Hour)
}

// twoUnits shows how often a unit is in d, and how often a smaller one is in what is left, if it is.
func twoUnits(d time.Duration, name string, large time.Duration, format string, small time.Duration) string {
	if rest := d % large / small; rest > 0 {
		return fmt.Sprintf(format, d/large, rest)
	}
	return fmt.Sprintf("%d %s", d/large, name)
}
