package cli

import (
	"crypto/md5"  // what control files compare with
	"crypto/sha1" // the same
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"syscall"
)

// hash prints the digests of a file, or of what comes on standard input, as checksum rules expect them.
func (m *monitRun) hash() error {
	name, from := "stdin", m.stdin
	if m.hashed != "" {
		f, err := os.Open(m.hashed)
		if err != nil {
			return m.notHashed(m.hashed, err)
		}
		defer f.Close()
		name, from = m.hashed, f
	}
	digests := []struct {
		label string
		sum   hash.Hash
	}{{"SHA1(%s) = %x", sha1.New()}, {"MD5(%s)  = %x", md5.New()}, {"SHA256(%s) = %x", sha256.New()}}
	writers := make([]io.Writer, len(digests))
	for i := range digests {
		writers[i] = digests[i].sum
	}
	if _, err := io.Copy(io.MultiWriter(writers...), from); err != nil {
		return m.notHashed(name, err)
	}
	for _, d := range digests {
		m.line(fmt.Sprintf(d.label, name, d.sum.Sum(nil)))
	}
	return nil
}

// notHashed says on stdout, as Monit does, why a file cannot be read.
func (m *monitRun) notHashed(name string, err error) error {
	reason := err.Error()
	var number syscall.Errno
	if errors.As(err, &number) {
		reason = capital(number.Error())
	}
	m.line(clean(name + ": " + reason))
	return errNo
}
