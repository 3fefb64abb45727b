package probe

import (
	"context"
	"fmt"

	"orderly/internal/model"
)

var _ = register(Protocol{
	Name: "memcache", Port: 11211, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		const header = 24 // bytes; a no-op has nothing else
		request := [header]byte{0x80, 0x0a}
		if err := c.Send(string(request[:])); err != nil {
			return err
		}
		reply, err := c.Exact(header)
		if err != nil {
			return err
		}
		if reply[0] != 0x81 {
			return fmt.Errorf("its reply begins with %#02x where 0x81 is expected", reply[0])
		}
		if status := int(reply[6])<<8 | int(reply[7]); status != 0 {
			return fmt.Errorf("it refuses a no-op with status %d", status)
		}
		return nil
	},
})
