package host

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// A Listener is a socket on which a program of this machine waits for others.
type Listener struct {
	Network string         // "tcp", "udp" or "unix"
	Address netip.AddrPort // of tcp and udp; an unspecified address stands for all of that family
	Path    string         // of unix; of an abstract one it begins with "@"

	PID     int    // of the process that opened it; 0: nobody may know, which takes the rights of root
	Parents []int  // of that process, the nearest first
	Program string // its name, at most 15 bytes of it
	Unit    string // the last service or scope of systemd that the process is in; "": none
	User    bool   // that unit belongs to the systemd of a user
}

// Listeners lists the sockets of TCP, of UDP and of unix streams on which somebody listens, in the network that orderly
// itself is in: by network, port, address and path. It reads the files of every process, so it is nothing for each cycle.
func (h *Host) Listeners() ([]Listener, error) { return h.listeners() }

// A socket is a Listener of which only the kernel's number is known.
type socket struct {
	inode uint64
	Listener
}

// Columns of the kernel's tables of sockets, and what is in them.
const (
	inetLocal, inetRemote, inetState, inetInode = 1, 2, 3, 9
	tcpListens, udpUnconnected                  = "0A", "07"

	unixFlags, unixType, unixInode, unixPath = 3, 4, 6, 7
	unixAccepts                              = 1 << 16
	unixStream                               = "0001"
)

// parseInet finds those who listen in a table of TCP or UDP sockets: its state is the wanted one, and nobody is connected.
func parseInet(text []byte, network, state string) []socket {
	var out []socket
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) <= inetInode || fields[inetState] != state || !strings.HasSuffix(fields[inetRemote], ":0000") {
			continue
		}
		address, ok := parseAddress(fields[inetLocal])
		inode, err := strconv.ParseUint(fields[inetInode], 10, 64)
		if !ok || err != nil || address.Port() == 0 {
			continue
		}
		out = append(out, socket{inode, Listener{Network: network, Address: address}})
	}
	return out
}

// parseAddress reads "0100007F:1F90", in which each four bytes of the address are a number of this machine.
func parseAddress(s string) (netip.AddrPort, bool) {
	address, port, ok := strings.Cut(s, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, false
	}
	raw, err := hex.DecodeString(address)
	if err != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr.Unmap(), uint16(number)), ok
}

// parseUnix finds the streams that accept connections in the table of unix sockets. A path may have blanks in it.
func parseUnix(text []byte) []socket {
	var out []socket
	for line := range bytes.Lines(text) {
		fields := strings.SplitN(strings.Join(strings.Fields(string(line)), " "), " ", unixPath+1)
		if len(fields) <= unixPath || fields[unixType] != unixStream {
			continue
		}
		flags, err := strconv.ParseUint(fields[unixFlags], 16, 64)
		inode, ierr := strconv.ParseUint(fields[unixInode], 10, 64)
		if err != nil || ierr != nil || flags&unixAccepts == 0 {
			continue
		}
		out = append(out, socket{inode, Listener{Network: "unix", Path: fields[unixPath]}})
	}
	return out
}

// parseCgroup finds the unit of systemd that a process is in, in the text of /proc/PID/cgroup: the last component of the
// path that is a service or a scope. Below user@UID.service it belongs to a systemd of that user.
func parseCgroup(text []byte) (unit string, user bool) {
	for line := range strings.Lines(string(text)) {
		_, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		controllers, group, ok := strings.Cut(rest, ":")
		if !ok || controllers != "" && controllers != "name=systemd" {
			continue
		}
		unit, user = "", false
		below := false
		for part := range strings.SplitSeq(group, "/") {
			part = strings.TrimPrefix(part, "_") // systemd's mark for names that the kernel has a use for
			if !strings.HasSuffix(part, ".service") && !strings.HasSuffix(part, ".scope") {
				continue
			}
			unit, user = part, below
			below = below || strings.HasPrefix(part, "user@")
		}
		if unit != "" {
			return unit, user
		}
	}
	return "", false
}
