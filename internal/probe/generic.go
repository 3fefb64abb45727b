package probe

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/pattern"
)

// udpRefusal is how long a refused datagram may take to come back.
const udpRefusal = 1200 * time.Millisecond

// answersUDP sends one zero byte. Silence is a good sign: only a refusal tells that nobody is there.
func answersUDP(_ context.Context, c *Conn, _ model.Params) error {
	if err := c.Send("\x00"); err != nil {
		return err
	}
	_, err := c.some(1, min(udpRefusal, c.budget.step))
	if isTimeout(err) && c.ctx.Err() == nil {
		c.silent = true
		return nil
	}
	if err == nil {
		return nil
	}
	return c.readError(err)
}

// dialogue goes through what the configuration says to send and to expect.
func (c *Conn) dialogue(turns []model.Turn) error {
	limit := c.probe.MaxSize
	if limit <= 0 {
		limit = model.DefaultLimits().SendExpect
	}
	for _, t := range turns {
		var err error
		if t.Expect != "" {
			err = c.expect(t.Expect, min(limit, receiveLimit))
		} else {
			err = c.Send(decode(t.Send))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Conn) expect(ere string, limit int) error {
	re, err := pattern.Compile(ere)
	if err != nil {
		return fmt.Errorf("cannot use pattern %q: %w", ere, err)
	}
	reply, err := c.burst(limit)
	if err != nil {
		return err
	}
	// A zero byte cannot be written in a pattern, so it is matched as the two characters \0.
	reply = bytes.ReplaceAll(reply, []byte{0}, []byte(`\0`))
	if !re.Match(reply) {
		return verdictf("%s says %s, which does not match %q", place(c.probe), quote(string(reply)), ere)
	}
	return nil
}

// decode turns each \0xHH into the byte it stands for.
func decode(s string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(s, `\0x`)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		s = after
		if len(after) >= 2 {
			if b, err := strconv.ParseUint(after[:2], 16, 8); err == nil {
				out.WriteByte(byte(b))
				s = after[2:]
				continue
			}
		}
		out.WriteString(`\0x`)
	}
}
