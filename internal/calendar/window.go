package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Window is a part of the week that comes again: "mon-fri 08:00-18:00 Europe/Berlin". The zero Window is empty. A
// Window is immutable.
type Window struct {
	days       [7]bool // on which it begins, Sunday first
	begin, end int     // minutes after midnight, on the clock; end <= begin: on the next day
	zone       *time.Location
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseWindow reads days, times and a time zone, in this order; days and zone may be left out, which means every day and
// the zone of the host. Days are a list, by commas, of mon, tue, ... and of ranges of them; times are HH:MM-HH:MM, where
// 24:00 is the end of a day and an end that is not later than the begin is on the next day.
func ParseWindow(text string) (Window, error) {
	w := Window{zone: time.Local}
	words := strings.Fields(text)
	fail := func(format string, args ...any) (Window, error) {
		return Window{}, fmt.Errorf("cannot read the times %q: %s", text, fmt.Sprintf(format, args...))
	}
	if len(words) > 0 && !strings.Contains(words[0], ":") {
		if err := w.setDays(strings.ToLower(words[0])); err != nil {
			return fail("%v", err)
		}
		words = words[1:]
	} else {
		w.days = [7]bool{true, true, true, true, true, true, true}
	}
	if len(words) == 0 || len(words) > 2 {
		return fail(`they are like "mon-fri 08:00-18:00 Europe/Berlin"`)
	}
	begin, end, ranged := strings.Cut(words[0], "-")
	var err error
	if w.begin, err = minutes(begin); err != nil || !ranged || w.begin == endOfDay {
		return fail("%q is no time of day to begin", begin)
	}
	if w.end, err = minutes(end); err != nil {
		return fail("%q is no time of day to end", end)
	}
	if len(words) == 2 {
		if w.zone, err = time.LoadLocation(words[1]); err != nil {
			return fail("there is no time zone %q", words[1])
		}
	}
	return w, nil
}

const endOfDay = 24 * 60

func (w *Window) setDays(text string) error {
	for item := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(item, "-")
		if !ranged {
			last = first
		}
		from, to := slices.Index(dayNames, first), slices.Index(dayNames, last)
		if from < 0 || to < 0 {
			return fmt.Errorf("%q is no day: they are %s", item, strings.Join(dayNames, ", "))
		}
		for d := from; ; d = (d + 1) % 7 {
			w.days[d] = true
			if d == to {
				break
			}
		}
	}
	return nil
}

func minutes(text string) (int, error) {
	hour, minute, _ := strings.Cut(text, ":")
	h, err := strconv.ParseUint(hour, 10, 8)
	if err != nil {
		return 0, err
	}
	m, err := strconv.ParseUint(minute, 10, 8)
	if err != nil || m > 59 || h*60+m > endOfDay {
		return 0, strconv.ErrRange
	}
	return int(h*60 + m), nil
}

// Contains tells whether a moment is in the window.
func (w Window) Contains(t time.Time) bool {
	if w.zone == nil {
		return false
	}
	t = t.In(w.zone)
	now, today := t.Hour()*60+t.Minute(), int(t.Weekday())
	if w.begin < w.end {
		return w.days[today] && now >= w.begin && now < w.end
	}
	return w.days[today] && now >= w.begin || w.days[(today+6)%7] && now < w.end
}

// Next is the first minute of the window that does not begin before t, at most eight days later, or t itself if that is in
// the window. It reports false if there is none.
func (w Window) Next(t time.Time) (time.Time, bool) {
	if w.Contains(t) {
		return t, true
	}
	at := t.Truncate(time.Minute)
	for range 8 * endOfDay {
		if at = at.Add(time.Minute); w.Contains(at) {
			return at, true
		}
	}
	return t, false
}

// Over is when a moment that is in some of several windows, which may follow upon each other or overlap, is in none of them
// any more: at most some weeks later. It is t for a moment that is in none.
func Over(windows []Window, t time.Time) time.Time {
	for range len(dayNames) {
		end := t
		for _, w := range windows {
			if at := w.End(t); at.After(end) {
				end = at
			}
		}
		if end.Equal(t) {
			break
		}
		t = end
	}
	return t
}

// End is when the window that t is in ends: the first minute that is not in it, at most eight days later. It is t for a
// moment outside.
func (w Window) End(t time.Time) time.Time {
	if !w.Contains(t) {
		return t
	}
	at := t.Truncate(time.Minute)
	for range 8 * endOfDay {
		if at = at.Add(time.Minute); !w.Contains(at) {
			return at
		}
	}
	return at
}
