package test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// documents is what may be different in the XML document. A line is the path of an element and what is in it.
var documents = variety{
	title: "XML",
	text:  "`/_status?format=xml` and `/_status2?format=xml`, read by a strict parser: each element of each service, its place and its value.",
	measured: []string{
		".../collected_sec ~", ".../collected_usec ~", ".../uptime ~", ".../load/... ~", ".../cpu/... ~", ".../swap/... ~",
		".../memory/... ~", ".../pid ~", ".../count ~", ".../total ~", ".../servicetime/... ~",
		".../block/... ~", ".../inode/... ~", ".../responsetime ~", ".../now ~", ".../timestamps/... ~", ".../started ~",
		".../allocated ~", ".../unused ~", ".../counter ~", "server/id ~", "server/incarnation ~", "@id ~", "@incarnation ~",
	},
	differences: []difference{
		{"", "encoding ISO-8859-1", "encoding UTF-8", "as it is: Monit sends UTF-8, too, and calls it otherwise"},
		{"", "server/version 5...", "server/version 6.1.0", "orderly has the interfaces of Monit 6.1"},
		{"", "@version 5...", "@version 6.1.0", "the same"},
		{"", "", ".../errors ", "Monit has this since 6.1"},
		{"", "", ".../errors/event...", "the same: what has failed, and how"},
		{"", "", ".../hardlink #", "Monit has this since 5.34"},
		{"", "", "services/web1.example.org/uptime #", "the same"},
		{"", "", "services/web1.example.org/boottime #", "the same"},
		{"", "", ".../system/paging/... #", "Monit has this since 6.0"},
	},
}

// TestDocumentIsMonits fetches the documents of both programs and compares every element of them.
func TestDocumentIsMonits(t *testing.T) { // H-03
	t.Parallel()
	monit, orderly := bothSides(t)
	for _, a := range []*side{monit, orderly} {
		a.start()
		a.settle()
	}
	for _, path := range []string{"/_status?format=xml", "/_status2?format=xml"} {
		want, got := documents.reduce(monit, path, monit.document(path)), documents.reduce(orderly, path, orderly.document(path))
		if text := unlike(got, want); text != "" {
			t.Errorf("%s: %s", path, text)
		}
	}
	documents.unmet(t)
}

// document fetches a document and returns what is in it.
func (a *side) document(path string) []string {
	a.t.Helper()
	r, body := a.ask("GET", path, "admin:monit", "")
	if kind := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || kind != "text/xml" {
		a.t.Fatalf("%s: %s is %d, %s", a.name, path, r.StatusCode, kind)
	}
	root, err := parse(strings.NewReader(body))
	if err != nil {
		a.t.Fatalf("%s: %s: %v\n%s", a.name, path, err, body)
	}
	_, declared, _ := strings.Cut(body, `encoding="`)
	declared, _, _ = strings.Cut(declared, `"`)
	return append([]string{"encoding " + declared}, root.lines()...)
}

// An element is one of an XML document.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

// parse reads a document as strictly as any parser does.
func parse(r io.Reader) (*element, error) {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if charset != "ISO-8859-1" {
			return nil, errors.New("nobody writes " + charset)
		}
		return in, nil // these documents are plain ASCII
	}
	root := &element{}
	if err := d.Decode(root); err != nil {
		return nil, fmt.Errorf("cannot read the document: %w", err)
	}
	return root, nil
}

func (e *element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// child is the first element of a name in this one, an empty one if there is none.
func (e *element) child(name string) *element {
	for i := range e.Children {
		if e.Children[i].XMLName.Local == name {
			return &e.Children[i]
		}
	}
	return &element{}
}

// lines tell of each element, with the place that it has. Services go by their names.
func (e *element) lines() []string {
	var out []string
	for _, a := range e.Attrs {
		out = append(out, "@"+a.Name.Local+" "+a.Value)
	}
	for i := range e.Children {
		c := &e.Children[i]
		name := c.XMLName.Local
		switch {
		case name == "service" && c.child("type").Text+c.attr("type") != "":
			name = "services/" + c.child("name").Text + c.attr("name")
		case name == "services":
			out = append(out, c.lines()...)
			continue
		case name == "servicegroup":
			name += " " + c.attr("name")
		}
		if len(c.Children) == 0 {
			out = append(out, name+" "+c.Text)
		}
		for _, line := range c.lines() {
			if !strings.HasPrefix(line, "@") {
				line = "/" + line
			}
			out = append(out, name+line)
		}
	}
	return out
}
