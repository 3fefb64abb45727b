package probe

import (
	"context"
	"strconv"
	"strings"

	"orderly/internal/model"
)

var _ = register(Protocol{
	Name: "redis", Port: 6379, Net: "tcp", TLS: true,
	Params: []ParamSpec{{Name: "password", Secret: true, Help: "sent by AUTH before anything else"}},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		if err := c.redisLogin("", params.Get("password")); err != nil {
			return err
		}
		if err := c.Send(resp("PING")); err != nil {
			return err
		}
		answer, err := c.Line()
		if err != nil {
			return err
		}
		// A server that wants a password first is up and well.
		if !strings.HasPrefix(answer, "+PONG") && !strings.HasPrefix(answer, "-NOAUTH") {
			return unexpected(answer, "+PONG")
		}
		c.Bye(resp("QUIT"))
		return nil
	},
})

// redisLogin gives the password, if there is one. Servers since Redis 6 know users.
func (c *Conn) redisLogin(user, password string) error {
	switch {
	case password == "":
		return nil
	case user == "":
		return c.Ask(resp("AUTH", password), "+OK")
	}
	return c.Ask(resp("AUTH", user, password), "+OK")
}

// resp encodes a command as the array of strings that Redis reads.
func resp(words ...string) string {
	var b strings.Builder
	b.WriteString("*" + strconv.Itoa(len(words)) + "\r\n")
	for _, w := range words {
		b.WriteString("$" + strconv.Itoa(len(w)) + "\r\n" + w + "\r\n")
	}
	return b.String()
}
