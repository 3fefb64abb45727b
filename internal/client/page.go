package client

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// PathPage is the route of a copy of the status page, as a tar archive.
const PathPage = "/v1/page/export"

// The bounds of a copy of the status page.
const (
	maxPageFiles = 100_000
	maxPageFile  = 64 << 20 // bytes
)

// ExportPage fetches a copy of the status page: put gets the name of each file, with slashes and below where it is put, and
// what is in it, "index.html" last. An error of put ends it.
func (c *Client) ExportPage(ctx context.Context, put func(name string, text []byte) error) error {
	if _, err := c.Version(ctx); err != nil {
		return err
	}
	resp, err := c.send(ctx, http.MethodGet, PathPage, nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	files := tar.NewReader(resp.Body)
	for n := 0; ; n++ {
		h, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("cannot read the status page: %w", err)
		case h.Size > maxPageFile || n >= maxPageFiles:
			return errors.New("cannot read the status page: it is too large")
		}
		text, err := io.ReadAll(files)
		if err != nil {
			return fmt.Errorf("cannot read the status page: %w", err)
		}
		if err := put(h.Name, text); err != nil {
			return err
		}
	}
}
