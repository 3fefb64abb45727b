package probe

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A pgsqlUser is who logs in, and where.
type pgsqlUser struct {
	name, database string
	password       func() (string, error) // called when the server wants it
	scram          bool                   // whether it is proved by SCRAM-SHA-256
}

// Kinds of requests for a password.
const (
	pgsqlLetIn        = 0
	pgsqlClear        = 3
	pgsqlMD5          = 5
	pgsqlSASL         = 10
	pgsqlSASLContinue = 11
	pgsqlSASLFinal    = 12
)

var errPgSQLShort = errors.New("its request for a password is cut short")

// pgsqlLogin ends when the server is ready, or when it wants a proof that the user does not give: then it tells of what
// kind, which is not 0.
func (c *Conn) pgsqlLogin(u *pgsqlUser) (unmet uint32, err error) {
	if err := c.Send(pgsqlStartup(u.name, u.database)); err != nil {
		return 0, err
	}
	for range pgsqlTurns {
		kind, body, err := c.pgsqlMessage()
		if err != nil {
			return 0, err
		}
		switch kind {
		case pgsqlReady:
			return 0, nil
		case pgsqlError:
			return 0, pgsqlRefused(body)
		case pgsqlAuth:
			if unmet, err = c.pgsqlProve(u, body); unmet != 0 || err != nil {
				return unmet, err
			}
		case 'S', 'K', 'N', 'v': // settings, what to cancel with, notices, a version
		default:
			return 0, unexpectedMessage(kind)
		}
	}
	return 0, errors.New("its login does not end")
}

// pgsqlProve proves that the user knows the password, in the way the server wants it.
func (c *Conn) pgsqlProve(u *pgsqlUser, body []byte) (unmet uint32, err error) {
	if len(body) < 4 {
		return 0, errPgSQLShort
	}
	way, body := binary.BigEndian.Uint32(body), body[4:]
	switch {
	case way == pgsqlLetIn:
		return 0, nil
	case way == pgsqlMD5 && len(body) != 4:
		return 0, errPgSQLShort
	case way != pgsqlClear && way != pgsqlMD5 && (way != pgsqlSASL || !u.scram):
		return way, nil
	}
	password, err := u.password()
	if err != nil {
		return 0, err
	}
	switch way {
	case pgsqlSASL:
		return 0, c.pgsqlSCRAM(string(body), password)
	case pgsqlMD5:
		password = "md5" + md5Hex(md5Hex(password+u.name)+string(body))
	}
	return 0, c.pgsqlSend(pgsqlPassword, password+"\x00")
}

// pgsqlSCRAM proves a password without telling it, and has the server prove that it knows it as well.
func (c *Conn) pgsqlSCRAM(methods, password string) error {
	const method = "SCRAM-SHA-256"
	if !slices.Contains(strings.Split(methods, "\x00"), method) {
		return fmt.Errorf("it wants a login by %s, which is not supported", quote(methods))
	}
	s := newSCRAM(password)
	first := s.first()
	length := string(binary.BigEndian.AppendUint32(nil, uint32(len(first))))
	if err := c.pgsqlSend(pgsqlPassword, method+"\x00"+length+first); err != nil {
		return err
	}
	challenge, err := c.pgsqlSASLReply(pgsqlSASLContinue)
	if err != nil {
		return err
	}
	final, err := s.answer(challenge)
	if err != nil {
		return err
	}
	if err := c.pgsqlSend(pgsqlPassword, final); err != nil {
		return err
	}
	proof, err := c.pgsqlSASLReply(pgsqlSASLFinal)
	if err != nil {
		return err
	}
	return s.verify(proof)
}

// pgsqlSASLReply reads the next step of a login by SCRAM.
func (c *Conn) pgsqlSASLReply(step uint32) (string, error) {
	kind, body, err := c.pgsqlMessage()
	switch {
	case err != nil:
		return "", err
	case kind == pgsqlError:
		return "", pgsqlRefused(body)
	case kind != pgsqlAuth:
		return "", unexpectedMessage(kind)
	case len(body) < 4 || binary.BigEndian.Uint32(body) != step:
		return "", errors.New("its reply is not the next step of the login")
	}
	return string(body[4:]), nil
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}
