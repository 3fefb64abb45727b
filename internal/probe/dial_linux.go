package probe

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"
)

// knock connects and hangs up at once. On the same host the connection is usually there when connect returns;
// then neither the poller nor a deadline is needed, which makes this half as expensive as net.Dial.
func knock(ctx context.Context, s site, b budget) error {
	fd, to, err := openSocket(s)
	if err != nil {
		return err
	}
	if err := connect(fd, to); err != syscall.EINPROGRESS {
		syscall.Close(fd)
		return err
	}
	nc, err := await(ctx, fd, to, b)
	if err != nil {
		return err
	}
	return nc.Close()
}

// dial connects. The caller closes the connection.
func dial(ctx context.Context, s site, b budget) (net.Conn, error) {
	fd, to, err := openSocket(s)
	if err != nil {
		return nil, err
	}
	switch err := connect(fd, to); err {
	case nil:
		return newSocket(fd), nil
	case syscall.EINPROGRESS:
		return await(ctx, fd, to, b)
	default:
		syscall.Close(fd)
		return nil, err
	}
}

// connect tells how the connection stands: nil, EINPROGRESS, or why there will be none. It may be asked again;
// the first call often cannot know yet what the second one knows.
func connect(fd int, to syscall.Sockaddr) error {
	err := syscall.Connect(fd, to)
	if err == syscall.EINPROGRESS || err == syscall.EINTR {
		err = syscall.Connect(fd, to)
	}
	switch err {
	case syscall.EALREADY, syscall.EINTR:
		return syscall.EINPROGRESS
	case syscall.EISCONN, nil:
		if toItself(fd, to) {
			return syscall.ECONNREFUSED
		}
		return nil
	}
	return err
}

// toItself tells whether a socket is connected with itself. The kernel may give it the very port it asks for, when
// nobody listens there, and what looks like a server is an echo.
func toItself(fd int, to syscall.Sockaddr) bool {
	local, err := syscall.Getsockname(fd)
	if err != nil {
		return false
	}
	switch to := to.(type) {
	case *syscall.SockaddrInet4:
		from, ok := local.(*syscall.SockaddrInet4)
		return ok && from.Port == to.Port && from.Addr == to.Addr
	case *syscall.SockaddrInet6:
		from, ok := local.(*syscall.SockaddrInet6)
		return ok && from.Port == to.Port && from.Addr == to.Addr
	}
	return false
}

// await takes over the descriptor and waits until the connection is there.
func await(ctx context.Context, fd int, to syscall.Sockaddr, b budget) (net.Conn, error) {
	nc := newSocket(fd)
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(longAgo) })
	defer stop()
	err := nc.SetDeadline(b.deadline(time.Now(), b.step))
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = nc.wait(to)
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return nc, nil
}

// socket makes a net.Conn of a descriptor. Nobody asks it for the other end: messages name the server as the configuration does.
type socket struct{ *os.File }

func (s socket) RemoteAddr() net.Addr { return (*net.TCPAddr)(nil) }

// LocalAddr is the end of an internet connection that is ours, of UDP as well, and without address for others.
func (s socket) LocalAddr() net.Addr {
	var local syscall.Sockaddr
	if raw, err := s.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { local, _ = syscall.Getsockname(int(fd)) })
	}
	switch at := local.(type) {
	case *syscall.SockaddrInet4:
		return &net.TCPAddr{IP: at.Addr[:], Port: at.Port}
	case *syscall.SockaddrInet6:
		return &net.TCPAddr{IP: at.Addr[:], Port: at.Port}
	}
	return (*net.TCPAddr)(nil)
}

// newSocket hands the descriptor to the runtime's poller, which takes it because it does not block.
func newSocket(fd int) socket { return socket{os.NewFile(uintptr(fd), "socket")} }

// wait returns when the connection is there, or cannot be.
func (s socket) wait(to syscall.Sockaddr) error {
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	err = raw.Write(func(fd uintptr) bool {
		result = connect(int(fd), to)
		return result != syscall.EINPROGRESS
	})
	if err != nil {
		return err
	}
	return result
}

// openSocket makes a descriptor that does not block, bound to the source address of the site if it has one.
func openSocket(s site) (int, syscall.Sockaddr, error) {
	family, to := sockaddr(s)
	kind := syscall.SOCK_STREAM
	if s.udp {
		kind = syscall.SOCK_DGRAM
	}
	fd, err := syscall.Socket(family, kind|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, nil, err
	}
	if s.source.IsValid() {
		_, from := sockaddr(site{addr: netip.AddrPortFrom(s.source, 0)})
		err = syscall.Bind(fd, from)
	}
	if err == nil && !s.udp && s.path == "" {
		// Requests are written whole; waiting for more to send only delays them.
		err = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	}
	if err != nil {
		syscall.Close(fd)
		return -1, nil, err
	}
	return fd, to, nil
}

func sockaddr(s site) (family int, to syscall.Sockaddr) {
	port := int(s.addr.Port())
	switch a := s.addr.Addr(); {
	case s.path != "":
		return syscall.AF_UNIX, &syscall.SockaddrUnix{Name: s.path}
	case a.Is4():
		return syscall.AF_INET, &syscall.SockaddrInet4{Port: port, Addr: a.As4()}
	default:
		return syscall.AF_INET6, &syscall.SockaddrInet6{Port: port, Addr: a.As16(), ZoneId: zone(a.Zone())}
	}
}

// zone is the number of the interface a link-local address belongs to.
func zone(name string) uint32 {
	if name == "" {
		return 0
	}
	if i, err := net.InterfaceByName(name); err == nil {
		return uint32(i.Index)
	}
	n, _ := strconv.ParseUint(name, 10, 32)
	return uint32(n)
}
