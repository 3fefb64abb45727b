package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"orderly/internal/model"
)

// The messages of MongoDB and the BSON in them are described in its manual and at bsonspec.org. The first question is the only one
// that every version still takes in the form of old (OP_QUERY), so that it can tell which others it takes.
var _ = register(Protocol{
	Name: "mongodb", Port: 27017, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Send(mongoHello); err != nil {
			return err
		}
		head, err := c.Exact(mongoHead)
		if err != nil {
			return err
		}
		size := binary.LittleEndian.Uint32(head)
		if size < mongoHead || size > mongoLimit {
			return fmt.Errorf("its reply announces %d bytes", size)
		}
		body, err := c.Exact(int(size) - mongoHead)
		if err != nil {
			return err
		}
		return judgeMongo(head, body)
	},
})

const (
	mongoHead  = 16       // bytes
	mongoLimit = 64 << 10 // of a reply, which tells little
)

// mongoHello asks the database admin for one document: what the server is, and whether it knows the newer word for the question.
const mongoHello = "\x44\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xd4\x07\x00\x00" + // 68 bytes, id 1, OP_QUERY
	"\x00\x00\x00\x00admin.$cmd\x00\x00\x00\x00\x00\x01\x00\x00\x00" +
	"\x1d\x00\x00\x00\x10ismaster\x00\x01\x00\x00\x00\x08helloOk\x00\x01\x00"

// judgeMongo wants a document that begins by saying that the hello was understood.
func judgeMongo(head, body []byte) error {
	const opReply, fixed = 1, 20 // the fixed part of a body: flags, cursor, start, number of documents
	answers, op := binary.LittleEndian.Uint32(head[8:]), binary.LittleEndian.Uint32(head[12:])
	switch {
	case op != opReply:
		return fmt.Errorf("its reply is of kind %d where %d is expected", op, opReply)
	case answers != 1:
		return fmt.Errorf("its reply is to query %d where 1 was asked", answers)
	case len(body) < fixed:
		return errors.New("its reply is cut short")
	case int32(binary.LittleEndian.Uint32(body[16:])) < 1:
		return errors.New("its reply has no document")
	}
	document := body[fixed:]
	if len(document) < 4 || !bytes.HasPrefix(document[4:], []byte("\x08helloOk\x00\x01")) {
		return errors.New("its reply does not begin with helloOk: true")
	}
	return nil
}
