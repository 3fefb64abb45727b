package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"orderly/internal/model"
)

const (
	pingCount    = 3
	pingMaxCount = 1 << 16 // sequence numbers
	pingSize     = 64      // data bytes, without headers
	pingMinSize  = 8       // room for the token by which an answer is known
	pingMaxSize  = 1492
)

// ping makes its attempts in turn over the addresses of the host; one answer is enough.
func ping(ctx context.Context, p *model.Probe) (model.Result, error) {
	var r model.Result
	b := newBudget(ctx, p, time.Now())
	count := p.Count
	if count <= 0 {
		count = pingCount
	}
	b.end = b.end.Add(time.Duration(count) * b.step)
	sites, err := resolve(ctx, p, b)
	if err != nil {
		return r, fmt.Errorf("cannot ping %s: %w", p.Host, err)
	}
	e := echo{ctx: ctx, budget: b, payload: payload(p.Size)}
	defer e.close()
	for i := range min(max(count, min(len(sites), pingCount)), pingMaxCount) {
		var took time.Duration
		took, err = e.ask(sites[i%len(sites)])
		if err == nil {
			r.Readings.Add(model.Latency, model.Num(took.Seconds()))
			return r, nil
		}
		if ctx.Err() != nil || ownFault(err) {
			break
		}
	}
	if errors.Is(err, errNotPermitted) {
		return r, fmt.Errorf("cannot ping %s: %w to use ICMP; it takes root, CAP_NET_RAW or net.ipv4.ping_group_range", p.Host, errNotPermitted)
	}
	return r, fmt.Errorf("cannot ping %s: %w", p.Host, b.explain(ctx, err))
}

// An echo is one series of requests. Its payload is random, so that answers to other programs and to earlier
// series cannot be taken for its own.
type echo struct {
	ctx     context.Context
	budget  budget
	payload []byte
	sent    []time.Time // by sequence number
	v4, v6  *pinger
}

func payload(size int) []byte {
	if size <= 0 {
		size = pingSize
	}
	b := make([]byte, min(max(size, pingMinSize), pingMaxSize))
	rand.Read(b[:pingMinSize])
	for i := pingMinSize; i < len(b); i++ {
		b[i] = byte(i)
	}
	return b
}

func (e *echo) close() {
	for _, s := range []*pinger{e.v4, e.v6} {
		if s != nil {
			s.conn.Close()
		}
	}
}

// ask sends one more request and waits for its answer, or a late one to an earlier request.
func (e *echo) ask(to site) (time.Duration, error) {
	s := &e.v6
	if to.addr.Addr().Is4() {
		s = &e.v4
	}
	if *s == nil {
		opened, err := openPinger(to)
		if err != nil {
			return 0, err
		}
		*s = opened
	}
	return (*s).ask(e, to.addr.Addr())
}

// A pinger is a socket for echo messages of one family.
type pinger struct {
	conn     *icmp.PacketConn
	datagram bool // the kernel chooses the identifier and delivers our answers only
	id       int
	request  icmp.Type
	reply    icmp.Type
	protocol int // number of ICMP in the family
}

// openPinger prefers the socket that needs no privilege: a raw one receives everybody's answers.
func openPinger(to site) (*pinger, error) {
	p := &pinger{request: ipv4.ICMPTypeEcho, reply: ipv4.ICMPTypeEchoReply, protocol: 1}
	networks, local := [2]string{"udp4", "ip4:1"}, "0.0.0.0"
	if !to.addr.Addr().Is4() {
		p.request, p.reply, p.protocol = ipv6.ICMPTypeEchoRequest, ipv6.ICMPTypeEchoReply, 58
		networks, local = [2]string{"udp6", "ip6:58"}, "::"
	}
	if to.source.IsValid() {
		local = to.source.String()
	}
	// The library opens the first kind without closing it on exec; no child may be born in between.
	syscall.ForkLock.RLock()
	conn, err := icmp.ListenPacket(networks[0], local)
	syscall.ForkLock.RUnlock()
	p.datagram = err == nil
	if err != nil {
		conn, err = icmp.ListenPacket(networks[1], local)
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, errNotPermitted
	}
	var id [2]byte
	rand.Read(id[:])
	p.conn, p.id = conn, int(binary.BigEndian.Uint16(id[:]))
	return p, err
}

func (p *pinger) ask(e *echo, to netip.Addr) (time.Duration, error) {
	request := icmp.Message{Type: p.request, Body: &icmp.Echo{ID: p.id, Seq: len(e.sent) & 0xffff, Data: e.payload}}
	packet, err := request.Marshal(nil)
	if err != nil {
		return 0, err
	}
	var dst net.Addr = &net.IPAddr{IP: to.AsSlice(), Zone: to.Zone()}
	if p.datagram {
		dst = &net.UDPAddr{IP: to.AsSlice(), Zone: to.Zone()}
	}
	now := time.Now()
	e.sent = append(e.sent, now)
	if err := p.conn.SetDeadline(e.budget.deadline(now, e.budget.step)); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(e.ctx, func() { p.conn.SetDeadline(longAgo) })
	defer stop()
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	if _, err := p.conn.WriteTo(packet, dst); err != nil {
		return 0, err
	}
	var b [pingMaxSize + 128]byte
	for {
		n, _, err := p.conn.ReadFrom(b[:])
		if err != nil {
			return 0, err
		}
		if seq, ok := p.answer(e, b[:n]); ok {
			return time.Since(e.sent[seq]), nil
		}
	}
}

// answer tells which request of this series a packet answers, if it does. Others pass by, too.
func (p *pinger) answer(e *echo, packet []byte) (seq int, ok bool) {
	m, err := icmp.ParseMessage(p.protocol, packet)
	if err != nil || m.Type != p.reply {
		return 0, false
	}
	body, ok := m.Body.(*icmp.Echo)
	if !ok || !p.datagram && body.ID != p.id || !bytes.Equal(body.Data, e.payload) {
		return 0, false
	}
	return body.Seq, body.Seq < len(e.sent)
}
