package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"orderly/internal/config/monit"
)

// maxFile bounds every file that is read, in bytes.
const maxFile = 16 << 20

// machine is this host as compiling sees it.
func machine() monit.Env {
	return monit.Env{
		EUID: os.Geteuid(), Hostname: hostname(),
		LookupUser:  func(who string) (int, error) { return lookup(who, "passwd", uidOf) },
		LookupGroup: func(who string) (int, error) { return lookup(who, "group", gidOf) },
		Stat: func(path string) (monit.FileInfo, error) {
			info, err := os.Stat(path)
			return describe(info), cause(err)
		},
		ReadFile: func(path string) ([]byte, error) {
			text, _, err := readFile(path)
			return text, cause(err)
		},
		Executable: executable,
		Appendable: appendable,
	}
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "localhost"
	}
	return name
}

// cause is an error without the path, which messages name themselves.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func describe(info fs.FileInfo) monit.FileInfo {
	if info == nil {
		return monit.FileInfo{}
	}
	out := monit.FileInfo{Mode: info.Mode()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		out.UID = int(sys.Uid)
	}
	return out
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readFile reads a regular file of a reasonable size. It does not wait for a fifo's other end.
func readFile(path string) ([]byte, monit.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, monit.FileInfo{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, monit.FileInfo{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, monit.FileInfo{}, errors.New("not a regular file")
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("larger than %d MiB", maxFile>>20)
	}
	return text, describe(info), err
}

// The modes of access(2).
const (
	accessExecute = 1
	accessWrite   = 2
)

func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return cause(err)
	case !info.Mode().IsRegular():
		return errors.New("not a regular file")
	case info.Mode()&0o111 == 0:
		return errors.New("not executable")
	}
	return syscall.Access(path, accessExecute)
}

func appendable(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return syscall.Access(filepath.Dir(path), accessWrite)
	}
	if err != nil {
		return cause(err)
	}
	if info.IsDir() {
		return errors.New("is a directory")
	}
	return syscall.Access(path, accessWrite)
}

// includer reads what control files include.
type includer struct{}

// Expand returns the files that a pattern of glob(7) matches, sorted, without directories and backups.
func (includer) Expand(pattern string) ([]string, error) {
	matches, err := filepath.Glob(strings.ReplaceAll(pattern, "[!", "[^"))
	if err != nil {
		return nil, err
	}
	files := matches[:0]
	for _, path := range matches {
		if !strings.HasSuffix(path, "~") && !isDir(path) {
			files = append(files, path)
		}
	}
	if dir := filepath.Dir(pattern); len(matches) == 0 && !strings.ContainsAny(dir, "*?[") {
		if _, err := os.Stat(dir); err != nil {
			return nil, cause(err)
		}
	}
	return files, nil
}

func (includer) Read(path string) ([]byte, error) {
	text, _, err := readFile(path)
	return text, cause(err)
}

func uidOf(who string) (string, error) {
	u, err := user.Lookup(who)
	if err != nil {
		u, err = user.LookupId(who)
	}
	if err != nil {
		return "", err
	}
	return u.Uid, nil
}

func gidOf(who string) (string, error) {
	g, err := user.LookupGroup(who)
	if err != nil {
		g, err = user.LookupGroupId(who)
	}
	if err != nil {
		return "", err
	}
	return g.Gid, nil
}

// lookupTimeout bounds how long a directory service may take to answer.
const lookupTimeout = 5 * time.Second

// lookup finds the number of a user or group by name or number: in the local files, then wherever getent looks.
func lookup(who, database string, local func(string) (string, error)) (int, error) {
	id, err := local(who)
	if err != nil {
		ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
		defer cancel()
		getent := exec.CommandContext(ctx, "getent", "--", database, who)
		getent.WaitDelay = time.Second
		line, failed := getent.Output()
		if failed != nil {
			return 0, err
		}
		fields := strings.Split(string(line), ":")
		if len(fields) < 3 {
			return 0, err
		}
		id = fields[2]
	}
	return strconv.Atoi(id)
}
