package probe

import (
	"context"
	"strings"

	"orderly/internal/model"
)

var _ = register(Protocol{
	Name: "ssh", Port: 22, Net: "tcp",
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		version, err := c.Line()
		if err != nil {
			return err
		}
		if !strings.HasPrefix(version, "SSH-") {
			return unexpected(version, "SSH-")
		}
		// A server that hears a version it knows does not complain of us in its log.
		c.Bye(version + "\r\n")
		return nil
	},
})
