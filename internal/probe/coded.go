package probe

import (
	"fmt"
	"strings"
)

// codedLines bounds the lines of one reply of the mail and file transfer protocols.
const codedLines = 500

// refusal is the error for a reply with another code than the one wanted. The conversation can go on after it.
type refusal struct{ got, want string }

func (r refusal) Error() string { return unexpected(r.got, r.want).Error() }

// command sends a request and reads the coded reply to it.
func (c *Conn) command(request, code string) ([]string, error) {
	if err := c.Send(request); err != nil {
		return nil, err
	}
	return c.coded(code)
}

// coded reads a reply that begins with three digits, of several lines if a hyphen follows them on the first one. It returns the texts
// of the lines without code. Any other code than the wanted one is a refusal.
func (c *Conn) coded(want string) ([]string, error) {
	first, err := c.Line()
	if err != nil {
		return nil, err
	}
	if len(first) < 3 || strings.Trim(first[:3], "0123456789") != "" {
		return nil, unexpected(first, want)
	}
	code := first[:3]
	texts := []string{strings.TrimLeft(first[3:], "- ")}
	for last := first; strings.HasPrefix(first, code+"-") && !ends(last, code); {
		if len(texts) == codedLines {
			return nil, fmt.Errorf("its reply has more than %d lines", codedLines)
		}
		if last, err = c.Line(); err != nil {
			return nil, err
		}
		texts = append(texts, strings.TrimLeft(strings.TrimPrefix(last, code), "- "))
	}
	if code != want {
		return nil, refusal{first, want}
	}
	return texts, nil
}

// ends tells whether a line is the last one of a reply.
func ends(line, code string) bool { return line == code || strings.HasPrefix(line, code+" ") }

// wantFold is Want without regard to letter case.
func (c *Conn) wantFold(prefix string) error {
	line, err := c.Line()
	if err != nil {
		return err
	}
	if len(line) < len(prefix) || !strings.EqualFold(line[:len(prefix)], prefix) {
		return unexpected(line, prefix)
	}
	return nil
}
