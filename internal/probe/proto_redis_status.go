package probe

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"orderly/internal/model"
)

var redisFamily = familyOf("redis")

var _ = register(Protocol{
	Name: "redis-status", Port: 6379, Net: "tcp", TLS: true,
	Params: []ParamSpec{
		{Name: "username", Help: "to log in as; without it the user named default"},
		{Name: "password", Secret: true},
	},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		if err := c.redisLogin(params.Get("username"), params.Get("password")); err != nil {
			return err
		}
		if err := c.Send(resp("INFO")); err != nil {
			return err
		}
		text, err := c.redisBulk()
		if err != nil {
			return err
		}
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			if name == "client_recent_max_input_buffer" { // so called since Redis 5
				name = "client_biggest_input_buf"
			}
			c.tell(redisFamily, name, value)
		}
		c.Bye(resp("QUIT"))
		return c.told()
	},
})

// redisBulk reads a text whose length goes before it.
func (c *Conn) redisBulk() (string, error) {
	const longest = 1 << 20 // bytes; a server has some thousand to tell of itself
	head, err := c.Line()
	if err != nil {
		return "", err
	}
	digits, isText := strings.CutPrefix(head, "$")
	size, err := strconv.Atoi(digits)
	if !isText || err != nil {
		return "", unexpected(head, "$")
	}
	if size < 0 || size > longest {
		return "", fmt.Errorf("its reply announces %d bytes", size)
	}
	text, err := c.Exact(size + len("\r\n"))
	return string(text), err
}
