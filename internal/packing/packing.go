// Package packing makes what is sent over HTTP smaller, for clients that understand gzip.
//
// Entry point: [Accepted], then [Gzip].
package packing

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

// Accepted tells whether a client takes an answer that is packed by gzip. A weight of 0 means that it does not.
func Accepted(h http.Header) bool {
	for one := range strings.SplitSeq(h.Get("Accept-Encoding"), ",") {
		coding, weight, weighed := strings.Cut(one, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return !weighed || strings.TrimLeft(strings.ReplaceAll(weight, " ", ""), "q=0.") != ""
		}
	}
	return false
}

// Gzip packs b at a level of compress/gzip. It returns nil if that makes it no smaller.
func Gzip(b []byte, level int) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		return nil
	}
	_, _ = z.Write(b) // a buffer takes everything
	_ = z.Close()
	if out.Len() >= len(b) {
		return nil
	}
	return out.Bytes()
}
