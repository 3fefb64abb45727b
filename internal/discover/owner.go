package discover

import (
	"cmp"
	"slices"
	"strings"

	"orderly/internal/control"
	"orderly/internal/host"
)

// owners finds the unit of each socket, by its index, and the sockets that belong to none.
func (f *Facts) owners() (map[int][]host.Listener, []host.Listener) {
	owned := map[int][]host.Listener{}
	var strays []host.Listener
	for _, l := range f.Listeners {
		switch i, found := f.owner(l); {
		case i >= 0:
			owned[i] = append(owned[i], l)
		case !found && isStray(l):
			strays = append(strays, l)
		}
	}
	for i, u := range f.Units {
		owned[i] = mains(u, owned[i])
	}
	return owned, strays
}

// owner finds the unit that the process of a socket descends from, the nearest of several. Where systemd knows better,
// because a process was started by a job or in a session, it is believed: then found may be true without an owner.
func (f *Facts) owner(l host.Listener) (index int, found bool) {
	for _, pid := range append([]int{l.PID}, l.Parents...) {
		for i, u := range f.Units {
			if pid > 1 && u.PID == pid && (!isSystemd(u) || inUnit(l, u)) {
				return i, true
			}
		}
	}
	for i, u := range f.Units {
		if isSystemd(u) && inUnit(l, u) {
			if u.PID == 0 {
				return i, true
			}
			found = true // it left the main process long ago, and goes its own ways
		}
	}
	for i, u := range f.Units {
		if !found && vague(u) && isDaemon(l) && alike(u.Name, l.Program) {
			return i, true
		}
	}
	return -1, found
}

// isDaemon tells whether the process of a socket was left to the first process of the machine, as servers are.
func isDaemon(l host.Listener) bool {
	return l.PID > 1 && (len(l.Parents) == 0 || l.Parents[0] == 1)
}

// inUnit tells whether systemd says that the process of a socket belongs to a unit.
func inUnit(l host.Listener, u control.Listed) bool {
	return l.Unit == u.Name && l.User == (u.System != "systemd")
}

// mains keeps the sockets of the main process where it has any: what its descendants have is on behalf of others, as with
// the sessions of a login server.
func mains(u control.Listed, all []host.Listener) []host.Listener {
	if !slices.ContainsFunc(all, func(l host.Listener) bool { return l.PID == u.PID }) {
		return all
	}
	return slices.DeleteFunc(all, func(l host.Listener) bool { return l.PID != u.PID })
}

// standIns are programs that listen for somebody else.
var standIns = []string{"docker-proxy", "rootlessport", "systemd", "orderly", "sshd", "conmon"}

// isStray tells whether a socket without unit is worth a word: a port that others may count on.
func isStray(l host.Listener) bool {
	return l.Network == "tcp" && l.PID > 1 && l.Address.Port() < changing && !slices.Contains(standIns, l.Program)
}

// byProgram puts the sockets of each program together.
func byProgram(all []host.Listener) [][]host.Listener {
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b host.Listener) int {
		return cmp.Or(strings.Compare(a.Program, b.Program), cmp.Compare(a.Address.Port(), b.Address.Port()))
	})
	var out [][]host.Listener
	for i, l := range sorted {
		if i == 0 || sorted[i-1].Program != l.Program {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], l)
	}
	return out
}
