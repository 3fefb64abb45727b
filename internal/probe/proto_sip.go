package probe

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// RFC 3261; rport is from RFC 3581.
var _ = register(Protocol{
	Name: "sip", Port: 5060, Net: "udp", TLS: true,
	Params: []ParamSpec{
		{Name: "target", Help: "whom to ask for, user@domain; default nobody@localhost"},
		{Name: "maxforward", Help: "servers the request may pass; default 70"},
	},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		if err := c.Send(sipOptions(c, params)); err != nil {
			return err
		}
		line, err := c.Line()
		if err != nil {
			return err
		}
		rest, found := strings.CutPrefix(line, "SIP/2.0 ")
		code, _, _ := strings.Cut(rest, " ")
		status, err := strconv.Atoi(code)
		if !found || err != nil || len(code) != 3 {
			return unexpected(line, "SIP/2.0 200 OK")
		}
		if (status < 200 || status > 299) && status != 100 {
			return verdictf("SIP status %d from %s, expected 200 to 299", status, place(c.probe))
		}
		return nil
	},
})

// sipOptions asks what the server can do. No two requests are the same, or the server would take the second for the first sent again.
func sipOptions(c *Conn, params model.Params) string {
	scheme, transport, rport := "sip", "TCP", ""
	switch {
	case c.probe.UDP:
		transport, rport = "UDP", ";rport"
	case c.nc != c.raw:
		scheme, transport = "sips", "TLS"
	}
	target := oneLine(params.Get("target"))
	if target == "" {
		target = "nobody@localhost"
	}
	hops := oneLine(params.Get("maxforward"))
	if hops == "" {
		hops = "70"
	}
	self := sipSelf(c)
	var b strings.Builder
	fmt.Fprintf(&b, "OPTIONS %s:%s SIP/2.0\r\n", scheme, target)
	fmt.Fprintf(&b, "Via: SIP/2.0/%s %s;branch=z9hG4bK%s%s\r\n", transport, self, rand.Text(), rport)
	fmt.Fprintf(&b, "Max-Forwards: %s\r\n", hops)
	fmt.Fprintf(&b, "To: <%s:%s>\r\n", scheme, target)
	fmt.Fprintf(&b, "From: <%s:orderly@%s>;tag=%s\r\n", scheme, self, rand.Text())
	fmt.Fprintf(&b, "Call-ID: %s\r\nCSeq: 1 OPTIONS\r\n", rand.Text())
	fmt.Fprintf(&b, "Contact: <%s:orderly@%s>\r\n", scheme, self)
	b.WriteString("Accept: application/sdp\r\nUser-Agent: orderly\r\nContent-Length: 0\r\n\r\n")
	return b.String()
}

// sipSelf is where the server sees us, as far as we know; a unix socket has no such place.
func sipSelf(c *Conn) string {
	if local := c.raw.LocalAddr(); local != nil {
		if at, err := netip.ParseAddrPort(local.String()); err == nil {
			return netip.AddrPortFrom(at.Addr().WithZone(""), at.Port()).String()
		}
	}
	return "localhost"
}
