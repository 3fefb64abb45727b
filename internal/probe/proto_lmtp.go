package probe

import (
	"context"

	"orderly/internal/model"
)

// RFC 2033.
var _ = register(Protocol{
	Name: "lmtp", Port: 24, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if _, err := c.coded("220"); err != nil {
			return err
		}
		if _, err := c.command("LHLO localhost\r\n", "250"); err != nil {
			return err
		}
		_, err := c.command("QUIT\r\n", "221")
		return err
	},
})
