package probe

import (
	"context"
	"fmt"
	"strings"

	"orderly/internal/model"
)

// moduleLines bounds the greeting of the day and the list of modules.
const moduleLines = 5000

// The beginning of the conversation is the same in all versions of the daemon: both sides say which version of the protocol they
// speak, and the client names a module, or asks for the list of them.
var _ = register(Protocol{
	Name: "rsync", Port: 873, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		const mark = "@RSYNCD: "
		greeting, err := c.Line()
		if err != nil {
			return err
		}
		var major, minor int
		if n, _ := fmt.Sscanf(greeting, mark+"%d.%d", &major, &minor); n != 2 {
			return unexpected(greeting, mark+"31.0")
		}
		if err := c.Send(greeting + "\n#list\n"); err != nil {
			return err
		}
		for range moduleLines {
			line, err := c.Line()
			switch {
			case err != nil:
				return err
			case line == mark+"EXIT":
				return nil
			case strings.HasPrefix(line, "@ERROR"):
				return unexpected(line, mark+"EXIT")
			}
		}
		return fmt.Errorf("its list of modules has more than %d lines", moduleLines)
	},
})
