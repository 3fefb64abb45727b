package probe

import (
	"context"
	"strings"

	"orderly/internal/model"
)

// The format is in the file spamd/PROTOCOL of SpamAssassin.
var _ = register(Protocol{
	Name: "spamassassin", Port: 783, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Send("PING SPAMC/1.2\r\n"); err != nil {
			return err
		}
		line, err := c.Line()
		if err == nil && !(strings.HasPrefix(line, "SPAMD/") && strings.Contains(line, " PONG")) {
			err = unexpected(line, "SPAMD/1.5 0 PONG")
		}
		return err
	},
})
