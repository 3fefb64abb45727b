package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"orderly/internal/model"
)

// The format of messages is in RFC 1305, appendix A.
var _ = register(Protocol{
	Name: "ntp3", Port: 123, Net: "udp",
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Send(ntpRequest); err != nil {
			return err
		}
		reply, err := c.datagram()
		if err != nil {
			return err
		}
		return judgeNTP(reply)
	},
})

// ntpRequest is of a client of version 3 whose clock is not synchronized.
var ntpRequest = "\xdb" + strings.Repeat("\x00", ntpSize-1)

const ntpSize = 48

// judgeNTP wants a reply of version 3 from a server that knows the time itself.
func judgeNTP(reply []byte) error {
	if len(reply) != ntpSize {
		return fmt.Errorf("its reply has %d bytes where %d are expected", len(reply), ntpSize)
	}
	leap, version, mode := reply[0]>>6, reply[0]>>3&7, reply[0]&7
	switch {
	case mode != 4:
		return fmt.Errorf("its reply is of mode %d where 4 (server) is expected", mode)
	case version != 3:
		return fmt.Errorf("its reply is of NTP version %d where 3 is expected", version)
	case leap == 3:
		return errors.New("its own clock is not synchronized")
	}
	return nil
}
