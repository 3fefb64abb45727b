package access

import (
	"net/http"
	"net/netip"
	"strings"
)

// Limits of what is believed of a proxy.
const (
	maxForwarded = 2048 // bytes
	maxHops      = 16
)

// forwardMarks are headers that only proxies send.
var forwardMarks = []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"}

// SourceOf tells where a request comes from. What a proxy on this host says of that is believed, what others say is
// not. The address is not valid when a proxy does not say it so that it can be read.
func SourceOf(r *http.Request) netip.Addr {
	direct := remote(r)
	if !direct.IsLoopback() || !forwarded(r) {
		return direct
	}
	text := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	if len(text) > maxForwarded {
		text = text[len(text)-maxForwarded:]
	}
	hops := strings.Split(text, ",")
	for n := range min(len(hops), maxHops) {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1-n]))
		if err != nil {
			return netip.Addr{}
		}
		if hop = hop.Unmap().WithZone(""); !hop.IsLoopback() {
			return hop
		}
	}
	return direct // one program of this host behind another
}

// Local tells whether a request was made on this host, and not by a proxy for somebody elsewhere.
func Local(r *http.Request) bool {
	from := SourceOf(r)
	return from.IsValid() && from.IsLoopback()
}

// Secure tells whether a request came over TLS, to us or to a proxy on this host.
func Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return remote(r).IsLoopback() && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// remote is the other end of the connection.
func remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

func forwarded(r *http.Request) bool {
	for _, name := range forwardMarks {
		if _, ok := r.Header[name]; ok {
			return true
		}
	}
	return false
}

// neighbourhood is what one attacker is taken to own of the addresses: one of IPv4, a network of 64 bits of IPv6.
func neighbourhood(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // no address, no network: all of them share the one that is not valid
	return p
}
