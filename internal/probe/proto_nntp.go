package probe

import (
	"context"

	"orderly/internal/model"
)

// RFC 3977. A server that takes no articles greets with 201, and that is not enough.
var _ = register(Protocol{
	Name: "nntp", Port: 119, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Want("200"); err != nil {
			return err
		}
		return c.Ask("QUIT\r\n", "205")
	},
})
