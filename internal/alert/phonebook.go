package alert

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// hosts is the phone book of everything that is sent.
var hosts = &phonebook{}

const (
	lookupPatience = 3 * time.Second
	refreshEvery   = time.Hour
	maxHosts       = 256
	maxAddresses   = 8 // of a host
)

// A phonebook knows the addresses that hosts had, so that people can be told that names are not resolved any more. Its
// zero value is ready; any goroutine may use it.
type phonebook struct {
	dialer   net.Dialer
	patience time.Duration // for names, where an address is known; 0: lookupPatience

	mu    sync.Mutex
	known map[string][]netip.Addr // by name in lower case; the one that answered last comes first
	newer bool                    // than what was kept
}

// dial connects as a dialer does. When a name cannot be resolved, it connects where the name led to before.
func (b *phonebook) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if _, numeric := netip.ParseAddr(host); err != nil || numeric == nil {
		return b.dialer.DialContext(ctx, network, address)
	}
	known, usual, cancel := b.find(host), ctx, func() {}
	if known != nil {
		usual, cancel = context.WithTimeout(ctx, cmp.Or(b.patience, lookupPatience))
	}
	defer cancel()
	conn, err := b.dialer.DialContext(usual, network, address)
	if err == nil {
		b.note(host, addressOf(conn))
		return conn, nil
	}
	if unresolved := (*net.DNSError)(nil); !errors.As(err, &unresolved) && usual.Err() == nil {
		return nil, err
	}
	for _, at := range known {
		if conn, err := b.dialer.DialContext(ctx, network, net.JoinHostPort(at.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func addressOf(conn net.Conn) netip.Addr {
	at, _ := netip.ParseAddrPort(conn.RemoteAddr().String()) // what is none is not noted
	return at.Addr().Unmap()
}

func (b *phonebook) find(host string) []netip.Addr {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.known[strings.ToLower(host)])
}

// note notes an address of a host as its best.
func (b *phonebook) note(host string, at netip.Addr) {
	if !at.IsValid() {
		return
	}
	all := slices.DeleteFunc(b.find(host), func(a netip.Addr) bool { return a == at })
	b.learn(host, slices.Insert(all, 0, at))
}

// learn takes the addresses of a host in place of those it had. What is already known keeps its place.
func (b *phonebook) learn(host string, all []netip.Addr) {
	host = strings.ToLower(host)
	all = all[:min(len(all), maxAddresses)]
	b.mu.Lock()
	defer b.mu.Unlock()
	old, there := b.known[host]
	if len(all) == 0 || slices.Equal(old, all) || !there && len(b.known) >= maxHosts {
		return
	}
	if b.known == nil {
		b.known = map[string][]netip.Addr{}
	}
	b.known[host], b.newer = all, true
}

// refresh looks a host up. What cannot be looked up stays as it was.
func (b *phonebook) refresh(ctx context.Context, host string) {
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookupPatience)
	defer cancel()
	resolver := cmp.Or(b.dialer.Resolver, net.DefaultResolver)
	found, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	if old := b.find(host); len(old) > 0 && slices.Contains(found, old[0]) { // it is known to answer
		found = slices.Insert(slices.DeleteFunc(found, func(a netip.Addr) bool { return a == old[0] }), 0, old[0])
	} else {
		slices.SortFunc(found, netip.Addr.Compare) // IPv4 first; and the same answer is no news
	}
	b.learn(host, found)
}

// news is all that is known, as [phonebook.recall] reads it, if it is more than was kept.
func (b *phonebook) news() (text string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.newer {
		return "", false
	}
	b.newer = false
	data, err := json.Marshal(b.known)
	return string(data), err == nil
}

// recall takes what an earlier run knew.
func (b *phonebook) recall(text string) {
	var known map[string][]netip.Addr
	if json.Unmarshal([]byte(text), &known) != nil {
		return // there was nothing, or it is no use
	}
	for host, all := range known {
		if b.find(host) == nil {
			b.learn(host, all)
		}
	}
}

// lookUp keeps the addresses known of all hosts that have to be reached, until ctx ends.
func (a *Alert) lookUp(ctx context.Context) {
	if a.Memory != nil {
		hosts.recall(a.Memory.Meta(metaHosts))
	}
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		for _, host := range a.hosts() {
			hosts.refresh(ctx, host)
		}
		if text, ok := hosts.news(); ok && a.Memory != nil {
			a.Memory.SetMeta(metaHosts, text)
		}
		select {
		case <-ctx.Done():
			return
		case <-a.moved:
		case <-tick.C:
		}
	}
}

// metaHosts is under what the phone book is kept.
const metaHosts = "alert/hosts"

// hosts lists those that routes lead to, as far as that is known.
func (a *Alert) hosts() (out []string) {
	p := a.plan.Load()
	if p == nil {
		return nil
	}
	for r := range everyone(p.config) {
		if ch := p.channels[r.Channel]; ch.hosts != nil {
			for _, host := range ch.hosts(p.config, r) {
				if !slices.Contains(out, host) {
					out = append(out, host)
				}
			}
		}
	}
	return out
}
