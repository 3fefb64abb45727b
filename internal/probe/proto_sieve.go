package probe

import (
	"context"
	"fmt"
	"strings"

	"orderly/internal/model"
)

// RFC 5804.
var _ = register(Protocol{
	Name: "sieve", Port: 4190, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.sieveGreeting(); err != nil {
			return err
		}
		return c.Ask("LOGOUT\r\n", "OK")
	},
})

// sieveGreeting reads past what the server can do, up to the OK.
func (c *Conn) sieveGreeting() error {
	for range codedLines {
		line, err := c.Line()
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(line, "OK"):
			return nil
		case strings.HasPrefix(line, "NO"), strings.HasPrefix(line, "BYE"):
			return unexpected(line, "OK")
		}
	}
	return fmt.Errorf("its greeting has more than %d lines", codedLines)
}
