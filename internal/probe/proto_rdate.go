package probe

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"orderly/internal/model"
)

// The time protocol is RFC 868.
var _ = register(Protocol{
	Name: "rdate", Port: 37, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if c.probe.UDP { // there is no connection whose coming could be the question
			if err := c.Send(""); err != nil {
				return err
			}
		}
		reply, err := c.Exact(4)
		if err != nil {
			return err
		}
		return judgeTime(binary.BigEndian.Uint32(reply), time.Now())
	},
})

// rdateTolerance is how far the clocks of the server and of this host may be apart.
const rdateTolerance = 3 * time.Second

// judgeTime compares a time in seconds since 1900 with ours. Such times begin anew every 136 years, next in 2036.
func judgeTime(theirs uint32, now time.Time) error {
	const from1900to1970 = 2208988800 // seconds
	ours := uint32(now.Unix() + from1900to1970)
	apart := time.Duration(int32(theirs-ours)) * time.Second
	if apart.Abs() > rdateTolerance {
		return fmt.Errorf("its clock and ours are %s apart, at most %s is allowed", apart.Abs(), rdateTolerance)
	}
	return nil
}
