package probe

import (
	"context"

	"orderly/internal/model"
)

var _ = register(Protocol{
	Name: "ftp", Port: 21, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if _, err := c.coded("220"); err != nil {
			return err
		}
		_, err := c.command("QUIT\r\n", "221")
		return err
	},
})
