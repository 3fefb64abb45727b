package packing

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAccepted(t *testing.T) {
	for accepts, want := range map[string]bool{
		"gzip": true, "deflate, GZIP": true, "br;q=1, gzip;q=0.5": true, "gzip ; q=1": true,
		"gzip;q=0": false, "gzip; q=0.0": false, "gzip;q=0.000": false, "": false, "identity": false, "x-gzip": false, "*": false,
	} {
		if got := Accepted(http.Header{"Accept-Encoding": {accepts}}); got != want {
			t.Errorf("%q accepts gzip: %t", accepts, got)
		}
	}
	if Accepted(nil) {
		t.Error("who says nothing accepts gzip")
	}
}

func TestGzip(t *testing.T) {
	text := []byte(strings.Repeat("a page of a few words. ", 100))
	packed := Gzip(text, gzip.BestSpeed)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, text) || len(packed) >= len(text) {
		t.Errorf("%d bytes are packed to %d, which are %q (%v)", len(text), len(packed), got, err)
	}
	if packed := Gzip([]byte("ok"), gzip.BestCompression); packed != nil {
		t.Errorf("two bytes are packed to %d", len(packed))
	}
	if packed := Gzip(text, 99); packed != nil {
		t.Error("there is no such level")
	}
}
