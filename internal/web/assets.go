package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// The style sheet and the script of every page, and what `make assets` bundled, which may be nothing.
var (
	//go:embed assets
	ownFiles embed.FS
	//go:embed dist
	builtFiles embed.FS
)

// assets are files that browsers may keep for ever: the address of each has a digest of its content.
type assets struct {
	byName map[string]*asset // "app.css"
	byFile map[string]*asset // "app.1f2e3d4c.css"
}

type asset struct {
	file, kind   string
	text, packed []byte
}

var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func newAssets() assets {
	a := assets{byName: map[string]*asset{}, byFile: map[string]*asset{}}
	for _, from := range []struct {
		files fs.FS
		dir   string
	}{{ownFiles, "assets"}, {builtFiles, "dist"}} {
		entries, err := fs.ReadDir(from.files, from.dir)
		if err != nil {
			panic(err) // of what is compiled in
		}
		for _, e := range entries {
			if kind := assetKinds[path.Ext(e.Name())]; kind != "" {
				text, err := fs.ReadFile(from.files, from.dir+"/"+e.Name())
				if err != nil {
					panic(err)
				}
				a.add(e.Name(), kind, text)
			}
		}
	}
	return a
}

func (a assets) add(name, kind string, text []byte) {
	sum := sha256.Sum256(text)
	base, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	f := &asset{base + "." + hex.EncodeToString(sum[:5]) + ext, kind, text, pack(text, gzip.BestCompression)}
	a.byName[name], a.byFile[f.file] = f, f
}

// path is where a file is found; "" for one that is not there.
func (a assets) path(name string) string {
	f := a.byName[name]
	if f == nil {
		return ""
	}
	return "/assets/" + f.file
}

func (a assets) has(name string) bool { return a.byName[name] != nil }

// ServeHTTP sends a file under its address.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.byFile[r.PathValue("file")]
	if f == nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	head := w.Header()
	head.Set("Cache-Control", "public, max-age=31536000, immutable")
	head.Set("Content-Type", f.kind)
	head.Set("Vary", "Accept-Encoding")
	text, tag := f.text, `"`+f.file+`"`
	if acceptsGzip(r) && len(f.packed) < len(f.text) {
		head.Set("Content-Encoding", "gzip")
		text, tag = f.packed, `"`+f.file+`.gz"`
	}
	head.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}
