package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"os/user"
	"path/filepath"
	"strconv"

	"orderly/internal/client"
	"orderly/internal/model"
)

// monitPlaces are where a daemon that stands in for Monit keeps its things and is found.
type monitPlaces struct {
	pidfile  string
	idfile   string
	state    string // Monit's own, which is read when there is nothing of ours
	stateDir string
	socket   string // of its control
}

// monitPlacesOf follows the options, then the control file, then what Monit uses by default. Daemons with different pid
// files do not meet, as with Monit: each has a control socket of its own, and a state directory.
func monitPlacesOf(o monitOptions, f model.Files, uid int, home string, at places) monitPlaces {
	usual := "/run/monit.pid"
	if uid != 0 {
		usual = filepath.Join(home, ".monit.pid")
	}
	out := monitPlaces{
		pidfile:  first(absolute(o.pidfile), f.PID, usual),
		idfile:   first(f.ID, filepath.Join(home, ".monit.id")),
		state:    first(absolute(o.statefile), f.State, filepath.Join(home, ".monit.state")),
		stateDir: at.stateDir,
		socket:   at.socket,
	}
	if out.pidfile != usual {
		out.socket = socketBeside(out.pidfile, filepath.Dir(at.socket))
		out.stateDir = filepath.Join(at.stateDir, nameFor(out.pidfile))
	}
	if state := first(absolute(o.statefile), f.State); state != "" {
		out.stateDir = state + ".orderly"
	}
	return out
}

// nameFor is the name of what belongs to the daemon with a pid file where the path of that would not do.
func nameFor(pidfile string) string {
	sum := sha256.Sum256([]byte(pidfile))
	return "monit-" + hex.EncodeToString(sum[:8])
}

// socketBeside is the control socket of the daemon with a pid file. Where its path would be too long for a socket, it is
// named by its digest in the directory of sockets.
func socketBeside(pidfile, dir string) string {
	socket := pidfile + ".sock"
	if len(socket) <= client.MaxSocketPath {
		return socket
	}
	return filepath.Join(dir, nameFor(pidfile)+".sock")
}

// absolute makes a path independent of the working directory, which daemons leave.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// homeOf is the home of a user by the password database: sudo and init systems leave $HOME as it suits them.
func homeOf(uid int, getenv func(string) string) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil && u.HomeDir != "" {
		return u.HomeDir
	}
	return getenv("HOME")
}
