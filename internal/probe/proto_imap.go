package probe

import (
	"context"

	"orderly/internal/model"
)

var _ = register(Protocol{
	Name: "imap", Port: 143, Net: "tcp", TLS: true, StartTLS: []int{143},
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Want("* OK"); err != nil {
			return err
		}
		tag := "001"
		if c.awaitsTLS() {
			if err := c.Ask(tag+" STARTTLS\r\n", tag+" OK"); err != nil {
				return err
			}
			if err := c.StartTLS(); err != nil {
				return err
			}
			tag = "002"
		}
		if err := c.Send(tag + " LOGOUT\r\n"); err != nil {
			return err
		}
		return c.wantFold("* BYE")
	},
})
