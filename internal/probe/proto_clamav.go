package probe

import (
	"context"

	"orderly/internal/model"
)

// The commands of clamd are in its manual page, clamd(8).
var _ = register(Protocol{
	Name: "clamav", Port: 3310, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Send("PING\r\n"); err != nil {
			return err
		}
		return c.wantFold("PONG")
	},
})
