package inspeqtor

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

const (
	maxLine    = 4 << 10         // bytes of a command
	talkTime   = 2 * time.Second // for a command to arrive, and again for its reply to leave
	actionTime = 8 * time.Second // for what a command does

	breather = 100 * time.Millisecond // after nobody could be let in, as when there are too many open files
)

// converse answers on the socket of inspeqtorctl until it is stopped. Commands that have arrived by then are done.
func (s *Server) converse(l net.Listener) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		for ctx.Err() == nil {
			conn, err := l.Accept()
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				pause(ctx, breather)
			default:
				work.Go(func() { s.talk(ctx, conn) })
			}
		}
	})
	return func() {
		cancel()
		_ = l.Close()
		work.Wait()
	}
}

func pause(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// talk reads one command and replies. A client that says nothing is let go of when ctx ends.
func (s *Server) talk(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(talkTime))
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })
	defer stop()
	line, err := readLine(conn)
	if err != nil && !errors.Is(err, errTooLong) {
		return
	}
	reply := "Error: " + errTooLong.Error() + "\n"
	if err == nil {
		doing, cancel := context.WithTimeout(context.WithoutCancel(ctx), actionTime)
		defer cancel()
		reply = s.answer(doing, line)
	}
	_ = conn.SetWriteDeadline(time.Now().Add(talkTime))
	_, _ = io.WriteString(conn, reply) // who has left does not want to know
}

var errTooLong = errors.New("a command has 4096 bytes at most")

// readLine reads up to the end of a line, which the end of everything is too. What stands behind it is left alone.
func readLine(r io.Reader) (string, error) {
	var buf [maxLine + 1]byte
	n := 0
	for {
		more, err := r.Read(buf[n:])
		if end := bytes.IndexByte(buf[n:n+more], '\n'); end >= 0 {
			return string(buf[:n+end]), nil
		}
		n += more
		switch {
		case n == len(buf):
			return "", errTooLong
		case errors.Is(err, io.EOF):
			return string(buf[:n]), nil
		case err != nil:
			return "", err
		}
	}
}
