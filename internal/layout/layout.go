// Package layout has pages that share a frame. A template takes much more memory than its text, so each is read when its page
// is first shown: most hosts show few pages, or none.
//
// Entry point: [New], then [Pages.Execute].
package layout

import (
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Pages are templates by the names of their files, without ".html". Each has the frame, frame.html, the parts that several
// pages have, part_*.html, and its own file. They may be shown from many goroutines.
type Pages struct {
	all map[string]func() (*template.Template, error)
}

// New finds the pages in a folder of the files that a program was built with. It panics if that cannot be listed. What
// functions there are is as [template.Template.Funcs] wants it.
func New(files fs.FS, folder string, functions template.FuncMap) *Pages {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		panic(err)
	}
	frame := sync.OnceValues(func() (*template.Template, error) {
		return template.New("frame.html").Funcs(functions).ParseFS(files, folder+"/frame.html", folder+"/part_*.html")
	})
	p := &Pages{all: map[string]func() (*template.Template, error){}}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".html")
		if name == "frame" || strings.HasPrefix(name, "part_") {
			continue
		}
		p.all[name] = sync.OnceValues(func() (*template.Template, error) {
			base, err := frame()
			if err != nil {
				return nil, err
			}
			if base, err = base.Clone(); err != nil {
				return nil, err
			}
			return base.ParseFS(files, folder+"/"+e.Name())
		})
	}
	return p
}

// Names are those of the pages, in their order.
func (p *Pages) Names() []string {
	var names []string
	for name := range p.all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Execute writes a template of a page, "frame.html" for all of it. The error tells of a page that there is none of, or that its
// template is wrong or does not fit the data; then w may have a part of it.
func (p *Pages) Execute(w io.Writer, page, name string, data any) error {
	read, ok := p.all[page]
	if !ok {
		return fmt.Errorf("cannot show page %q: there is none", page)
	}
	t, err := read()
	if err != nil {
		return fmt.Errorf("cannot show page %q: %w", page, err)
	}
	return t.ExecuteTemplate(w, name, data)
}
