package probe

import (
	"context"
	"fmt"
	"strings"

	"orderly/internal/model"
)

// TNS is what an Oracle listener speaks. Its packets are described by those who dissect them, such as Wireshark.
var _ = register(Protocol{
	Name: "tns", Port: 1521, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Send(tnsPing); err != nil {
			return err
		}
		head, err := c.Exact(5)
		if err != nil {
			return err
		}
		// A ping is answered by a refusal; only a listener that is well gets that far.
		const refuse = 4
		if kind := head[4]; kind != refuse {
			return fmt.Errorf("its packet is of type %d where %d (refuse) is expected", kind, refuse)
		}
		return nil
	},
})

// tnsPing is a packet of type 1 (connect).
var tnsPing = "\x00\x57\x00\x00\x01\x00\x00\x00" + // its size, no checksum, its type
	"\x01\x36\x01\x2c" + // version, and the oldest one it is compatible with
	"\x00\x00\x08\x00\x7f\xff\x7f\x08\x00\x00\x00\x01" + // options, sizes of data units, properties of the transport, byte order
	"\x00\x1d\x00\x3a" + // size and place of the connect string
	strings.Repeat("\x00", 30) +
	"(CONNECT_DATA=(COMMAND=ping))"
