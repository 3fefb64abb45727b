package probe

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"errors"
	"fmt"

	"orderly/internal/model"
)

// Status-Server requests are in RFC 5997, packets in RFC 2865.
var _ = register(Protocol{
	Name: "radius", Port: 1812, Net: "udp",
	Params: []ParamSpec{{Name: "secret", Secret: true, Help: "shared with the server; default testing123"}},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		if err := c.Send(string(radiusStatus(cmp.Or(params.Get("secret"), "testing123")))); err != nil {
			return err
		}
		reply, err := c.datagram()
		if err != nil {
			return err
		}
		return judgeRADIUS(reply)
	},
})

const radiusHead = 20 // bytes: code, id, size, authenticator

// radiusStatus asks how the server is. A server that does not share the secret says nothing to it.
func radiusStatus(secret string) []byte {
	const statusServer, messageAuthenticator, size = 12, 80, radiusHead + 2 + md5.Size
	request := make([]byte, size)
	request[0], request[3] = statusServer, size
	rand.Read(request[4:radiusHead])
	signature := radiusHead + 2
	request[radiusHead], request[radiusHead+1] = messageAuthenticator, 2+md5.Size
	sign := hmac.New(md5.New, []byte(secret))
	sign.Write(request) // with zeros in place of the signature
	return sign.Sum(request[:signature])
}

// judgeRADIUS wants an acceptance or an accounting response that is whole. Who signed it is not asked: a server that has another
// secret would not have answered.
func judgeRADIUS(reply []byte) error {
	if len(reply) < radiusHead {
		return fmt.Errorf("its reply has %d bytes, at least %d are expected", len(reply), radiusHead)
	}
	size := bigEndian(reply[2:4])
	switch code := reply[0]; {
	case code != 2 && code != 5:
		return fmt.Errorf("its reply is of code %d where 2 (accept) or 5 (accounting) is expected", code)
	case reply[1] != 0:
		return fmt.Errorf("its reply is to request %d where 0 was asked", reply[1])
	case size < radiusHead || size > len(reply):
		return fmt.Errorf("its reply announces %d bytes and has %d", size, len(reply))
	}
	for attributes := reply[radiusHead:size]; len(attributes) > 0; {
		if len(attributes) < 2 || attributes[1] < 2 || int(attributes[1]) > len(attributes) {
			return errors.New("an attribute of its reply has a length that cannot be")
		}
		attributes = attributes[attributes[1]:]
	}
	return nil
}
