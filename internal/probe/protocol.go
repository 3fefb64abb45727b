package probe

import (
	"context"
	"slices"

	"orderly/internal/model"
)

// A Protocol is one entry of the catalogue: what the configuration can name, and how it is spoken.
type Protocol struct {
	Name     string      // as the configuration writes it, lower case
	Port     int         // usual port; 0: there is none
	Net      string      // "tcp" or "udp"
	TLS      bool        // may be spoken over TLS
	StartTLS []int       // ports on which TLS begins by a command of the protocol, not with the first byte; everyPort: on any
	Params   []ParamSpec // options, in the order they are documented

	// Run speaks the protocol on a fresh connection, whose TLS is already up except on the ports of StartTLS. It returns nil when the
	// answer is as wanted. It must not keep the connection, nor close it.
	Run func(ctx context.Context, c *Conn, params model.Params) error
}

// A ParamSpec describes one option of a protocol.
type ParamSpec struct {
	Name   string
	Secret bool // never shown, logged or kept in history
	Help   string
}

// everyPort in StartTLS stands for all ports, and for sockets.
const everyPort = -1

// asksForTLS tells whether TLS on a port begins by a command of the protocol.
func (p *Protocol) asksForTLS(port int) bool {
	return slices.Contains(p.StartTLS, port) || slices.Contains(p.StartTLS, everyPort)
}

var catalogue []Protocol

// register appends a protocol to the catalogue. It is called while the package is initialized and at no other time.
func register(p Protocol) bool {
	catalogue = append(catalogue, p)
	return true
}

// Lookup finds a protocol by its exact name.
func Lookup(name string) (Protocol, bool) {
	for i := range catalogue {
		if catalogue[i].Name == name {
			return catalogue[i], true
		}
	}
	return Protocol{}, false
}
