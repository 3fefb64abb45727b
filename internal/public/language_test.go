package public

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"orderly/internal/model"
	"orderly/internal/status"
)

var places = regexp.MustCompile(`\{[a-z]+\}`)

// alike are the texts that some language may share with English, beside forms that have nothing in them but places.
var alike = map[string]string{
	"unit.s": "de fi it nl pl pt", "unit.min": "fi it pl pt sv", "unit.h": "it pt", "unit.d": "nl no pl pt sv",
	"decimal": "ja ko zh", "health.maintenance": "fr", "maintenance": "fr",
}

// pairs reads the keys and texts of a language in their order.
func pairs(t *testing.T, tag string) (keys []string, text map[string]string) {
	t.Helper()
	data, err := languageFiles.ReadFile("languages/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	text = map[string]string{}
	for n := -1; d.More() || n < 0; n++ {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%s: %v", tag, err)
		}
		word, isText := token.(string)
		switch {
		case !isText:
		case n%2 == 0:
			keys = append(keys, word)
		default:
			text[keys[len(keys)-1]] = word
		}
	}
	return keys, text
}

// Every language says everything, in the order of English, with the same places to fill in (P-230).
func TestLanguages(t *testing.T) {
	if !slices.Equal(spoken, model.PageLanguages) {
		t.Errorf("there are %q, not %q", spoken, model.PageLanguages)
	}
	sorted := func(text string) []string { return slices.Sorted(slices.Values(places.FindAllString(text, -1))) }
	keys, english := pairs(t, usual)
	names := map[string]bool{}
	for _, tag := range spoken {
		l := languages[tag]
		if len(l.months) != 12 || len(l.alone) != 12 || len(l.short) != 12 || len(l.days) != 7 || l.Name == "" || names[l.Name] {
			t.Errorf("%s has %d, %d and %d months, %d days, and is called %q", tag, len(l.months), len(l.alone), len(l.short), len(l.days), l.Name)
		}
		names[l.Name] = true
		for _, m := range l.short {
			if n := utf8.RuneCountInString(strings.TrimSuffix(m, ".")); n < 1 || n > 5 {
				t.Errorf("%s: %q is no short month", tag, m)
			}
		}
		own, text := pairs(t, tag)
		if !slices.Equal(own, keys) {
			t.Errorf("%s does not have the keys of English in its order", tag)
		}
		for _, key := range keys {
			said := text[key]
			if !slices.Equal(sorted(said), sorted(english[key])) || said == "" || strings.TrimSpace(said) != said || strings.ContainsAny(said, `<>&"'`+"`\t\r") {
				t.Errorf("%s: %s is %q", tag, key, said)
			}
			formal := strings.Trim(places.ReplaceAllString(said, ""), " ,:%.") == "" && said != "."
			if tag != usual && said == english[key] && !formal && !slices.Contains(strings.Fields(alike[key]), tag) {
				t.Errorf("%s: %s is English: %q", tag, key, said)
			}
		}
	}
}

// Numbers and days are written as they are in a language.
func TestLanguagesCount(t *testing.T) {
	day := time.Date(2026, time.March, 12, 0, 0, 0, 0, time.UTC)
	for tag, want := range map[string][]string{
		"cs": {"12. března 2026", "12. 3.", "Čtvrtek 12. března 2026", "Březen 2026", "99,95\u00a0%"},
		"da": {"12. marts 2026", "12. mar.", "Torsdag den 12. marts 2026", "Marts 2026", "99,95\u00a0%"},
		"de": {"12. März 2026", "12. März", "Donnerstag, 12. März 2026", "März 2026", "99,95\u00a0%"},
		"en": {"12 March 2026", "12 Mar", "Thursday, 12 March 2026", "March 2026", "99.95%"},
		"es": {"12 de marzo de 2026", "12 mar", "Jueves, 12 de marzo de 2026", "Marzo de 2026", "99,95\u00a0%"},
		"fi": {"12. maaliskuuta 2026", "12.3.", "Torstai 12. maaliskuuta 2026", "Maaliskuu 2026", "99,95\u00a0%"},
		"fr": {"12 mars 2026", "12 mars", "Jeudi 12 mars 2026", "Mars 2026", "99,95\u202f%"},
		"it": {"12 marzo 2026", "12 mar", "Giovedì 12 marzo 2026", "Marzo 2026", "99,95%"},
		"ja": {"2026年3月12日", "3月12日", "2026年3月12日 木曜日", "2026年3月", "99.95%"},
		"ko": {"2026년 3월 12일", "3월 12일", "2026년 3월 12일 목요일", "2026년 3월", "99.95%"},
		"nl": {"12 maart 2026", "12 mrt", "Donderdag 12 maart 2026", "Maart 2026", "99,95%"},
		"no": {"12. mars 2026", "12. mars", "Torsdag 12. mars 2026", "Mars 2026", "99,95\u00a0%"},
		"pl": {"12 marca 2026", "12 mar", "Czwartek, 12 marca 2026", "Marzec 2026", "99,95%"},
		"pt": {"12 de março de 2026", "12 de mar.", "Quinta-feira, 12 de março de 2026", "Março de 2026", "99,95%"},
		"sv": {"12 mars 2026", "12 mars", "Torsdag 12 mars 2026", "Mars 2026", "99,95\u00a0%"},
		"tr": {"12 Mart 2026", "12 Mar", "12 Mart 2026 Perşembe", "Mart 2026", "%99,95"},
		"uk": {"12 березня 2026 р.", "12 бер.", "Четвер, 12 березня 2026 р.", "Березень 2026 р.", "99,95%"},
		"zh": {"2026年3月12日", "3月12日", "2026年3月12日 星期四", "2026年3月", "99.95%"},
	} {
		l := languages[tag]
		if got := []string{l.date(day), l.day(day), l.weekday(day), l.month(day), l.percent(0.9995)}; !slices.Equal(got, want) {
			t.Errorf("%s writes %q", tag, got)
		}
	}
}

// A visitor gets the language that the browser likes best of those there are.
func TestLanguageOfBrowser(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "xx": "en", "en-GB,en;q=0.8": "en", "xx, en;q=0.1": "en", strings.Repeat("xx,", 1000): "en", ";;;q=,": "en",
		"de-AT,de;q=0.9,en;q=0.5": "de", "xx,fr;q=0.4,it;q=0.6": "it", "nb-NO,nb;q=0.9,en;q=0.8": "no", "nn-NO": "no", "no": "no",
		"zh-TW,zh;q=0.9,en;q=0.8": "zh", "zh-Hans-CN": "zh", "PT-br": "pt", "ja;q=0,ko": "ko", "*": "en",
	} {
		if got := accepted(header).Tag; got != want {
			t.Errorf("who likes %.30q gets %s", header, got)
		}
	}
}

// shown are the texts that a page shows or says.
func shown(n *html.Node) (all []string) {
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			all = append(all, strings.TrimSpace(d.Data))
		}
		for _, a := range d.Attr {
			if a.Key == "aria-label" || a.Key == "title" || a.Key == "alt" {
				all = append(all, a.Val)
			}
		}
	}
	return all
}

// Pages are in the language of their visitor, say so, and have nothing of another (P-230).
func TestPagesInEveryLanguage(t *testing.T) {
	w := shop(t)
	english := map[string]string{}
	for key, text := range languages[usual].text {
		if key != "language" && key != "decimal" {
			english[text] = key
		}
	}
	paths := []string{"/", "/component/1", "/component/2", "/incidents/2", "/schedules/1", "/history", "/subscribe", "/embed"}
	for _, tag := range spoken {
		l := languages[tag]
		for _, path := range paths {
			page, err := html.Parse(strings.NewReader(w.body(path, "Cookie: "+languageCookie+"="+tag)))
			if err != nil {
				t.Fatal(err)
			}
			root := page.LastChild
			if len(root.Attr) == 0 || root.Attr[0].Key != "lang" || root.Attr[0].Val != l.Lang() {
				t.Errorf("%s in %s is of %v", path, tag, root.Attr)
			}
			for _, text := range shown(page) {
				key, known := english[text]
				if places.MatchString(text) || known && l.text[key] != text {
					t.Errorf("%s in %s has %q", path, tag, text)
				}
			}
		}
		chosen := `<option value="` + tag + `" lang="` + l.Lang() + `" selected>` + l.Name + `</option>`
		if home := w.body("/", "Cookie: "+languageCookie+"="+tag); strings.Count(home, " selected>") != 1 || !strings.Contains(home, chosen) {
			t.Errorf("in %s another language is chosen", tag)
		}
	}
	if no, zh := languages["no"].Lang(), languages["zh"].Lang(); no != "nb" || zh != "zh-Hans" {
		t.Errorf("Norwegian is %s and Chinese %s", no, zh)
	}
}

// Feeds and the calendar of a page in any language are what their standards want.
func TestFeedsInEveryLanguage(t *testing.T) {
	w := shop(t)
	for _, tag := range spoken {
		w.page.Language = tag
		w.configure()
		for path, check := range checks {
			body := w.body(path)
			if _, err := check([]byte(body)); err != nil {
				t.Errorf("%s in %s: %v", path, tag, err)
			}
			if lang := languages[tag].Lang(); path != "/calendar.ics" && !regexp.MustCompile(`(xml:lang="|<language>|"language": ?")`+lang+`["<]`).MatchString(body) {
				t.Errorf("%s does not say that it is in %s", path, lang)
			}
		}
	}
}

// Letters are in the language in which somebody has subscribed.
func TestLettersInEveryLanguage(t *testing.T) {
	w := shop(t)
	view := w.book.Read()
	planned := *view.Schedules[0]
	planned.Until = time.Time{}
	notices := []status.Notice{
		{Kind: status.SubscriberAdded},
		{Kind: status.ComponentTurned, Component: w.component("Shop"), Was: status.Partial},
		{Kind: status.IncidentOpened, Incident: view.Incidents[0]},
		{Kind: status.ScheduleAdded, Schedule: view.Schedules[0]},
		{Kind: status.ScheduleAdded, Schedule: &planned},
	}
	for _, tag := range spoken {
		l := languages[tag]
		sub := &status.Subscriber{ID: 1, Email: "ann@example.com", Code: "c0de", Language: tag}
		for _, n := range notices {
			n.At = time.Now()
			p := parcel{Confirm: n.Kind == status.SubscriberAdded, Words: map[string]words{tag: w.site.wording(n, view, l)}}
			letter := p.letter(view, sub)
			if places.MatchString(letter.Subject+letter.Text) || strings.Contains(letter.Subject, "\n") || !strings.Contains(letter.Text, "https://status.example.org/") {
				t.Errorf("in %s %s is %+v", tag, n.Kind, letter)
			}
			if own := l.T("unsubscribe"); letter.Leave != "" && tag != usual && strings.Contains(letter.Text, languages[usual].T("unsubscribe")) {
				t.Errorf("in %s one is not told %q: %s", tag, own, letter.Text)
			}
		}
	}
}
