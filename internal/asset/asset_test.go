package asset

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var style = strings.Repeat("p { margin: 0 }\n", 200)

func shelf() *Shelf {
	return New(
		fstest.MapFS{"assets/app.css": {Data: []byte(style)}, "assets/mark.svg": {Data: []byte("<svg/>")}},
		fstest.MapFS{"dist/graph.js": {Data: []byte("1")}, "dist/README.md": {Data: []byte("not for browsers")}},
	)
}

func ask(s *Shelf, file string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/assets/"+file, nil)
	r.SetPathValue("file", file)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	return rec
}

func TestAddresses(t *testing.T) {
	s := shelf()
	if got := s.File("app.css"); !regexp.MustCompile(`^app\.[0-9a-f]{10}\.css$`).MatchString(got) {
		t.Errorf("the style sheet is at %q", got)
	}
	other := New(fstest.MapFS{"app.css": {Data: []byte(style + "b {}")}})
	if other.File("app.css") == s.File("app.css") {
		t.Error("another content has the same address")
	}
	for _, name := range []string{"nothing.css", "README.md", "assets/app.css", ""} {
		if got := s.File(name); got != "" {
			t.Errorf("%q is at %q", name, got)
		}
	}
	var all []string
	for address, text := range s.All() {
		all = append(all, address)
		if len(text) == 0 {
			t.Errorf("%s is empty", address)
		}
	}
	if want := []string{s.File("app.css"), s.File("graph.js"), s.File("mark.svg")}; !slices.Equal(all, want) {
		t.Errorf("there are %q, want %q", all, want)
	}
}

func TestServing(t *testing.T) {
	s := shelf()
	plain := ask(s, s.File("app.css"))
	if plain.Code != http.StatusOK || plain.Body.String() != style || plain.Header().Get("Content-Type") != "text/css; charset=utf-8" ||
		!strings.Contains(plain.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", plain.Code, plain.Header())
	}
	packed := ask(s, s.File("app.css"), "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != style || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("packed it is %d bytes (%v)", len(got), err)
	}
	if plain.Header().Get("ETag") == packed.Header().Get("ETag") {
		t.Error("both forms have the same tag")
	}
	if rec := ask(s, s.File("app.css"), "If-None-Match", plain.Header().Get("ETag")); rec.Code != http.StatusNotModified {
		t.Errorf("who has it gets it again: %d", rec.Code)
	}
	if rec := ask(s, s.File("graph.js"), "Accept-Encoding", "gzip"); rec.Header().Get("Content-Encoding") != "" {
		t.Error("what gets no smaller is packed")
	}
	for _, file := range []string{"app.css", "app.0000000000.css", "../asset.go", ""} {
		if rec := ask(s, file); rec.Code != http.StatusNotFound || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %d, %q", file, rec.Code, rec.Header().Get("Cache-Control"))
		}
	}
}
