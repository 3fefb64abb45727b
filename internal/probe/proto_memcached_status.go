package probe

import (
	"context"
	"fmt"
	"strings"

	"orderly/internal/model"
)

var memcachedFamily = familyOf("memcached")

var _ = register(Protocol{
	Name: "memcached-status", Port: 11211, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		const most = 1000 // lines; a server has about a hundred
		if err := c.Send("stats\r\n"); err != nil {
			return err
		}
		for range most {
			line, err := c.Line()
			if err != nil {
				return err
			}
			if line == "END" {
				c.Bye("quit\r\n")
				return c.told()
			}
			const head = "STAT "
			stat, ok := strings.CutPrefix(line, head)
			if !ok {
				return unexpected(line, head)
			}
			name, value, _ := strings.Cut(stat, " ")
			c.tell(memcachedFamily, name, value)
		}
		return fmt.Errorf("its reply has more than %d lines", most)
	},
})
