//go:build !linux

package probe

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// knock connects and hangs up at once.
func knock(ctx context.Context, s site, b budget) error {
	nc, err := dial(ctx, s, b)
	if err != nil {
		return err
	}
	return nc.Close()
}

// dial connects. The caller closes the connection.
func dial(ctx context.Context, s site, b budget) (net.Conn, error) {
	d := net.Dialer{Deadline: b.deadline(time.Now(), b.step), KeepAlive: -1}
	network := "tcp"
	switch {
	case s.path != "" && s.udp:
		network = "unixgram"
	case s.path != "":
		network = "unix"
	case s.udp:
		network = "udp"
	}
	if s.source.IsValid() {
		from := netip.AddrPortFrom(s.source, 0)
		if s.udp {
			d.LocalAddr = net.UDPAddrFromAddrPort(from)
		} else {
			d.LocalAddr = net.TCPAddrFromAddrPort(from)
		}
	}
	return d.DialContext(ctx, network, s.String())
}
