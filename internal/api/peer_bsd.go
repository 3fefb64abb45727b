//go:build darwin || freebsd

package api

import "golang.org/x/sys/unix"

// solLocal is the level of options of unix sockets; x/sys does not name it on every system.
const solLocal = 0

// peerUID is the user at the other end of a connected unix socket.
func peerUID(fd int) (int, error) {
	cred, err := unix.GetsockoptXucred(fd, solLocal, unix.LOCAL_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}
