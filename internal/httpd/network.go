package httpd

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// A network is a set of addresses: those that agree with one address in the bits of a mask. All of them are in the
// form of IPv6, so that a.b.c.d is ::ffff:a.b.c.d and a listener for both families needs one comparison.
type network struct {
	address, mask [16]byte
}

func (n network) contains(a netip.Addr) bool {
	bytes := a.As16()
	for i := range bytes {
		if (bytes[i]^n.address[i])&n.mask[i] != 0 {
			return false
		}
	}
	return true
}

// parseNetwork understands an address, address/bits and a.b.c.d/m.m.m.m. What is none of these is a host's name.
func parseNetwork(text string) (n network, ok bool) {
	host, mask, masked := strings.Cut(text, "/")
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return network{}, false
	}
	n.address = a.As16()
	offset := 0
	if a.Is4() {
		offset = 12
	}
	for i := range n.mask {
		n.mask[i] = 0xff
	}
	if !masked {
		return n, true
	}
	if m, err := netip.ParseAddr(mask); err == nil && m.Is4() && a.Is4() {
		four := m.As4()
		copy(n.mask[offset:], four[:])
		return n, true
	}
	p, err := netip.ParsePrefix(a.WithZone("").String() + "/" + mask)
	if err != nil {
		return network{}, false
	}
	copy(n.mask[offset:], net.CIDRMask(p.Bits(), a.BitLen()))
	return n, true
}

// resolve finds the addresses of a host's name, as networks of one address each.
func resolve(ctx context.Context, name string) ([]network, error) {
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, fmt.Errorf("cannot find the addresses of %s: %w", name, err)
	}
	out := make([]network, len(found))
	for i, a := range found {
		out[i], _ = parseNetwork(a.Unmap().WithZone("").String())
	}
	return out, nil
}
