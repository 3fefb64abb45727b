package public

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/status"
)

// hostile are texts that people or programs may write, which must stay texts.
var hostile = []string{
	"plain",
	`<script>alert("1")</script> & <b>bold</b> &amp; &#x27; ]]> <![CDATA[ x ]]> <!-- -->`,
	"control \x00\x01\x08\x0b\x1b[31m\x7f\u0085 characters",
	"lines\nand\r\nmore\rlines\u2028and\u2029more",
	"not UTF-8: \xff\xfe\xc3(\xed\xa0\x80",
	"no characters: \ufffe\uffff\ufeff\U0001fffe",
	`back\slash; semi, comma: colon "quoted" \n \N \\`,
	"END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:mine",
	"right to left \u202e and narrow \u200b",
	strings.Repeat("€", 85),
	strings.Repeat("🎉", 63),
	strings.Repeat("x", 255),
	"[link](javascript:alert(1)) [a\"b](https://example.org/\"onclick=) ![i](https://example.org/i.png)",
}

// wicked is a page on which every text is one of those.
func wicked(t *testing.T) *world {
	w := newWorld(t, service("Shop", "Front"), service(`A & <B> "C"`, "Front"))
	w.page.Title = `Status <of> "us" & others`
	w.configure()
	for n, text := range hostile {
		affected := []status.Affected{{Component: w.component("Shop").ID, Health: status.Partial}, {Component: w.component(`A & <B> "C"`).ID, Health: status.Major}}
		i := w.incident(func(i *status.Incident) {
			i.Name, i.Message, i.Visible, i.Phase, i.PostMortem = text, text, true, status.Investigating, text
			i.Occurred = time.Now().Add(-time.Duration(n) * time.Hour)
			i.Components = affected[:n%3]
		})
		w.update(i.ID, status.Phase(n%4+1), strings.Repeat(text+"\n", 10_000/len(text)+1))
		w.schedule(func(s *status.Schedule) {
			s.Name, s.Message, s.At = text, strings.Repeat(text, 10_000/len(text)+1), time.Now().Add(time.Duration(n)*time.Hour)
			if n%2 == 0 {
				s.Until = s.At.Add(time.Hour)
			}
			s.Components = affected[:n%3]
		})
	}
	return w
}

// checks are the validators, by the address of what they are for.
var checks = map[string]func([]byte) ([]entry, error){
	"/atom": checkAtom, "/rss": checkRSS, "/feed.json": checkJSONFeed, "/calendar.ics": checkCalendar,
	"/atom/1": checkAtom, "/rss/1": checkRSS, "/feed.json/1": checkJSONFeed,
	"/component/1/atom": checkAtom, "/component/1/rss": checkRSS, "/component/1/feed.json": checkJSONFeed,
}

// Feeds and the calendar are what their standards want them to be, whatever is written into incidents (P-218, P-220, P-221), and
// everything that happened is in them.
func TestFeeds(t *testing.T) {
	for name, w := range map[string]*world{"nothing": newWorld(t), "a shop": shop(t), "wicked": wicked(t)} {
		for path, check := range checks {
			rec := w.get(path)
			if name == "nothing" && rec.Code == 404 { // no such group or component
				continue
			}
			entries, err := check(rec.Body.Bytes())
			if err != nil {
				t.Errorf("%s of %s: %v", path, name, err)
			}
			if want := 2 * len(hostile); name == "wicked" && strings.Count(path, "/") == 1 && path != "/calendar.ics" && len(entries) != want {
				t.Errorf("%s of %s has %d entries, not %d", path, name, len(entries), want)
			}
		}
	}
}

// What a feed reader or a calendar knows something by stays the same when that changes and when the daemon is another; what has
// changed says so.
func TestFeedsKnowTheirEntries(t *testing.T) {
	w := wicked(t)
	before := map[string][]entry{}
	for path, check := range checks {
		before[path], _ = check([]byte(w.body(path)))
	}
	w.open()
	w.update(1, status.Fixed, "It is over.")
	for path, check := range checks {
		after, err := check([]byte(w.body(path)))
		if err != nil {
			t.Error(path, err)
		}
		ids := func(all []entry) (out []string) {
			for _, e := range all {
				out = append(out, e.id+" "+e.link)
			}
			slices.Sort(out)
			return out
		}
		if len(after) == 0 || !slices.Equal(ids(before[path]), ids(after)) {
			t.Errorf("%s knows its entries by other names:\n%s\n%s", path, ids(before[path]), ids(after))
		}
	}
}

// A feed that goes on for years is as long as ever: the newest are in it.
func TestFeedsAreBounded(t *testing.T) {
	w := newWorld(t, service("Shop", ""))
	for n := range 3 * maxEntries {
		w.incident(func(i *status.Incident) {
			i.Name, i.Message, i.Visible, i.Phase = fmt.Sprint("Incident ", n), "x", true, status.Fixed
			i.Occurred = time.Now().AddDate(0, 0, -n)
		})
	}
	entries, err := checkAtom([]byte(w.body("/atom")))
	if err != nil || len(entries) != maxEntries {
		t.Errorf("%d entries: %v", len(entries), err)
	}
}

// The validators can find something: each of these changes makes a good document a bad one.
func TestValidators(t *testing.T) {
	w := shop(t)
	for _, c := range []struct{ path, old, with string }{
		{"/atom", "<id>urn:uuid:", "<id>uuid:"},
		{"/atom", "<updated>2", "<updated>x"},
		{"/atom", "</updated>", " </updated>"},
		{"/atom", "<title>Search", "<title>\x01Search"},
		{"/atom", `type="html"`, `type="text"`},
		{"/atom", "http://www.w3.org/2005/Atom", "http://www.w3.org/2005/atom"},
		{"/atom", `href="https://status.example.org/incidents`, `href="/incidents`},
		{"/atom", "<author>", "<writer>"},
		{"/atom", "&lt;p&gt;", "&lt;script&gt;"},
		{"/atom", "&lt;p&gt;", "&lt;p onclick=x&gt;"},
		{"/atom", "<entry>", "<entry><id>urn:uuid:x</id>"},
		{"/atom", "</feed>", "</feed><feed/>"},
		{"/rss", `version="2.0"`, `version="0.91"`},
		{"/rss", "<pubDate>", "<pubDate>x"},
		{"/rss", ` isPermaLink="false"`, ""},
		{"/rss", "<link>https:", "<link>javascript:"},
		{"/rss", "<language>en", "<language>English"},
		{"/rss", `rel="self"`, `rel="other"`},
		{"/rss", "</item>", "</item><item></item>"},
		{"/feed.json", "version/1.1", "version/1"},
		{"/feed.json", `"content_html"`, `"content"`},
		{"/feed.json", `"url": "https://status.example.org/`, `"url": "/`},
		{"/feed.json", `"date_published": "2`, `"date_published": "x`},
		{"/feed.json", `"id": "urn`, `"id": "", "x": "urn`},
		{"/calendar.ics", "\r\n", "\n"},
		{"/calendar.ics", "SUMMARY:New", "SUMMARY:N;ew"},
		{"/calendar.ics", "SUMMARY:New", "SUMMARY:" + strings.Repeat("New", 30)},
		{"/calendar.ics", "SUMMARY:", "SUMMARY"},
		{"/calendar.ics", "DTSTART:2", "DTSTART:x"},
		{"/calendar.ics", "UID:", "UID:x\r\nUID:"},
		{"/calendar.ics", "END:VEVENT\r\n", ""},
		{"/calendar.ics", "PRODID", "X-PRODID"},
		{"/calendar.ics", "URL:https://", "URL:"},
	} {
		good := w.body(c.path)
		bad := strings.ReplaceAll(good, c.old, c.with)
		if _, err := checks[c.path]([]byte(good)); err != nil {
			t.Fatal(c.path, err)
		}
		if _, err := checks[c.path]([]byte(bad)); err == nil || bad == good {
			t.Errorf("%s is as good with %q for %q", c.path, c.with, c.old)
		}
	}
}
