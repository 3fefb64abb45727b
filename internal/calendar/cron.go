// Package calendar knows recurring times: the five-field schedules of control files, and parts of the week.
//
// A schedule is text to the user and a [Cron] to everyone else; [ParseCron] turns the one into the other, and [ParseRoutine]
// does so in a time zone. A part of the week is a [Window], which [ParseWindow] reads.
package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Cron is a parsed schedule of five fields: minute, hour, day of month, month, day of week (Sunday is 0).
// A minute is due when all five match it, so naming both a day of the month and a day of the week means their overlap.
// The zero Cron never matches. A Cron is immutable.
type Cron struct {
	minute, hour, day, month, weekday field
}

// A field has one bit for each value that matches. Values above 63 match nothing, and need none.
type field uint64

func (f field) has(n int) bool { return f&(1<<n) != 0 }

// upTo is the field without values above n.
func (f field) upTo(n int) field { return f & (1<<(n+1) - 1) }

// horizon bounds [Cron.Next]. The calendar repeats after 28 years, or 40 where a century without a leap day intervenes.
const horizon = 41

var fieldNames = [5]string{"minute", "hour", "day of month", "month", "day of week"}

// ParseCron reads five fields separated by blanks. A field is a list, by commas, of `*`, `*/n`, `a`, `a-b` and `a-b/n`.
// `*/n` matches values that n divides; `a-b/n` counts from a. A number outside the range of its field is no error:
// it never matches.
func ParseCron(text string) (Cron, error) {
	words := strings.Fields(text)
	if len(words) != len(fieldNames) {
		return Cron{}, fmt.Errorf("cannot read schedule %q: it has %d fields, and five are needed (%s)",
			text, len(words), strings.Join(fieldNames[:], ", "))
	}
	var fields [5]field
	for i, word := range words {
		f, err := parseField(word)
		if err != nil {
			return Cron{}, fmt.Errorf("cannot read schedule %q: %s %q %w", text, fieldNames[i], word, err)
		}
		fields[i] = f
	}
	return Cron{fields[0], fields[1], fields[2], fields[3], fields[4]}, nil
}

func parseField(word string) (field, error) {
	var all field
	for item := range strings.SplitSeq(word, ",") {
		f, err := parseItem(item)
		if err != nil {
			return 0, err
		}
		all |= f
	}
	return all, nil
}

func parseItem(item string) (field, error) {
	span, stepText, stepped := strings.Cut(item, "/")
	step := 1
	if stepped {
		n, err := number(stepText)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, fmt.Errorf("has a step of 0")
		}
		step = n
	}
	from, to, ranged := strings.Cut(span, "-")
	if span == "*" {
		return steps(0, 63, step), nil
	}
	first, err := number(from)
	if err != nil {
		return 0, err
	}
	if !ranged {
		if stepped {
			return 0, fmt.Errorf("has a step without a range")
		}
		return steps(first, first, 1), nil
	}
	last, err := number(to)
	if err != nil {
		return 0, err
	}
	return steps(first, last, step), nil
}

// steps is the set of every step-th value from first to last.
func steps(first, last, step int) field {
	var f field
	for n := first; n <= min(last, 63); n += step {
		f |= 1 << n
	}
	return f
}

// number reads digits; values too large to matter come out as one that matches nothing.
func number(text string) (int, error) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, fmt.Errorf("is not made of numbers, ranges and *")
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > 1000 {
		n = 1000
	}
	return n, nil
}

// Matches tells whether the minute that t is in is due, in the time zone of t.
func (c Cron) Matches(t time.Time) bool {
	return c.minute.has(t.Minute()) && c.hour.has(t.Hour()) && c.onDay(t)
}

func (c Cron) onDay(t time.Time) bool {
	return c.day.has(t.Day()) && c.month.has(int(t.Month())) && c.weekday.has(int(t.Weekday()))
}

// Next returns the beginning of the first due minute that begins later than after, in the time zone of after.
// It reports false when there is none within 40 years, as for 30 February.
func (c Cron) Next(after time.Time) (time.Time, bool) {
	if c.minute.upTo(59) == 0 || c.hour.upTo(23) == 0 {
		return time.Time{}, false
	}
	t := after.Add(time.Minute - time.Duration(after.Second())*time.Second - time.Duration(after.Nanosecond()))
	limit := t.AddDate(horizon, 0, 0)
	for t.Before(limit) {
		switch {
		case !c.onDay(t):
			t = nextDay(t)
		case !c.hour.has(t.Hour()):
			t = t.Add(time.Duration(60-t.Minute()) * time.Minute)
		case !c.minute.has(t.Minute()):
			t = t.Add(time.Minute)
		default:
			return t, true
		}
	}
	return time.Time{}, false
}

// nextDay is the first instant of the day after t's, also where clocks are put forward at midnight.
func nextDay(t time.Time) time.Time {
	next := time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, t.Location())
	for next.Day() == t.Day() {
		next = next.Add(time.Hour)
	}
	return next
}
