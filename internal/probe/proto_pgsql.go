package probe

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
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
		if err := c.Send(pgsqlStartup(params.Get("username"), params.Get("database"))); err != nil {
			return err
		}
		if params.Get("username") == "" && params.Get("database") == "" {
			kind, _, err := c.pgsqlMessage()
			if err == nil && kind != pgsqlError && kind != pgsqlAuth {
				err = unexpectedMessage(kind)
			}
			if err != nil {
				return err
			}
		} else if err := c.pgsqlLogin(params); err != nil {
			return err
		}
		c.Bye("X\x00\x00\x00\x04")
		return nil
	},
})

// Kinds of messages.
const (
	pgsqlAuth     = 'R'
	pgsqlError    = 'E'
	pgsqlReady    = 'Z'
	pgsqlPassword = 'p'
)

const (
	pgsqlLimit = 64 << 10 // bytes of a message
	pgsqlTurns = 200      // messages before the server is ready: it tells its settings one by one
)

// pgsqlStartup is the first message, which has no kind.
func pgsqlStartup(user, database string) string {
	if user == "" {
		database = cmp.Or(database, "root")
	}
	body := "\x00\x03\x00\x00" + "user\x00" + cmp.Or(user, "root") + "\x00"
	if database != "" {
		body += "database\x00" + database + "\x00"
	}
	body += "\x00"
	return string(binary.BigEndian.AppendUint32(nil, uint32(4+len(body)))) + body
}

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

// pgsqlLogin ends when the server is ready, or when it wants a proof that cannot be given here: then it is well, too.
func (c *Conn) pgsqlLogin(params model.Params) error {
	for range pgsqlTurns {
		kind, body, err := c.pgsqlMessage()
		if err != nil {
			return err
		}
		switch kind {
		case pgsqlReady:
			return nil
		case pgsqlError:
			return fmt.Errorf("it refuses: %s", quote(pgsqlText(body)))
		case pgsqlAuth:
			if known, err := c.pgsqlProve(body, params); !known || err != nil {
				return err
			}
		case 'S', 'K', 'N', 'v': // settings, what to cancel with, notices, a version
		default:
			return unexpectedMessage(kind)
		}
	}
	return errors.New("its login does not end")
}

// pgsqlProve sends the password in the way the server wants it.
func (c *Conn) pgsqlProve(body []byte, params model.Params) (known bool, err error) {
	const ok, clear, hashed = 0, 3, 5
	if len(body) < 4 {
		return false, errors.New("its request for a password is cut short")
	}
	password := params.Get("password")
	switch binary.BigEndian.Uint32(body) {
	case ok:
		return true, nil
	case clear:
	case hashed:
		if len(body) != 8 {
			return false, errors.New("its request for a password is cut short")
		}
		user := cmp.Or(params.Get("username"), "root")
		password = "md5" + md5Hex(md5Hex(password+user)+string(body[4:]))
	default:
		return false, nil
	}
	b := binary.BigEndian.AppendUint32([]byte{pgsqlPassword}, uint32(4+len(password)+1))
	return true, c.Send(string(b) + password + "\x00")
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// pgsqlText is the message to people in an error, which consists of fields that begin with a letter and end with a zero.
func pgsqlText(body []byte) string {
	for field := range strings.SplitSeq(string(body), "\x00") {
		if text, ok := strings.CutPrefix(field, "M"); ok {
			return text
		}
	}
	return string(body)
}

func unexpectedMessage(kind byte) error {
	return fmt.Errorf("its message is of kind %q, which is not expected here", kind)
}
