package differential

import (
	"net"
	"strconv"
	"sync"
)

// A server answers at a port and at a unix socket, or does not. It says nothing.
type server struct {
	port      int
	socket    string
	listeners []net.Listener
	work      sync.WaitGroup
}

// newServer finds a port at which nobody answers yet.
func newServer(socket string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &server{port: l.Addr().(*net.TCPAddr).Port, socket: socket}, l.Close()
}

func (s *server) open() error {
	for network, address := range map[string]string{"tcp": net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), "unix": s.socket} {
		l, err := net.Listen(network, address)
		if err != nil {
			return err
		}
		s.listeners = append(s.listeners, l)
		s.work.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_ = conn.Close()
			}
		})
	}
	return nil
}

func (s *server) close() {
	for _, l := range s.listeners {
		_ = l.Close()
	}
	s.listeners = nil
	s.work.Wait()
}
