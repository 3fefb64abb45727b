package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// SystemSocket is where the orderly of the whole host listens.
const SystemSocket = "/run/orderly/orderly.sock"

// MaxSocketPath is the longest path of a socket that every system accepts, in bytes.
const MaxSocketPath = 103

// Unreachable means that nobody answers at a socket.
type Unreachable struct {
	Socket string
	Why    string // "orderly is not running (no socket at X)"
	Hint   string // what to do about it; may be empty
	Err    error  // what the system said
}

func (u *Unreachable) Error() string { return u.Why }

func (u *Unreachable) Unwrap() error { return u.Err }

// failed turns a transport error into what it means. A request that its caller gave up is not unreachable.
func (c *Client) failed(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("cannot wait for orderly any longer: %w", cause)
	}
	var dial *dialError
	if errors.As(err, &dial) {
		return diagnose(c.socket, dial.err)
	}
	return c.broken(err)
}

// broken is a connection that ended within a reply.
func (c *Client) broken(err error) error {
	return &Unreachable{
		c.socket, "orderly at " + c.socket + " closed the connection: it was stopped meanwhile",
		"ask again with `orderly status`, or look at its log", err,
	}
}

func (c *Client) silent() error {
	return &Unreachable{
		c.socket, fmt.Sprintf("orderly at %s does not answer within %d s", c.socket, patience/time.Second),
		"it hangs: look at its log, then restart it", context.DeadlineExceeded,
	}
}

// dialError marks that not even a connection was made.
type dialError struct{ err error }

func (d *dialError) Error() string { return d.err.Error() }

func (d *dialError) Unwrap() error { return d.err }

// diagnose finds out why no connection can be made.
func diagnose(socket string, err error) *Unreachable {
	u := &Unreachable{Socket: socket, Err: err}
	info, statErr := os.Lstat(socket)
	switch {
	case len(socket) > MaxSocketPath:
		u.Why = fmt.Sprintf("cannot use the socket %s: its path is longer than %d bytes", socket, MaxSocketPath)
		u.Hint = "choose a shorter one with --socket"
	case errors.Is(err, fs.ErrPermission) || errors.Is(statErr, fs.ErrPermission):
		u.Why = "permission denied on " + socket
		u.Hint = "try with sudo: only root and the user who runs orderly may speak to it"
	case errors.Is(statErr, fs.ErrNotExist):
		u.Why = fmt.Sprintf("orderly is not running (no socket at %s)", socket)
		u.Hint = startHint(socket)
	case statErr == nil && info.Mode().Type() != fs.ModeSocket && info.Mode().Type() != fs.ModeSymlink:
		u.Why = socket + " is not a socket"
		u.Hint = "name the socket of a running orderly with --socket"
	case errors.Is(err, syscall.ECONNREFUSED):
		u.Why = fmt.Sprintf("orderly is not running: a socket is at %s but nobody answers, so it was probably killed", socket)
		u.Hint = startHint(socket)
	default:
		u.Why = fmt.Sprintf("cannot connect to %s: %v", socket, rootCause(err))
	}
	return u
}

// startHint says how to start the orderly of a socket, or where another one is.
func startHint(socket string) string {
	if socket == SystemSocket {
		return "start it with `systemctl start orderly`, or `orderly run` in the foreground"
	}
	if info, err := os.Lstat(SystemSocket); err == nil && info.Mode().Type() == fs.ModeSocket {
		return "the orderly of this host listens at " + SystemSocket + ": try with sudo, or --socket " + SystemSocket
	}
	return "start it with `orderly run`, or name another socket with --socket"
}

// rootCause is the innermost error: what the system said, without the layers that led there.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
