package probe

import (
	"context"

	"orderly/internal/model"
)

// DWP is asked as HTTP was before it had virtual hosts: the request names none.
var _ = register(Protocol{
	Name: "dwp", Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n"); err != nil {
			return err
		}
		reply, err := c.readHTTPHeader()
		if err == nil && reply.status >= 400 {
			return verdictf("status %d from %s, expected < 400", reply.status, place(c.probe))
		}
		return err
	},
})
