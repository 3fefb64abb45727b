package probe

import (
	"context"

	"orderly/internal/model"
)

var _ = register(Protocol{
	Name: "pop", Port: 110, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.wantFold("+OK"); err != nil {
			return err
		}
		if err := c.Send("QUIT\r\n"); err != nil {
			return err
		}
		return c.wantFold("+OK")
	},
})
