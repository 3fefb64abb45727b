package host

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// digests keeps the checksums of a file while it stays as it is.
type digests struct {
	stamp stamp
	sums  [3]string // "" where none was wanted
}

// The order of checksums wherever there are three.
var hashes = [3]func() hash.Hash{md5.New, sha1.New, sha256.New}

// of returns the wanted checksums of a file, in one reading of it.
func (d *digests) of(ctx context.Context, content chunks, now stamp, wanted source) ([3]string, error) {
	if d.stamp != now {
		*d = digests{stamp: now}
	}
	var pending [3]hash.Hash
	missing := false
	for i := range hashes {
		if wanted&(1<<i) != 0 && d.sums[i] == "" {
			pending[i], missing = hashes[i](), true
		}
	}
	if !missing {
		return d.sums, nil
	}
	buf := make([]byte, 128<<10)
	for at := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return d.sums, fmt.Errorf("cannot read %d bytes of content for their checksum in time: %w", now.size, err)
		}
		n, err := content.ReadAt(buf, at)
		for _, h := range pending {
			if h != nil {
				h.Write(buf[:n])
			}
		}
		at += int64(n)
		if err != nil && err != io.EOF {
			return d.sums, err
		}
		if n == 0 {
			break
		}
	}
	for i, h := range pending {
		if h != nil {
			d.sums[i] = hex.EncodeToString(h.Sum(nil))
		}
	}
	return d.sums, nil
}
