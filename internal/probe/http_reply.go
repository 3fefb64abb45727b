package probe

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"orderly/internal/model"
	"orderly/internal/pattern"
)

const (
	headerLimit    = 64 << 10 // bytes of all header lines of a reply
	interimReplies = 8        // replies like 100 Continue before the one that counts
)

// An httpReply is the head of a reply.
type httpReply struct {
	status  int
	chunked bool
	length  int64 // of the body; -1: not announced
}

// readHTTPHeader reads up to the empty line before the body of the reply that counts.
func (c *Conn) readHTTPHeader() (httpReply, error) {
	for range interimReplies {
		reply, err := c.readStatusLine()
		if err != nil {
			return reply, err
		}
		for size := 0; ; {
			line, err := c.line()
			if err != nil {
				return reply, err
			}
			if len(line) == 0 {
				break
			}
			if size += len(line); size > headerLimit {
				return reply, errors.New("the header of its reply is longer than 64 KiB")
			}
			if err := reply.header(line); err != nil {
				return reply, err
			}
		}
		if reply.status >= 200 || reply.status == 101 {
			return reply, nil
		}
	}
	return httpReply{}, errors.New("it goes on promising a reply")
}

func (c *Conn) readStatusLine() (httpReply, error) {
	reply := httpReply{length: -1}
	line, err := c.line()
	if err != nil {
		return reply, err
	}
	version, rest, _ := bytes.Cut(line, []byte(" "))
	code, _, _ := bytes.Cut(rest, []byte(" "))
	reply.status, err = strconv.Atoi(string(code))
	if err != nil || len(code) != 3 || reply.status < 100 || !bytes.HasPrefix(version, []byte("HTTP/1.")) {
		return reply, fmt.Errorf("%s is not the beginning of an HTTP reply", quote(string(line)))
	}
	return reply, nil
}

// header takes note of what tells where the body ends.
func (r *httpReply) header(line []byte) error {
	name, value, found := bytes.Cut(line, []byte(":"))
	if !found || len(name) < len("content-length") {
		return nil
	}
	value = bytes.TrimSpace(value)
	switch {
	case bytes.EqualFold(name, []byte("content-length")):
		n, err := strconv.ParseUint(string(value), 10, 63)
		if err != nil || r.length >= 0 && r.length != int64(n) {
			return fmt.Errorf("its Content-Length is %s", quote(string(value)))
		}
		r.length = int64(n)
	case bytes.EqualFold(name, []byte("transfer-encoding")):
		if !bytes.EqualFold(value, []byte("chunked")) {
			return fmt.Errorf("its Transfer-Encoding is %s, which was not asked for", quote(string(value)))
		}
		r.chunked = true
	}
	return nil
}

// body reads what follows the header and tests it.
func (t *httpTest) body(c *Conn, reply httpReply) error {
	var text []byte
	var digest hash.Hash
	var err error
	if t.checksum != "" {
		if digest, err = digestOf(len(t.checksum)); err != nil {
			return err
		}
	}
	n, err := c.readHTTPBody(t, reply, func(b []byte) {
		if len(t.content) > 0 {
			text = append(text, b...)
		}
		if digest != nil {
			digest.Write(b)
		}
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return verdictf("HTTP reply from %s has no content to test", t.url(c))
	}
	for _, p := range t.content {
		if err := t.matches(c, p, text); err != nil {
			return err
		}
	}
	if digest == nil {
		return nil
	}
	if got := hex.EncodeToString(digest.Sum(nil)); got != t.checksum {
		return verdictf("checksum of the HTTP content from %s is %s, expected %s", t.url(c), got, t.checksum)
	}
	return nil
}

func (t *httpTest) matches(c *Conn, p model.Param, text []byte) error {
	re, err := pattern.Compile(p.Value)
	if err != nil {
		return fmt.Errorf("cannot use pattern %q: %w", p.Value, err)
	}
	wanted := p.Op != model.NotEqual && p.Op != model.NotMatches
	switch found := re.Match(text); {
	case found == wanted:
		return nil
	case wanted:
		return verdictf("HTTP content from %s does not match %q", t.url(c), p.Value)
	default:
		return verdictf("HTTP content from %s matches %q", t.url(c), p.Value)
	}
}

// readHTTPBody hands on the body piece by piece, up to the limit of the test, and tells how long that was.
func (c *Conn) readHTTPBody(t *httpTest, reply httpReply, use func([]byte)) (int, error) {
	if t.method == "HEAD" || reply.status == 204 || reply.status == 304 {
		return 0, nil
	}
	if reply.chunked {
		return c.readChunks(t.limit, use)
	}
	if reply.length >= 0 {
		n := int(min(reply.length, int64(t.limit)))
		return n, c.readPiece(n, use)
	}
	total := 0
	for total < t.limit {
		b, err := c.some(t.limit-total, c.budget.step)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return total, c.readError(err)
		}
		total += len(b)
		use(b)
	}
	return total, nil
}

// page asks for a page that must be there, with the login among the parameters, and returns its first MiB and its address.
func (c *Conn) page(request string, params model.Params) (text []byte, url string, err error) {
	test, err := newHTTPTest(model.Params{
		{Name: "request", Value: request},
		{Name: "status", Op: model.Equal, Value: "200"},
		{Name: "username", Value: params.Get("username")},
		{Name: "password", Value: params.Get("password")},
	}, 0)
	if err != nil {
		return nil, "", err
	}
	reply, err := test.ask(c)
	if err == nil {
		_, err = c.readHTTPBody(&test, reply, func(b []byte) { text = append(text, b...) })
	}
	return text, test.url(c), err
}

func (c *Conn) readPiece(n int, use func([]byte)) error {
	for n > 0 {
		b, err := c.some(n, c.budget.step)
		if errors.Is(err, io.EOF) {
			return errors.New("it closed the connection in the middle of the content")
		}
		if err != nil {
			return c.readError(err)
		}
		n -= len(b)
		use(b)
	}
	return nil
}

func (c *Conn) readChunks(limit int, use func([]byte)) (int, error) {
	for total := 0; ; {
		line, err := c.line()
		if err != nil {
			return total, err
		}
		size, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 63)
		if err != nil {
			return total, fmt.Errorf("%s is not the size of a chunk", quote(string(line)))
		}
		piece := int(min(n, uint64(limit-total)))
		if err := c.readPiece(piece, use); err != nil {
			return total, err
		}
		total += piece
		// What comes after the limit, and after the last chunk, is of no interest.
		if n == 0 || total == limit {
			return total, nil
		}
		if line, err = c.line(); err != nil {
			return total, err
		}
		if len(line) > 0 {
			return total, fmt.Errorf("%s stands where a chunk ends", quote(string(line)))
		}
	}
}

// digestOf starts a digest of the kind that has so many hex digits.
func digestOf(digits int) (hash.Hash, error) {
	switch digits {
	case 2 * md5.Size:
		return md5.New(), nil
	case 2 * sha1.Size:
		return sha1.New(), nil
	case 2 * sha256.Size:
		return sha256.New(), nil
	}
	return nil, errors.New("the checksum is neither md5 nor sha1 nor sha256")
}
