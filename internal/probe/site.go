package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"

	"orderly/internal/model"
)

// A site is one place to connect to. Either addr or path is set.
type site struct {
	addr   netip.AddrPort
	path   string     // unix socket
	udp    bool       // datagrams
	source netip.Addr // local address; invalid: any
}

// String is the address in the form net.Dial takes.
func (s site) String() string {
	if s.path != "" {
		return s.path
	}
	return s.addr.String()
}

// place names what a probe connects to in the words of the configuration.
func place(p *model.Probe) string {
	switch {
	case p.Kind == model.ProbeSocket:
		return p.Path
	case p.Kind == model.ProbePing:
		return p.Host
	}
	return net.JoinHostPort(hostOf(p), strconv.Itoa(p.Port))
}

// hostOf is the host to connect to. Checks of a local service need not name one.
func hostOf(p *model.Probe) string {
	if p.Host == "" {
		return "localhost"
	}
	return p.Host
}

// resolve returns the places at which the probe may find its server, in the order they are to be tried.
func resolve(ctx context.Context, p *model.Probe, b budget) ([]site, error) {
	if p.Kind == model.ProbeSocket {
		return []site{{path: p.Path, udp: p.UDP}}, nil
	}
	if p.Port < 0 || p.Port > 65535 {
		return nil, fmt.Errorf("there is no port %d", p.Port)
	}
	var source netip.Addr
	if p.Source != "" {
		var err error
		if source, err = netip.ParseAddr(p.Source); err != nil {
			return nil, fmt.Errorf("%q is not an IP address", p.Source)
		}
	}
	addrs, err := addresses(ctx, hostOf(p), b)
	if err != nil {
		return nil, err
	}
	sites := make([]site, 0, len(addrs))
	for _, a := range addrs {
		a = a.Unmap()
		if p.Family == 4 && !a.Is4() || p.Family == 6 && a.Is4() || source.IsValid() && source.Is4() != a.Is4() {
			continue
		}
		sites = append(sites, site{addr: netip.AddrPortFrom(a, uint16(p.Port)), udp: p.UDP, source: source})
	}
	if len(sites) == 0 {
		return nil, errors.New("it has no address of the wanted family")
	}
	return sites, nil
}

// localhost never leaves the host, whatever a resolver says (RFC 6761), and most checks of a host ask for it.
var localhost = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}

func addresses(ctx context.Context, host string, b budget) ([]netip.Addr, error) {
	if host == "localhost" {
		return localhost, nil
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	lookup, cancel := context.WithTimeout(ctx, b.step)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(lookup, "ip", host)
	if err != nil {
		if dns, ok := errors.AsType[*net.DNSError](err); ok && !dns.IsTimeout {
			return nil, fmt.Errorf("cannot resolve %s: %s", host, dns.Err)
		}
		return nil, fmt.Errorf("cannot resolve %s: %w", host, b.explain(ctx, err))
	}
	return addrs, nil
}

// eachSite tries one site after the other until one works. The first failure is the one reported: it belongs to the
// address the resolver prefers.
func eachSite(sites []site, try func(site) error) error {
	var first error
	for _, s := range sites {
		err := try(s)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// explain reduces an error of the network to its cause, without the layers of the libraries it came through.
func (b budget) explain(ctx context.Context, err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return errors.New("the check was cancelled")
	}
	if isTimeout(err) {
		if ctx.Err() != nil || !time.Now().Before(b.end) {
			return errors.New("the check took longer than it may")
		}
		return fmt.Errorf("no answer within %s", b.step)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[net.Error](err)
	return errors.Is(err, os.ErrDeadlineExceeded) || ok && t.Timeout()
}
