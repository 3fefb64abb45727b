package public

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var assetFiles embed.FS

// assets are files that browsers may keep for ever: the address of each has a digest of its content.
type assets struct {
	byName map[string]*asset // "page.css"
	byFile map[string]*asset // "page.1f2e3d4c.css"
}

type asset struct {
	file, kind   string
	text, packed []byte
}

var assetKinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

func newAssets() assets {
	a := assets{byName: map[string]*asset{}, byFile: map[string]*asset{}}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // of what is compiled in
	}
	for _, e := range entries {
		text, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(text)
		ext := path.Ext(e.Name())
		f := &asset{strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:5]) + ext, assetKinds[ext], text, pack(text, gzip.BestCompression)}
		a.byName[e.Name()], a.byFile[f.file] = f, f
	}
	return a
}

// path is where a file is found below the root.
func (a assets) path(name string) string { return "assets/" + a.byName[name].file }

// ServeHTTP sends a file under its address.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.byFile[r.PathValue("file")]
	if f == nil {
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	head := w.Header()
	head.Set("Cache-Control", "public, max-age=31536000, immutable")
	head.Set("Content-Type", f.kind)
	head.Set("Vary", "Accept-Encoding")
	text, tag := f.text, `"`+f.file+`"`
	if f.packed != nil && acceptsGzip(r) {
		head.Set("Content-Encoding", "gzip")
		text, tag = f.packed, `"`+f.file+`.gz"`
	}
	head.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}
