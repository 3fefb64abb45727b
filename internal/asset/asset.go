// Package asset keeps the files that pages refer to: style sheets, scripts, pictures. Browsers may keep them for ever, because
// the address of each has a digest of its content.
//
// Entry point: [New], then [Shelf.File] in pages, and the [Shelf] as what answers under those addresses.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"iter"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"orderly/internal/packing"
)

// A Shelf has files that never change.
type Shelf struct {
	byName map[string]*file // "app.css"
	byFile map[string]*file // "app.1f2e3d4c5b.css"
}

type file struct {
	address, kind string
	text, packed  []byte // packed by gzip; nil: not worth it
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// New returns a shelf of the files in all folders that are style sheets, scripts or pictures; other files are left out. They
// are those that a program was built with: it panics if one cannot be read.
func New(from ...fs.FS) *Shelf {
	s := &Shelf{byName: map[string]*file{}, byFile: map[string]*file{}}
	for _, files := range from {
		err := fs.WalkDir(files, ".", func(at string, d fs.DirEntry, err error) error {
			ext := path.Ext(at)
			if err != nil || d.IsDir() || kinds[ext] == "" {
				return err
			}
			text, err := fs.ReadFile(files, at)
			s.put(path.Base(at), ext, text)
			return err
		})
		if err != nil {
			panic(err)
		}
	}
	return s
}

func (s *Shelf) put(name, ext string, text []byte) {
	sum := sha256.Sum256(text)
	address := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
	f := &file{address, kinds[ext], text, packing.Gzip(text, gzip.BestCompression)}
	s.byName[name], s.byFile[address] = f, f
}

// File is the last part of the address of a file; "" if there is none of that name.
func (s *Shelf) File(name string) string {
	if f := s.byName[name]; f != nil {
		return f.address
	}
	return ""
}

// All yields the last parts of all addresses, in their order, and what is there. Nobody may change that.
func (s *Shelf) All() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, address := range slices.Sorted(maps.Keys(s.byFile)) {
			if !yield(address, s.byFile[address].text) {
				return
			}
		}
	}
}

// ServeHTTP sends the file that the last part of an address, which the pattern of the route calls {file}, is of.
func (s *Shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	f := s.byFile[r.PathValue("file")]
	if f == nil {
		head.Set("Cache-Control", "no-store")
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	head.Set("Cache-Control", "public, max-age=31536000, immutable")
	head.Set("Content-Type", f.kind)
	head.Set("Vary", "Accept-Encoding")
	text, tag := f.text, `"`+f.address+`"`
	if f.packed != nil && packing.Accepted(r.Header) {
		head.Set("Content-Encoding", "gzip")
		text, tag = f.packed, `"`+f.address+`.gz"`
	}
	head.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}
