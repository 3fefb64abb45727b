package public

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed languages/*.json
var languageFiles embed.FS

// A language is what pages and mails say in it.
type language struct {
	Tag  string // "de"
	Name string // in itself: "Deutsch"
	text map[string]string

	months, alone, short, days []string // months in dates and by themselves, in short, and days as they begin a line
}

// written are the tags of those that are written in one of several ways, as browsers and feeds know them.
var written = map[string]string{"no": "nb", "zh": "zh-Hans"}

// Lang is the tag that browsers choose letters and voices by: "de", "zh-Hans".
func (l *language) Lang() string { return cmp.Or(written[l.Tag], l.Tag) }

// usual is the language of what no other has.
const usual = "en"

// languages are all that there are, by their tags.
var languages = readLanguages()

// spoken are the tags, in their order.
var spoken = func() []string {
	var tags []string
	for tag := range languages {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags
}()

func readLanguages() map[string]*language {
	entries, err := languageFiles.ReadDir("languages")
	if err != nil {
		panic(err) // of what is compiled in
	}
	all := map[string]*language{}
	for _, e := range entries {
		data, err := languageFiles.ReadFile("languages/" + e.Name())
		l := &language{Tag: strings.TrimSuffix(e.Name(), ".json")}
		if err == nil {
			err = json.Unmarshal(data, &l.text)
		}
		if err != nil {
			panic(fmt.Sprintf("public: %s: %v", e.Name(), err))
		}
		l.Name = l.text["language"]
		list := func(key string) []string { return strings.Split(l.text[key], "|") }
		l.months, l.alone, l.short, l.days = list("months"), list("months.alone"), list("months.short"), list("weekdays")
		all[l.Tag] = l
	}
	return all
}

// catalogue is the language of a tag, as in "de" or "de-AT", or the usual one.
func catalogue(tag string) *language {
	if l := known(tag); l != nil {
		return l
	}
	return languages[usual]
}

func known(tag string) *language {
	tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	if tag == "nb" || tag == "nn" { // browsers name the two ways of writing Norwegian
		tag = "no"
	}
	return languages[tag]
}

// languageFor is the language of a visitor: the one that was chosen, the one of the page, or one that the browser names.
func languageFor(r *http.Request, page string) *language {
	if c, err := r.Cookie(languageCookie); err == nil {
		if l := known(c.Value); l != nil {
			return l
		}
	}
	if l := known(page); l != nil {
		return l
	}
	return accepted(r.Header.Get("Accept-Language"))
}

// accepted is the language that a browser likes best of those there are.
func accepted(header string) *language {
	best, weight := languages[usual], 0.0
	for i, part := range strings.Split(header[:min(len(header), 512)], ",") {
		tag, q, weighed := strings.Cut(part, ";")
		l, likes := known(tag), 1.0
		if weighed {
			likes, _ = strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(q), "q="), 64) // what cannot be read is not wanted
		}
		if likes -= float64(i) / 1e6; l != nil && likes > weight {
			best, weight = l, likes
		}
	}
	return best
}

// T is a text of a key with its places filled in: pairs are names and values.
func (l *language) T(key string, pairs ...any) string {
	text, ok := l.text[key]
	if !ok {
		text = languages[usual].text[key]
	}
	for n := 0; n+1 < len(pairs); n += 2 {
		text = strings.ReplaceAll(text, "{"+fmt.Sprint(pairs[n])+"}", fmt.Sprint(pairs[n+1]))
	}
	return text
}

// date is a day: "12 March 2026".
func (l *language) date(t time.Time) string {
	return l.T("date", "day", t.Day(), "month", l.months[t.Month()-1], "year", t.Year())
}

// day is a day of this year or the last: "12 Mar".
func (l *language) day(t time.Time) string {
	return l.T("date.short", "day", t.Day(), "month", l.short[t.Month()-1])
}

// weekday is a day with its name, as a heading: "Thursday, 12 March 2026".
func (l *language) weekday(t time.Time) string {
	return l.T("date.weekday", "weekday", l.days[t.Weekday()], "date", l.date(t))
}

// month is "March 2026", by itself.
func (l *language) month(t time.Time) string {
	return l.T("date.month", "month", l.alone[t.Month()-1], "year", t.Year())
}

// span is for how long something was, in two units at most.
func (l *language) span(d time.Duration) string {
	unit := func(key string, n time.Duration) string { return l.T(key, "n", int64(n)) }
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d < time.Minute:
		return unit("unit.s", d/time.Second)
	case d < time.Hour:
		return unit("unit.min", d/time.Minute)
	case d < day:
		return join(unit("unit.h", d/time.Hour), d%time.Hour/time.Minute, func(n time.Duration) string { return unit("unit.min", n) })
	}
	return join(unit("unit.d", d/day), d%day/time.Hour, func(n time.Duration) string { return unit("unit.h", n) })
}

func join(text string, rest time.Duration, with func(time.Duration) string) string {
	if rest == 0 {
		return text
	}
	return text + " " + with(rest)
}

// percent shows a share with two digits, and never as 100 % what is less.
func (l *language) percent(share float64) string {
	n := share * 100
	text := strconv.FormatFloat(n, 'f', 2, 64)
	if text == "100.00" && share < 1 {
		text = "99.99"
	}
	text = strings.TrimSuffix(text, ".00")
	return l.T("percent", "n", strings.Replace(text, ".", l.T("decimal"), 1))
}

// number shows a number with so many digits after the point.
func (l *language) number(n float64, places int) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', places, 64), ".", l.T("decimal"), 1)
}

// A moment is a time as pages show it: in the zone of the page, and to scripts and others as it is.
type moment struct {
	ISO, Text, UTC string
}

func (v *visit) moment(t time.Time) moment {
	in := t.In(v.zone)
	return moment{
		ISO:  t.UTC().Format(time.RFC3339),
		Text: v.lang.T("time", "date", v.lang.date(in), "time", in.Format("15:04 MST")),
		UTC:  t.UTC().Format("2006-01-02 15:04 UTC"),
	}
}

// clock is a time of a day that is known from around it.
func (v *visit) clock(t time.Time) moment {
	m := v.moment(t)
	m.Text = t.In(v.zone).Format("15:04 MST")
	return m
}
