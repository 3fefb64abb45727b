package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"orderly/internal/model"
)

// The format of messages is in RFC 1035, section 4.
var _ = register(Protocol{
	Name: "dns", Port: 53, Net: "udp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if c.probe.UDP {
			if err := c.Send(dnsQuery); err != nil {
				return err
			}
			reply, err := c.datagram()
			if err != nil {
				return err
			}
			return judgeDNS(reply)
		}
		if err := c.Send("\x00\x11" + dnsQuery); err != nil {
			return err
		}
		size, err := c.Exact(2)
		if err != nil {
			return err
		}
		reply, err := c.Exact(bigEndian(size))
		if err != nil {
			return err
		}
		return judgeDNS(reply)
	},
})

// dnsQuery asks for the name servers of the root, recursively: id 1, one question.
const dnsQuery = "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + "\x00\x00\x02\x00\x01"

// dnsCodes are the response codes of a server that is not well.
var dnsCodes = map[byte]string{1: "the query is malformed", 2: "server failure", 3: "there is no such name", 4: "not implemented"}

// judgeDNS accepts an answer, a referral, and the refusal to resolve names for strangers.
func judgeDNS(reply []byte) error {
	const shortest, answers, refused = 15, 0x80, 5
	if len(reply) < shortest {
		return fmt.Errorf("its reply has %d bytes, at least %d are expected", len(reply), shortest)
	}
	field := func(at int) int { return int(binary.BigEndian.Uint16(reply[at:])) }
	switch code := reply[3] & 0x0f; {
	case field(0) != 1:
		return errors.New("its reply is to another query")
	case reply[2]&answers == 0:
		return errors.New("it sends a query instead of a reply")
	case field(4) != 1:
		return fmt.Errorf("its reply has %d questions where one was asked", field(4))
	case code == refused:
		return nil
	case code != 0:
		if text := dnsCodes[code]; text != "" {
			return fmt.Errorf("it cannot answer: %s", text)
		}
		return fmt.Errorf("it cannot answer: response code %d", code)
	case field(6) == 0 && field(8) == 0:
		return errors.New("its reply has no answer")
	}
	return nil
}
