package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"time"

	"orderly/internal/client"
)

const (
	// inspeqtorPatience is how long an answer may take as a whole: what a command changed is on disk by then.
	inspeqtorPatience = 15 * time.Second
	// maxInspeqtorReply bounds an answer, in bytes.
	maxInspeqtorReply = 16 << 20
)

var (
	errNoReply   = errors.New("it closed the connection without a word")
	errLongReply = fmt.Errorf("its answer is longer than %d MB", maxInspeqtorReply>>20)
)

// converse sends one line to a socket and returns what is said until the other side hangs up.
func converse(ctx context.Context, socket, line string) (reply string, err error) {
	ctx, cancel := context.WithTimeout(ctx, inspeqtorPatience)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return "", &dialError{err}
	}
	defer func() { _ = conn.Close() }()
	return exchange(ctx, conn, line)
}

// exchange sends one line and reads to the end, or until ctx ends.
func exchange(ctx context.Context, conn net.Conn, line string) (reply string, err error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(conn, maxInspeqtorReply+1))
	switch {
	case err != nil:
		return "", err
	case len(text) == 0:
		return "", errNoReply
	case len(text) > maxInspeqtorReply:
		return "", errLongReply
	}
	return string(text), nil
}

// dialError marks that not even a connection was made.
type dialError struct{ err error }

func (d *dialError) Error() string { return d.err.Error() }

func (d *dialError) Unwrap() error { return d.err }

// noInspeqtor finds out why nobody answers at a socket, and says what to do about it.
func (p *program) noInspeqtor(socket string, err error) error {
	out := &exit{status: exitUnreachable}
	info, statErr := os.Stat(socket)
	var dial *dialError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case !errors.As(err, &dial):
		out.message = fmt.Sprintf("no answer can be had at %s: %s", socket, whyNoAnswer(err))
		out.hint = "if it hangs, look at its log, then restart it"
	case len(socket) > client.MaxSocketPath:
		out.message = fmt.Sprintf("the path of a socket has at most %d bytes: %s", client.MaxSocketPath, socket)
	case errors.Is(err, fs.ErrPermission) || errors.Is(statErr, fs.ErrPermission):
		out.message = "permission denied on " + socket
		out.hint = "try with sudo, or join the group of the socket"
	case errors.Is(statErr, fs.ErrNotExist):
		out.message = "inspeqtor is not running: there is no socket at " + socket
		out.hint = p.inspeqtorElsewhere()
	case statErr == nil && info.Mode().Type() != fs.ModeSocket:
		out.message = socket + " is no socket"
		out.hint = "name the one of a running inspeqtor with -s, or with $INSPEQTOR_SOCK"
	default:
		out.message = fmt.Sprintf("inspeqtor is not running: nobody answers at %s (%v)", socket, lastCause(err))
		out.hint = p.inspeqtorElsewhere()
	}
	return out
}

func whyNoAnswer(err error) string {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Sprintf("none came within %d s", inspeqtorPatience/time.Second)
	}
	return lastCause(err)
}

// inspeqtorElsewhere says how to come to a socket that is there.
func (p *program) inspeqtorElsewhere() string {
	if info, err := os.Stat(p.socket); err == nil && info.Mode().Type() == fs.ModeSocket {
		return "orderly runs, but not in the place of Inspeqtor: give it Inspeqtor's directory, or ask it with `orderly status`"
	}
	return "start it with `inspeqtor`, or name another socket with -s or $INSPEQTOR_SOCK"
}
