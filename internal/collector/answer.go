package collector

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// What is read of an answer, in bytes and lines.
const (
	lineSize   = 256
	maxHeaders = 64
)

// compression tells whether a collector wants its messages compressed.
type compression int8

const (
	undecided compression = iota // until its first answer since the configuration was read
	plain
	compress
)

// A refusal is an answer that says no.
type refusal struct {
	code int
	line string // the status line, without secrets
}

func (r *refusal) Error() string { return "refused: " + r.line }

// hopeless tells whether the same message may never be taken: it is the message that is wrong, not who sends it or when.
func (r *refusal) hopeless() bool {
	switch r.code {
	case 401, 403, 404, 407, 408, 425, 429:
		return false
	}
	return r.code >= 400 && r.code < 500
}

// receive reads as much of an answer as counts: the status line, and if asked whether the collector understands
// compression. Whatever follows an answer that accepts cannot undo that.
func receive(r io.Reader, c *model.Collector, ask bool) (compression, error) {
	in := bufio.NewReaderSize(r, lineSize)
	line, err := in.ReadSlice('\n')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		return undecided, fmt.Errorf("cannot read the answer: %w", err)
	}
	code, ok := statusOf(line)
	switch {
	case !ok:
		return undecided, fmt.Errorf("cannot understand the answer %q", harmless(line, c))
	case code >= 400:
		return undecided, &refusal{code, harmless(line, c)}
	case !ask:
		return undecided, nil
	}
	if err == nil && understands(in) {
		return compress, nil
	}
	return plain, nil
}

// statusOf finds the status in the first line of an answer: "HTTP/1.1 200 OK".
func statusOf(line []byte) (code int, ok bool) {
	words := bytes.Fields(line)
	if len(words) < 2 || !bytes.HasPrefix(words[0], []byte("HTTP/")) {
		return 0, false
	}
	code, err := strconv.Atoi(string(words[1]))
	return code, err == nil && code >= 100 && code <= 999
}

// understands looks for the header of a server that takes compressed messages: M/Monit since 3.6.
func understands(in *bufio.Reader) bool {
	for range maxHeaders {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return false
		}
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if len(name) == 0 {
			return false
		}
		if bytes.EqualFold(name, []byte("Server")) {
			return newEnough(string(bytes.TrimSpace(value)))
		}
	}
	return false
}

func newEnough(server string) bool {
	version, ok := strings.CutPrefix(server, "mmonit/")
	if !ok {
		return false
	}
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	major, err := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err != nil || err2 != nil {
		return false
	}
	return major > 3 || major == 3 && minor >= 6
}

// harmless is a line of an answer for the log: printable, and without secrets that the server repeats. One that is too
// long is not shown, because there may be half a secret at its end.
func harmless(line []byte, c *model.Collector) string {
	if len(line) >= lineSize {
		return "(a line that is too long)"
	}
	text := string(bytes.TrimSpace(line))
	for _, secret := range []string{login(c), c.Password} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
}
