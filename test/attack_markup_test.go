package test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Nothing that somebody else can name, say or send becomes more than text anywhere, whoever looks (Show 6, P-235).
func TestNothingBecomesMarkup(t *testing.T) {
	x := besieged(t)
	me := x.login()
	bad := url.QueryEscape(markup)
	queries := []string{"", "?q=" + bad + "&service=" + bad + "&state=" + bad + "&group=" + bad + "&name=" + bad + "&range=" + bad + "&metric=" + bad + "&sort=" + bad + "&page=" + bad +
		"&next=" + bad + "&code=" + bad + "&lang=" + bad + "&theme=" + bad + "&text=" + bad + "&asked=" + bad + "&message=" + bad + "&for=" + bad + "&at=" + bad + "&zone=" + bad + "&" + bad + "=1"}
	seen := 0
	for _, w := range ways(t) {
		if w.changes() {
			continue
		}
		for _, query := range queries {
			for _, who := range [][]twist{nil, {me.cookies}, {withLogin}} {
				at := way{w.door, w.method, w.path + query}
				a := x.ask(at, append(who, header("User-Agent", markup), header("Referer", markup), header("Accept-Language", markup), header("Time-Zone", markup))...)
				harmless(t, at, a)
				if strings.Contains(a.body, "xss") {
					seen++
				}
			}
		}
	}
	for _, door := range []string{"web", "page"} {
		for _, path := range []string{"/" + url.PathEscape(markup), "/page/" + url.PathEscape(markup), "/api/v1/" + url.PathEscape(markup), "/v1/" + url.PathEscape(markup), "/services/" + url.PathEscape(markup+"x")} {
			at := way{door, http.MethodGet, path}
			harmless(t, at, x.ask(at))
		}
	}
	if seen < 50 {
		t.Errorf("only %d answers say what was written: the attack reached nothing", seen)
	}
}

// harmless looks for harm in an answer, in the way in which a browser would read it.
func harmless(t *testing.T, w way, a answer) {
	t.Helper()
	if a.status >= 500 && a.status != http.StatusServiceUnavailable {
		t.Errorf("%s: %d\n%.300s", w, a.status, a.body)
	}
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch {
	case a.body == "" || a.status == http.StatusNotModified:
	case err != nil:
		t.Errorf("%s: the kind of the answer is %q", w, a.header.Get("Content-Type"))
	case kind == "text/html":
		for _, found := range harmIn(a.body) {
			t.Errorf("%s: %s\n%.200s", w, found, a.body)
		}
	case strings.HasSuffix(kind, "xml"):
		for _, found := range harmInXML(a.body) {
			t.Errorf("%s: %s", w, found)
		}
	case strings.HasSuffix(kind, "json"):
		for one := json.NewDecoder(strings.NewReader(a.body)); err == nil; { // or several, one a line
			var any json.RawMessage
			err = one.Decode(&any)
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: that is no JSON: %v: %.200s", w, err, a.body)
		}
		var feed struct {
			Items []struct {
				HTML string `json:"content_html"`
			}
		}
		_ = json.Unmarshal([]byte(a.body), &feed) // what is none has no items
		for _, item := range feed.Items {
			for _, found := range harmIn(item.HTML) {
				t.Errorf("%s: %s", w, found)
			}
		}
	case !slices.Contains([]string{"text/plain", "text/css", "text/javascript", "text/calendar", "text/csv", "text/event-stream", "image/png", "image/x-icon"}, kind):
		t.Errorf("%s: the kind %s of the answer was not looked at", w, kind)
	}
	for name, values := range a.header {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n<>") {
			t.Errorf("%s: the header %s says %q", w, name, values)
		}
	}
	if to := a.header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//")) {
		t.Errorf("%s leads to %q", w, to)
	}
}

// harmIn parses a page and tells of what somebody else has put into it, and of what the policy would refuse.
func harmIn(text string) (found []string) {
	page, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range page.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.Data == "xss":
			found = append(found, "there is the element of somebody else")
		case n.Data == "script" && !has(n, "src"), n.Data == "style", n.Data == "base", n.Data == "iframe", n.Data == "object", n.Data == "embed":
			found = append(found, "there is a "+n.Data)
		}
		for _, attr := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(attr.Val))
			if strings.HasPrefix(attr.Key, "on") || attr.Key == "style" || attr.Key == "srcdoc" {
				found = append(found, "there is the attribute "+attr.Key)
			}
			if slices.Contains([]string{"href", "src", "action", "formaction", "content", "data-live"}, attr.Key) && strings.HasPrefix(value, "javascript:") {
				found = append(found, attr.Key+" leads to "+attr.Val)
			}
		}
	}
	return found
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// harmInXML does the same for feeds and images. What is HTML inside is looked at as such.
func harmInXML(text string) (found []string) {
	d := xml.NewDecoder(strings.NewReader(text))
	inside := false // of a text that is HTML
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			return append(found, "that is no XML: "+err.Error())
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := strings.ToLower(token.Name.Local)
			if name == "xss" || name == "script" || name == "foreignobject" {
				found = append(found, "there is a "+name)
			}
			inside = name == "description" || name == "encoded"
			for _, attr := range token.Attr {
				if strings.HasPrefix(strings.ToLower(attr.Name.Local), "on") || strings.HasPrefix(strings.ToLower(attr.Value), "javascript:") {
					found = append(found, "there is the attribute "+attr.Name.Local+": "+attr.Value)
				}
				inside = inside || attr.Name.Local == "type" && attr.Value == "html"
			}
		case xml.CharData:
			if inside {
				found = append(found, harmIn(string(token))...)
			}
		case xml.EndElement:
			inside = false
		}
	}
}
