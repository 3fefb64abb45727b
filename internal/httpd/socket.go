package httpd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"orderly/internal/model"
)

// A socketListener removes its file when it is closed, unless another one took the place.
type socketListener struct {
	net.Listener
	path string
	made os.FileInfo
}

// ListenSocket listens on a unix socket. It is made beside its place, and put there when it belongs to whom it should, so
// that nobody else can connect in between. What a process that is gone left behind is replaced. Closing the listener
// removes its file.
func ListenSocket(ctx context.Context, s *model.HTTPSocket) (net.Listener, error) {
	if err := vacate(ctx, s.Path); err != nil {
		return nil, err
	}
	making := filepath.Join(filepath.Dir(s.Path), fmt.Sprintf(".%d", os.Getpid()))
	_ = os.Remove(making) // left behind by a process of our number
	var config net.ListenConfig
	l, err := config.Listen(ctx, "unix", making)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", s.Path, plain(err))
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // it will have another name
	if err = dress(making, s); err == nil {
		err = os.Rename(making, s.Path)
	}
	var made os.FileInfo
	if err == nil {
		made, err = os.Lstat(s.Path)
	}
	if err != nil {
		_ = l.Close()
		_ = os.Remove(making)
		return nil, fmt.Errorf("cannot listen on %s: %w", s.Path, plain(err))
	}
	return &socketListener{l, s.Path, made}, nil
}

func (l *socketListener) Close() error {
	err := l.Listener.Close()
	if now, statErr := os.Lstat(l.path); statErr == nil && os.SameFile(now, l.made) {
		return errors.Join(err, os.Remove(l.path))
	}
	return err
}

// vacate makes sure that nobody else uses a place, and that what is there is a socket.
func vacate(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot listen on %s: %w", path, plain(err))
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("cannot listen on %s: there is something else", path)
	}
	dialer := net.Dialer{Timeout: time.Second}
	if conn, err := dialer.DialContext(ctx, "unix", path); err == nil {
		_ = conn.Close()
		return fmt.Errorf("cannot listen on %s: another process does", path)
	}
	return nil
}

// dress gives a socket the owner, the group and the permissions it should have.
func dress(path string, s *model.HTTPSocket) error {
	uid, gid := -1, -1
	var err error
	if s.User != "" {
		if uid, err = userID(s.User); err != nil {
			return err
		}
	}
	if s.Group != "" {
		if gid, err = groupID(s.Group); err != nil {
			return err
		}
	}
	if s.Mode != 0 {
		if err := os.Chmod(path, fs.FileMode(s.Mode)&fs.ModePerm); err != nil {
			return err
		}
	}
	return os.Chown(path, uid, gid)
}

func userID(name string) (int, error) {
	if id, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(id), nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(u.Uid)
}

func groupID(name string) (int, error) {
	if id, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(id), nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(g.Gid)
}

// plain takes off what an error says about calls and paths of ours.
func plain(err error) error {
	var op *net.OpError
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &op):
		err = op.Err
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err
}
