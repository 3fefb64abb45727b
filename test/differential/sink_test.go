package differential

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// A mail is what one recipient was told.
type mail struct {
	to                     string // the part before the @
	service, event, action string
}

// A sink is a mail server that keeps everything and delivers nothing.
type sink struct {
	listener net.Listener
	work     sync.WaitGroup

	mu    sync.Mutex
	mails []mail
}

func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{listener: l}
	s.work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.work.Go(func() { s.serve(conn) })
		}
	})
	return s, nil
}

func (s *sink) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *sink) close() {
	_ = s.listener.Close()
	s.work.Wait()
}

func (s *sink) received() []mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]mail(nil), s.mails...)
}

// serve speaks SMTP as far as a client that has nothing but mail to deliver needs it.
func (s *sink) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	in := bufio.NewScanner(conn)
	say := func(line string) { _, _ = fmt.Fprintf(conn, "%s\r\n", line) }
	var to []string
	say("220 sink ready")
	for in.Scan() {
		verb, rest, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
		switch verb {
		case "RCPT":
			to = append(to, strings.ToLower(strings.Trim(strings.TrimPrefix(rest, "TO:"), " <>")))
			say("250 ok")
		case "DATA":
			say("354 go on")
			s.keep(to, body(in))
			to = nil
			say("250 kept")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// body reads a message and returns its last line that says something.
func body(in *bufio.Scanner) string {
	var last string
	for in.Scan() && in.Text() != "." {
		if line := strings.TrimSpace(in.Text()); line != "" {
			last = line
		}
	}
	return last
}

func (s *sink) keep(to []string, body string) {
	part := append(strings.Split(body, "|"), "", "", "")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, address := range to {
		name, _, _ := strings.Cut(address, "@")
		s.mails = append(s.mails, mail{name, part[0], part[1], part[2]})
	}
}
