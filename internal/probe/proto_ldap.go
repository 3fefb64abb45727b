package probe

import (
	"context"
	"errors"
	"fmt"

	"orderly/internal/model"
)

// LDAP is RFC 1777 in version 2 and RFC 4511 in version 3; both bind in the same way.
var (
	_ = register(Protocol{Name: "ldap2", Port: 389, Net: "tcp", TLS: true, Run: bindLDAP(2)})
	_ = register(Protocol{Name: "ldap3", Port: 389, Net: "tcp", TLS: true, Run: bindLDAP(3)})
)

// ldapLimit bounds a bind response; its texts are short.
const ldapLimit = 16 << 10

// Tags of BER elements.
const (
	berInteger    = 0x02
	berEnumerated = 0x0a
	berSequence   = 0x30
	ldapBound     = 0x61 // the response to a bind
)

// bindLDAP binds as nobody, with an empty password, and unbinds.
func bindLDAP(version byte) func(context.Context, *Conn, model.Params) error {
	return func(_ context.Context, c *Conn, _ model.Params) error {
		bind := [...]byte{0x30, 0x0c, 0x02, 0x01, 0x00, 0x60, 0x07, 0x02, 0x01, version, 0x04, 0x00, 0x80, 0x00}
		if err := c.Send(string(bind[:])); err != nil {
			return err
		}
		reply, err := c.ldapMessage()
		if err != nil {
			return err
		}
		result, ok := bindResult(reply)
		if !ok {
			return errors.New("its reply is not one to a bind")
		}
		if result != 0 {
			return fmt.Errorf("it refuses an anonymous bind with result %d", result)
		}
		c.Bye("\x30\x05\x02\x01\x01\x42\x00")
		return nil
	}
}

// ldapMessage reads one message and returns what is in its sequence.
func (c *Conn) ldapMessage() (ber, error) {
	head, err := c.Exact(2)
	if err != nil {
		return nil, err
	}
	if head[0] != berSequence {
		return nil, fmt.Errorf("its reply begins with %#02x where %#02x is expected", head[0], berSequence)
	}
	size := int(head[1])
	if size >= 0x80 { // the length is in so many bytes more
		more, err := c.Exact(min(size-0x80, 4))
		if err != nil {
			return nil, err
		}
		size = bigEndian(more)
	}
	if size > ldapLimit {
		return nil, fmt.Errorf("its reply announces %d bytes", size)
	}
	return c.Exact(size)
}

// bindResult finds the result code of a bind response to message 0.
func bindResult(message ber) (result int, ok bool) {
	id, ok := message.next(berInteger)
	if !ok || bigEndian(id) != 0 {
		return 0, false
	}
	response, ok := message.next(ldapBound)
	if !ok {
		return 0, false
	}
	inner := ber(response)
	code, ok := inner.next(berEnumerated)
	return bigEndian(code), ok && len(code) > 0
}

// ber is a run of elements as X.690 encodes them: a tag, a length, that many bytes.
type ber []byte

// next cuts off the first element, which must have the given tag, and returns its content.
func (b *ber) next(tag byte) (content []byte, ok bool) {
	e := *b
	if len(e) < 2 || e[0] != tag {
		return nil, false
	}
	size, e := int(e[1]), e[2:]
	if size >= 0x80 {
		n := size - 0x80
		if n > 4 || n > len(e) {
			return nil, false
		}
		size, e = bigEndian(e[:n]), e[n:]
	}
	if size > len(e) {
		return nil, false
	}
	*b = e[size:]
	return e[:size], true
}

// bigEndian is the value of at most four bytes; of more it is that of the last four.
func bigEndian(b []byte) int {
	var n uint32
	for _, x := range b {
		n = n<<8 | uint32(x)
	}
	return int(n)
}
