package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"orderly/internal/model"
	"orderly/internal/packing"
)

//go:embed templates/*.html
var templateFiles embed.FS

// A page is what the frame of every page shows.
type page struct {
	Title  string
	Here   string // the part of the navigation it belongs to
	Tab    string // and within that, where it has several
	Status int    // of the reply; 0: 200
	Live   string // what /live is asked for, for pages that follow what happens; "": it does not change by itself
	Graphs bool   // it has graphs, which a script can make more of

	Host    string
	Version string
	Account string
	Admin   bool
	Manage  bool
	Token   string // for forms
	Theme   string
	Path    string // of this request, to come back to
	Still   bool   // the visitor does not want it to reload by itself
	Login   bool
	Public  string
	Book    bool
	Failing int // services
	Ailing  int // destinations of messages
	Bundle  bool
	Now     time.Time
	Body    any
}

// show sends a whole page, or an error if it cannot be made.
func (d *dashboard) show(w http.ResponseWriter, v *visit, p page, name string, body any) {
	ctx, cancel := v.patient()
	defer cancel()
	if b, err := d.board.look(ctx, v.now); err == nil {
		p.Host, p.Failing, p.Ailing = b.Host, b.Failing, len(b.Ailing)
	}
	p.Version, p.Public, p.Login, p.Book, p.Now, p.Body = d.Version, d.Public, d.Door != nil, d.Book != nil, v.now, body
	p.Theme, p.Path, p.Still = theme(v.r), v.r.URL.RequestURI(), v.r.URL.Query().Has("still")
	p.Bundle = p.Graphs && d.assets.has("graph.js")
	if v.account != nil {
		p.Account, p.Token = v.account.Name, d.Guard.Form(v.r)
		p.Manage, p.Admin = v.may(model.ScopeManage), v.may(model.ScopeAdmin)
	}
	if v.r.Method == http.MethodPost || p.Status != 0 {
		p.Path = "/"
	}
	d.send(w, v, p.Status, name, "frame.html", p)
}

// send writes a template of a page.
func (d *dashboard) send(w http.ResponseWriter, v *visit, status int, name, part string, data any) {
	var text bytes.Buffer
	if err := d.pages.Execute(&text, name, part, data); err != nil {
		d.Log.Error("cannot make a page", "page", name, "err", err)
		http.Error(w, "cannot make this page; the log has the details", http.StatusInternalServerError)
		return
	}
	if status == 0 {
		status = http.StatusOK
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Encoding, Cookie")
	body := text.Bytes()
	// What somebody's forms carry is secret, and how well a page can be packed would tell of it.
	if v.account == nil && len(body) > packFrom && packing.Accepted(v.r.Header) {
		if packed := packing.Gzip(body, gzip.BestSpeed); packed != nil {
			body = packed
			w.Header().Set("Content-Encoding", "gzip")
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience))
	w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// packFrom is from how many bytes on a reply is worth packing.
const packFrom = 1 << 10

// functions are what templates call.
func functions(files assets) template.FuncMap {
	return template.FuncMap{
		"asset": files.path,
		"at":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"clock": func(t time.Time, zone *time.Location, now time.Time) string { return clock(t.In(zone), now.In(zone)) },
		"full": func(t time.Time, zone *time.Location) string {
			return t.In(zone).Format(fullTime)
		},
		"ago":    func(t, now time.Time) string { return span(now.Sub(t)) },
		"href":   servicePath,
		"plural": plural,
		"move": func(token, of string, id int64, name string) mover {
			return mover{token, fmt.Sprintf("%s/%d", of, id), name}
		},
	}
}

// A mover is the form that moves one of a list.
type mover struct{ Token, To, Name string }

// plural is a number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
