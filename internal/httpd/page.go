package httpd

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"orderly/internal/monit"
)

//go:embed page
var pageFiles embed.FS

//go:embed page/style.css
var style string

//go:embed page/favicon.ico
var favicon []byte

// policy lets pages use nothing but what they hold themselves, and only us show them in frames.
var policy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; img-src 'self'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
}()

// pages are the templates by their names, each of them in the same frame.
var pages = func() map[string]*template.Template {
	all := map[string]*template.Template{}
	functions := template.FuncMap{"style": func() template.CSS { return template.CSS(style) }}
	for _, name := range []string{"home", "service", "runtime", "log", "about"} {
		t := template.New("frame.html").Funcs(functions)
		all[name] = template.Must(t.ParseFS(pageFiles, "page/frame.html", "page/"+name+".html"))
	}
	return all
}()

// A frame is what all pages show.
type frame struct {
	Title, Host, Uptime, Now, User string
	ReadOnly                       bool
	Refresh                        int // seconds after which a browser asks again; 0: never
}

func frameOf(q *request, in *monit.Instance, title string) frame {
	f := frame{
		Title: in.Settings.Host, Host: in.Settings.Host, Uptime: in.Uptime(),
		Now: q.now.Format("Mon, 02 Jan 2006 15:04:05"), User: q.guest.name, ReadOnly: q.guest.readOnly,
	}
	if title != "" {
		f.Title = title + " · " + f.Title
	}
	return f
}

// A section is a table of labelled facts.
type section struct {
	Title string
	Rows  []row
}

// A row is one labelled fact.
type row struct {
	Label, Value, Class string
	Links               []link
}

type link struct{ Path, Text string }

// add adds a fact, unless there is nothing to say.
func (s *section) add(label, value string) {
	if value != "" {
		s.Rows = append(s.Rows, row{Label: label, Value: value})
	}
}

// A button does something to what the page at its path is about.
type button struct{ Path, Token, Action, Text string }

// servicePath is where the page of a service is.
func servicePath(name string) string { return "/" + url.PathEscape(name) }

// show answers with a page.
func show(name string, data any) (answer, error) {
	body, err := render(name, data)
	return answer{kind: typeHTML, body: body}, err
}

// render makes a page.
func render(name string, data any) ([]byte, error) {
	var body bytes.Buffer
	if err := pages[name].Execute(&body, data); err != nil {
		return nil, fmt.Errorf("cannot show the page: %w", err)
	}
	return body.Bytes(), nil
}

// heading is a label as it stands at the head of a row or a column.
func heading(label string) string {
	first, rest, _ := strings.Cut(label, " ")
	switch first {
	case "cpu", "pid", "ppid", "uid", "gid", "icmp":
		first = strings.ToUpper(first)
	case "":
	default:
		first = strings.ToUpper(first[:1]) + first[1:]
	}
	return strings.TrimSpace(first + " " + rest)
}

// count says how many there are of something, as people do.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
