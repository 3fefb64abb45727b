package probe

import (
	"context"
	"fmt"

	"orderly/internal/model"
)

// Fail2ban has no documented format: the parts of its own client and server send each other what Python's pickle makes of a list,
// and a mark after it.
var _ = register(Protocol{
	Name: "fail2ban", Net: "tcp", // in practice a unix socket
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		const (
			ping = "(lp0\nS'ping'\np1\na." // ["ping"] in version 0 of pickle
			end  = "<F2B_END_COMMAND>\x00"
		)
		if err := c.Send(ping + end); err != nil {
			return err
		}
		first, err := c.Exact(1)
		if err != nil {
			return err
		}
		// Every later version of pickle begins with this; what it holds is up to the version of the server.
		if first[0] != 0x80 {
			return fmt.Errorf("its reply begins with %#02x where 0x80 is expected", first[0])
		}
		return nil
	},
})
