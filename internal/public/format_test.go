package public

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// An entry is one of a feed or a calendar: what must be unique and the same for ever, and what it is about.
type entry struct{ id, title, link, updated string }

// A node is an element of XML.
type node struct {
	space, name string
	attributes  map[string]string
	text        string
	children    []*node
}

// read reads XML strictly: one root, nothing but white space beside it.
func read(data []byte) (*node, error) {
	if !utf8.Valid(data) || !bytes.HasPrefix(data, []byte("<?xml ")) {
		return nil, errors.New("it is not UTF-8, or does not begin as XML")
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	var open []*node
	var root *node
	for {
		token, err := d.Token()
		if err == io.EOF && root != nil && len(open) == 0 {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch x := token.(type) {
		case xml.StartElement:
			n := &node{space: x.Name.Space, name: x.Name.Local, attributes: map[string]string{}}
			for _, a := range x.Attr {
				if _, twice := n.attributes[a.Name.Local]; twice {
					return nil, fmt.Errorf("<%s> has %s twice", n.name, a.Name.Local)
				}
				n.attributes[a.Name.Local] = a.Value
			}
			if len(open) > 0 {
				parent := open[len(open)-1]
				parent.children = append(parent.children, n)
			} else if root != nil {
				return nil, errors.New("there is a second root")
			} else {
				root = n
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			switch {
			case len(open) > 0:
				open[len(open)-1].text += string(x)
			case len(bytes.TrimSpace(x)) > 0:
				return nil, errors.New("there is text beside the root")
			}
		case xml.Directive:
			return nil, errors.New("it declares something")
		}
	}
}

func (n *node) all(name string) (out []*node) {
	for _, c := range n.children {
		if c.name == name && c.space == n.space {
			out = append(out, c)
		}
	}
	return out
}

// one is the text of the only child of a name.
func (f *findings) one(n *node, name string) string {
	all := n.all(name)
	if len(all) != 1 {
		f.add("<%s> has %d of <%s>", n.name, len(all), name)
		return ""
	}
	if len(all[0].children) > 0 {
		f.add("<%s> has elements", name)
	}
	return all[0].text
}

// findings are what is wrong with a feed.
type findings []error

func (f *findings) add(format string, args ...any) { *f = append(*f, fmt.Errorf(format, args...)) }

func (f *findings) absolute(what, text string, schemes ...string) {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" && u.Opaque == "" || strings.ContainsAny(text, " \t\n<>\"{}|\\^`") {
		f.add("%s is no absolute URI: %.80q", what, text)
	}
}

// titled wants a text of one line that people can read.
func (f *findings) titled(what, text string) {
	if strings.TrimSpace(text) == "" || strings.ContainsFunc(text, unicode.IsControl) {
		f.add("%s is none of one line: %.80q", what, text)
	}
}

// unique wants every entry to be another.
func (f *findings) unique(all []entry) {
	seen := map[string]bool{}
	for _, e := range all {
		if seen[e.id] || e.id == "" {
			f.add("the id %q is there twice, or is none", e.id)
		}
		seen[e.id] = true
	}
}

// harmless wants a text that is HTML to have nothing in it that does more than be read.
func (f *findings) harmless(what, text string) {
	for _, m := range regexp.MustCompile(`<(/?)([a-zA-Z!?][^\s>/]*)([^>]*)>`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains([]string{"p", "strong", "em", "code", "a", "ul", "ol", "li", "pre", "blockquote", "h4", "br"}, m[2]) ||
			m[3] != "" && !regexp.MustCompile(`^ href="https?://[^"]*" rel="[a-z ]*"$`).MatchString(m[3]) {
			f.add("%s has %q", what, m[0])
		}
	}
}

const atomSpace = "http://www.w3.org/2005/Atom"

// checkAtom tells in which ways a document is none of RFC 4287.
func checkAtom(data []byte) ([]entry, error) {
	var f findings
	root, err := read(data)
	if err != nil {
		return nil, err
	}
	if root.space != atomSpace || root.name != "feed" {
		return nil, fmt.Errorf("the root is <%s> of %q", root.name, root.space)
	}
	dated := func(n *node, name string) string {
		text := f.one(n, name)
		if at, err := time.Parse(time.RFC3339, text); err != nil || at.Year() < 1970 {
			f.add("<%s> is no date: %q", name, text)
		}
		return text
	}
	links := func(n *node) map[string]string {
		found := map[string]string{}
		for _, l := range n.all("link") {
			rel := l.attributes["rel"]
			if found[rel+l.attributes["type"]] != "" || l.attributes["href"] == "" {
				f.add("<%s> has two links of %q, or an empty one", n.name, rel)
			}
			f.absolute("a link", l.attributes["href"], "http", "https")
			found[rel], found[rel+l.attributes["type"]] = l.attributes["href"], "there"
		}
		return found
	}
	f.absolute("the id of the feed", f.one(root, "id"), "urn")
	f.titled("the title of the feed", f.one(root, "title"))
	updated := dated(root, "updated")
	if l := links(root); l["self"] == "" || l["alternate"] == "" {
		f.add("the feed has the links %v", l)
	}
	for _, a := range root.all("author") {
		f.titled("the name of an author", f.one(a, "name"))
	}
	if len(root.all("author")) == 0 {
		f.add("nobody is the author")
	}
	var all []entry
	for _, n := range root.all("entry") {
		e := entry{id: f.one(n, "id"), title: f.one(n, "title"), updated: dated(n, "updated"), link: links(n)["alternate"]}
		f.absolute("the id of an entry", e.id, "urn")
		f.titled("the title of an entry", e.title)
		f.absolute("the link of an entry", e.link, "http", "https")
		if published := dated(n, "published"); published > e.updated || e.updated > updated {
			f.add("an entry of %s was changed at %s, and the feed at %s", published, e.updated, updated)
		}
		f.harmless("an entry", f.one(n, "content"))
		if kind := n.all("content"); len(kind) != 1 || kind[0].attributes["type"] != "html" {
			f.add("an entry's content is not told to be HTML")
		}
		for _, c := range n.all("category") {
			f.titled("a category", c.attributes["term"])
		}
		all = append(all, e)
	}
	f.unique(all)
	return all, errors.Join(f...)
}

// checkRSS tells in which ways a document is none of RSS 2.0, as its best practices want it.
func checkRSS(data []byte) ([]entry, error) {
	var f findings
	root, err := read(data)
	if err != nil {
		return nil, err
	}
	if root.name != "rss" || root.attributes["version"] != "2.0" || len(root.all("channel")) != 1 {
		return nil, fmt.Errorf("the root is <%s %v>", root.name, root.attributes)
	}
	c := root.all("channel")[0]
	f.titled("the title of the channel", f.one(c, "title"))
	f.absolute("the link of the channel", f.one(c, "link"), "http", "https")
	if f.one(c, "description") == "" || !regexp.MustCompile(`^[a-z]{2}(-[A-Za-z]+)*$`).MatchString(f.one(c, "language")) {
		f.add("the channel has no description or no language")
	}
	built := f.one(c, "lastBuildDate")
	if _, err := mail.ParseDate(built); err != nil {
		f.add("the channel was built at %q", built)
	}
	if !slices.ContainsFunc(c.children, func(n *node) bool {
		return n.space == atomSpace && n.name == "link" && n.attributes["rel"] == "self" && strings.HasPrefix(n.attributes["href"], "http")
	}) {
		f.add("the channel does not say where it is")
	}
	var all []entry
	for _, n := range c.all("item") {
		e := entry{id: f.one(n, "guid"), title: f.one(n, "title"), link: f.one(n, "link"), updated: f.one(n, "pubDate")}
		if _, err := mail.ParseDate(e.updated); err != nil || !strings.HasSuffix(e.updated, "+0000") {
			f.add("an item is of %q", e.updated)
		}
		f.titled("the title of an item", e.title)
		f.absolute("the link of an item", e.link, "http", "https")
		if guid := n.all("guid"); len(guid) == 1 && guid[0].attributes["isPermaLink"] != "false" {
			f.absolute("the guid of an item, which is said to be a link,", e.id, "http", "https")
		}
		f.harmless("an item", f.one(n, "description"))
		all = append(all, e)
	}
	f.unique(all)
	return all, errors.Join(f...)
}

// checkJSONFeed tells in which ways a document is none of JSON Feed 1.1.
func checkJSONFeed(data []byte) ([]entry, error) {
	var f findings
	var feed struct {
		Version  string `json:"version"`
		Title    string `json:"title"`
		Home     string `json:"home_page_url"`
		Self     string `json:"feed_url"`
		Language string `json:"language"`
		Items    []struct {
			ID        string   `json:"id"`
			URL       string   `json:"url"`
			Title     string   `json:"title"`
			Text      *string  `json:"content_html"`
			Published string   `json:"date_published"`
			Modified  string   `json:"date_modified"`
			Tags      []string `json:"tags"`
		} `json:"items"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&feed); err != nil || d.More() || !utf8.Valid(data) {
		return nil, fmt.Errorf("it is not one JSON text of known members: %w", errors.Join(err, errors.New("or not UTF-8")))
	}
	if feed.Version != "https://jsonfeed.org/version/1.1" || feed.Items == nil {
		f.add("it has the version %q, or no items", feed.Version)
	}
	f.titled("the title of the feed", feed.Title)
	f.absolute("its home", feed.Home, "http", "https")
	f.absolute("its address", feed.Self, "http", "https")
	var all []entry
	for _, i := range feed.Items {
		f.titled("the title of an item", i.Title)
		f.absolute("the address of an item", i.URL, "http", "https")
		for _, at := range []string{i.Published, i.Modified} {
			if _, err := time.Parse(time.RFC3339, at); err != nil {
				f.add("an item is of %q", at)
			}
		}
		if i.Text == nil {
			f.add("an item has no content")
		} else {
			f.harmless("an item", *i.Text)
		}
		all = append(all, entry{i.ID, i.Title, i.URL, i.Modified})
	}
	f.unique(all)
	return all, errors.Join(f...)
}

var (
	icalName = regexp.MustCompile(`^[A-Z][A-Z0-9-]*$`)
	icalTime = regexp.MustCompile(`^\d{8}T\d{6}Z$`)
	icalText = regexp.MustCompile(`^(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,nN])*$`)
)

// checkCalendar tells in which ways a document is none of RFC 5545 with events alone.
func checkCalendar(data []byte) ([]entry, error) {
	var f findings
	text := string(data)
	if !utf8.ValidString(text) || !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") || strings.Count(text, "\r") != strings.Count(text, "\n") {
		return nil, errors.New("it is not UTF-8 in lines that end with CRLF")
	}
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || line == "" {
			f.add("a line is of %d octets, or cut within a character", len(line))
		}
		if rest, folded := strings.CutPrefix(line, " "); folded && len(lines) > 0 {
			lines[len(lines)-1] += rest
			continue
		}
		lines = append(lines, line)
	}
	var all []entry
	var open []map[string]string
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !icalName.MatchString(name) {
			f.add("%.80q is no property", line)
			continue
		}
		switch {
		case name == "BEGIN":
			if len(open) == 0 && value != "VCALENDAR" || len(open) == 1 && value != "VEVENT" || len(open) > 1 || len(open) == 0 && len(all) > 0 {
				f.add("%s begins where it may not", value)
			}
			open = append(open, map[string]string{"BEGIN": value})
		case len(open) == 0:
			f.add("%s is outside of everything", name)
		case name == "END":
			of := open[len(open)-1]
			if open = open[:len(open)-1]; value != of["BEGIN"] {
				f.add("%s ends within %s", value, of["BEGIN"])
			}
			if value == "VEVENT" {
				all = append(all, f.event(of))
			} else if of["VERSION"] != "2.0" || of["PRODID"] == "" {
				f.add("the calendar says %v", of)
			}
		case open[len(open)-1][name] != "":
			f.add("%s is there twice", name)
		default:
			open[len(open)-1][name] = value
		}
	}
	if len(open) > 0 {
		f.add("it ends in the middle")
	}
	f.unique(all)
	return all, errors.Join(f...)
}

// event looks at the properties of one.
func (f *findings) event(of map[string]string) entry {
	for _, name := range []string{"DTSTAMP", "DTSTART", "DTEND", "LAST-MODIFIED"} {
		if value, there := of[name]; (there || name != "DTEND" && name != "LAST-MODIFIED") && !icalTime.MatchString(value) {
			f.add("%s is %q", name, value)
		}
	}
	if end := of["DTEND"]; end != "" && end <= of["DTSTART"] {
		f.add("an event ends at %s and begins at %s", end, of["DTSTART"])
	}
	for _, name := range []string{"SUMMARY", "DESCRIPTION"} {
		if !icalText.MatchString(of[name]) {
			f.add("%s is no text: %.80q", name, of[name])
		}
	}
	f.absolute("the address of an event", of["URL"], "http", "https")
	return entry{of["UID"], of["SUMMARY"], of["URL"], of["LAST-MODIFIED"]}
}
