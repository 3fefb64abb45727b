package api

import (
	"context"
	"net"
	"net/http"
	"os"
)

// A peer is who is at the other end of a connection of the control socket.
type peer struct {
	uid int
	err error // why that is not known
}

type peerKey struct{}

// withPeer asks once for each connection who is at its other end.
func withPeer(ctx context.Context, conn net.Conn) context.Context {
	if c, ok := conn.(*limitedConn); ok {
		conn = c.Conn
	}
	local, ok := conn.(*net.UnixConn)
	if !ok {
		return ctx
	}
	return context.WithValue(ctx, peerKey{}, askPeer(local))
}

func askPeer(conn *net.UnixConn) peer {
	raw, err := conn.SyscallConn()
	if err != nil {
		return peer{err: err}
	}
	var p peer
	if err := raw.Control(func(fd uintptr) { p.uid, p.err = peerUID(int(fd)) }); err != nil {
		return peer{err: err}
	}
	return p
}

// onlyOwner lets in root and the user the daemon runs as. The mode of the socket says the same; this also
// holds where someone widened the mode, or opened the door to the directory too early.
func (s *Server) onlyOwner(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, ok := r.Context().Value(peerKey{}).(peer)
		if !ok || !p.allowed(os.Geteuid()) {
			s.log.Warn("refused a stranger at the control socket", "uid", p.uid, "err", p.err)
			fail(w, http.StatusForbidden, "permission denied: only root and the user who runs orderly may speak to it")
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (p peer) allowed(owner int) bool {
	return p.err == nil && (p.uid == 0 || p.uid == owner)
}
