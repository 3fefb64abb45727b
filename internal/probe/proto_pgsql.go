package probe

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"orderly/internal/model"
)

// The protocol is described in the manual of PostgreSQL, "Frontend/Backend Protocol".
var _ = register(Protocol{
	Name: "pgsql", Port: 5432, Net: "tcp", TLS: true,
	Params: []ParamSpec{
		{Name: "username", Help: "to log in as; without it and without a database any reply is good, even a refusal"},
		{Name: "password", Secret: true},
		{Name: "database", Help: "to open; default the one named like the user"},
	},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		user, database := params.Get("username"), params.Get("database")
		if user == "" && database == "" {
			return c.pgsqlKnock()
		}
		// A server that wants a proof of another kind is well, too.
		_, err := c.pgsqlLogin(&pgsqlUser{
			name: cmp.Or(user, pgsqlAnyone), database: database,
			password: func() (string, error) { return params.Get("password"), nil },
		})
		if err == nil {
			c.pgsqlBye()
		}
		return err
	},
})

// pgsqlAnyone is who asks where nobody is named.
const pgsqlAnyone = "root"

// pgsqlKnock takes any reply to the first message.
func (c *Conn) pgsqlKnock() error {
	if err := c.Send(pgsqlStartup(pgsqlAnyone, pgsqlAnyone)); err != nil {
		return err
	}
	kind, _, err := c.pgsqlMessage()
	if err == nil && kind != pgsqlError && kind != pgsqlAuth {
		err = unexpectedMessage(kind)
	}
	if err == nil {
		c.pgsqlBye()
	}
	return err
}

// Kinds of messages.
const (
	pgsqlAuth     = 'R'
	pgsqlError    = 'E'
	pgsqlReady    = 'Z'
	pgsqlPassword = 'p'
	pgsqlQuery    = 'Q'
	pgsqlRow      = 'D'
)

const (
	pgsqlLimit = 64 << 10 // bytes of a message
	pgsqlTurns = 200      // messages before the server is ready: it tells its settings one by one
)

// pgsqlStartup is the first message, which has no kind.
func pgsqlStartup(user, database string) string {
	body := "\x00\x03\x00\x00" + "user\x00" + user + "\x00"
	if database != "" {
		body += "database\x00" + database + "\x00"
	}
	body += "\x00"
	return string(binary.BigEndian.AppendUint32(nil, uint32(4+len(body)))) + body
}

// pgsqlSend sends a message.
func (c *Conn) pgsqlSend(kind byte, body string) error {
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(4+len(body)))
	return c.Send(string(head) + body)
}

func (c *Conn) pgsqlBye() { c.Bye("X\x00\x00\x00\x04") }

// pgsqlMessage reads a message.
func (c *Conn) pgsqlMessage() (kind byte, body []byte, err error) {
	head, err := c.Exact(5)
	if err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size < 4 || size > pgsqlLimit {
		return 0, nil, fmt.Errorf("its message announces %d bytes", size)
	}
	body, err = c.Exact(int(size) - 4)
	return head[0], body, err
}

// A pgsqlRefusal is what a message with an error says to people.
type pgsqlRefusal string

func (r pgsqlRefusal) Error() string { return "it refuses: " + quote(string(r)) }

// pgsqlRefused reads an error, which consists of fields that begin with a letter and end with a zero.
func pgsqlRefused(body []byte) error {
	for field := range strings.SplitSeq(string(body), "\x00") {
		if text, ok := strings.CutPrefix(field, "M"); ok {
			return pgsqlRefusal(text)
		}
	}
	return pgsqlRefusal(body)
}

func unexpectedMessage(kind byte) error {
	return fmt.Errorf("its message is of kind %q, which is not expected here", kind)
}
