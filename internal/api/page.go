package api

import (
	"archive/tar"
	"context"
	"net/http"
	"time"
)

// An Exporter copies the status page into files. An error of put ends it, and is returned.
type Exporter interface {
	Export(ctx context.Context, put func(name string, text []byte) error) error
}

// WithPage has the control socket give out copies of the status page. It returns the server itself.
func (s *Server) WithPage(e Exporter) *Server {
	s.exporter = e
	return s
}

// exportPage sends a copy of the status page as an archive. One that breaks off has no end.
func (s *Server) exportPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-tar")
	line, now := http.NewResponseController(w), time.Now()
	archive := tar.NewWriter(w)
	err := s.exporter.Export(r.Context(), func(name string, text []byte) error {
		_ = line.SetWriteDeadline(time.Now().Add(writePatience))
		err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), ModTime: now, Format: tar.FormatPAX})
		if err == nil {
			_, err = archive.Write(text)
		}
		return err
	})
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		if r.Context().Err() == nil {
			s.log.Warn("cannot copy the status page", "err", err)
		}
		panic(http.ErrAbortHandler) // so that the other end knows that something is missing
	}
}
