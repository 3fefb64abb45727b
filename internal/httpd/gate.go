package httpd

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

// resolving is how long the names of hosts may take to become addresses, all of them together.
const resolving = 5 * time.Second

// A gate decides who may come in: from where, and with which login. It never changes once it is made.
type gate struct {
	restricted bool // only from the networks
	networks   []network
	entries    []entry
	decoy      secret // compared with when nobody is known by a name, so that it takes as long
}

// An entry lets in a user, or those of a password file.
type entry struct {
	user     string
	secret   secret
	file     *passwordFile
	readOnly bool
}

// newGate makes a gate of what is allowed. Names of hosts are looked up now. Who cannot be let in because a name has no
// address or a file cannot be read is told in the log, and stays outside.
func newGate(ctx context.Context, allow []model.Admission, remarks *remarks, now time.Time) *gate {
	g := &gate{decoy: clearSecret(digest(""))}
	var names []string
	for _, a := range allow {
		switch a.Kind {
		case model.AdmitHost:
			g.restricted = true
			if n, ok := parseNetwork(a.Name); ok {
				g.networks = append(g.networks, n)
			} else {
				names = append(names, a.Name)
			}
		case model.AdmitUser:
			g.entries = append(g.entries, entry{user: a.Name, secret: clearSecret(digest(a.Password)), readOnly: a.ReadOnly})
		case model.AdmitFile:
			f := newPasswordFile(a, remarks, now)
			if logins := f.current.Load().logins; len(logins) > 0 {
				g.decoy = logins[0].secret
			}
			g.entries = append(g.entries, entry{file: f, readOnly: a.ReadOnly})
		case model.AdmitGroup:
			g.entries = append(g.entries, entry{}) // lets nobody in, but then everybody needs a login
		}
	}
	g.resolve(ctx, names, remarks)
	return g
}

// resolve looks up all names side by side: one that hangs does not use up the time of the others.
func (g *gate) resolve(ctx context.Context, names []string, remarks *remarks) {
	ctx, cancel := context.WithTimeout(ctx, resolving)
	defer cancel()
	found := make([][]network, len(names))
	var lookups sync.WaitGroup
	for i, name := range names {
		lookups.Go(func() {
			var err error
			if found[i], err = resolve(ctx, name); err != nil {
				remarks.warn("nobody may connect from "+name, err)
			}
		})
	}
	lookups.Wait()
	for _, networks := range found {
		g.networks = append(g.networks, networks...)
	}
}

// open tells whether anybody at all is let in.
func (g *gate) open() bool { return g.restricted || len(g.entries) > 0 }

// lets tells whether a client may come from an address.
func (g *gate) lets(from net.Addr) bool {
	if !g.restricted {
		return true
	}
	tcp, ok := from.(*net.TCPAddr)
	if !ok {
		return true // a unix socket: its permissions decided
	}
	a, ok := netip.AddrFromSlice(tcp.IP)
	if !ok {
		return false
	}
	for _, n := range g.networks {
		if n.contains(a) {
			return true
		}
	}
	return false
}

// A guest is somebody who was let in.
type guest struct {
	name     string // "" where nobody needs one
	readOnly bool
}

// greet decides about a login. The first entry for the name counts. Why somebody is refused is for the log.
func (g *gate) greet(ctx context.Context, user, password string, given bool, now time.Time) (who guest, refused string) {
	switch {
	case len(g.entries) == 0:
		return guest{}, ""
	case !given:
		return guest{}, "no login given"
	case len(password) > maxPassword:
		return guest{}, "the password is too long"
	}
	for _, e := range g.entries {
		known := e.find(ctx, user, now)
		switch {
		case known == nil:
			continue
		case known.matches(ctx, password):
			return guest{user, e.readOnly}, ""
		case ctx.Err() != nil:
			return guest{}, "there was no time to check the password of user '" + user + "'"
		}
		return guest{}, "wrong password for user '" + user + "'"
	}
	g.decoy.matches(ctx, password)
	return guest{}, "unknown user '" + user + "'"
}

func (e *entry) find(ctx context.Context, user string, now time.Time) secret {
	if e.file != nil {
		return e.file.find(ctx, user, now)
	}
	if strings.EqualFold(user, e.user) {
		return e.secret
	}
	return nil
}
