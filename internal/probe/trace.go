package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"orderly/internal/model"
)

// traceSites bounds how many addresses of a server are tried.
const traceSites = 4

// Trace tells step by step how far one gets towards the server of a probe: what its name resolves to, how each address takes
// a connection, how TLS comes up there, and how long each took. The lines are for people. It ends with ctx at the latest, and
// says nothing of probes that connect to nothing.
func Trace(ctx context.Context, p *model.Probe) []string {
	if p.Kind != model.ProbePort && p.Kind != model.ProbeSocket && p.Kind != model.ProbePing {
		return nil
	}
	start := time.Now()
	b := newBudget(ctx, p, start)
	sites, err := resolve(ctx, p, b)
	if err != nil {
		return []string{err.Error() + after(start)}
	}
	var lines []string
	if p.Kind != model.ProbeSocket {
		lines = append(lines, resolved(hostOf(p), sites)+after(start))
	}
	if p.Kind == model.ProbePing || p.UDP {
		return lines
	}
	for _, s := range sites[:min(len(sites), traceSites)] {
		lines = append(lines, traceSite(ctx, p, s, b)...)
	}
	return lines
}

func resolved(host string, sites []site) string {
	var addrs []string
	for _, s := range sites[:min(len(sites), traceSites)] {
		addrs = append(addrs, s.addr.Addr().String())
	}
	if more := len(sites) - len(addrs); more > 0 {
		addrs = append(addrs, fmt.Sprintf("%d more", more))
	}
	return host + " is " + strings.Join(addrs, ", ")
}

func traceSite(ctx context.Context, p *model.Probe, s site, b budget) []string {
	start := time.Now()
	nc, err := dial(ctx, s, b)
	if err != nil {
		return []string{fmt.Sprintf("%s: cannot connect: %v%s", s, b.explain(ctx, err), after(start))}
	}
	c := newConn(ctx, nc, p, b)
	defer c.release()
	lines := []string{fmt.Sprintf("%s: connected%s", s, after(start))}
	proto, err := protocolOf(p)
	if p.TLS == nil || err != nil || proto.asksForTLS(p.Port) {
		return lines
	}
	start = time.Now()
	err = c.StartTLS()
	switch t, up := c.nc.(*tls.Conn); {
	case err != nil:
		lines = append(lines, fmt.Sprintf("%s: %v%s", s, err, after(start)))
	case up:
		lines = append(lines, fmt.Sprintf("%s: %s%s", s, tls.VersionName(t.ConnectionState().Version), after(start)))
	}
	if c.leaf != nil {
		lines = append(lines, fmt.Sprintf("%s: its certificate is valid until %s", s, c.leaf.NotAfter.UTC().Format(time.DateOnly)))
	}
	return lines
}

// after says how long something took.
func after(start time.Time) string {
	return fmt.Sprintf(" after %.1f ms", float64(time.Since(start).Microseconds())/1000)
}
