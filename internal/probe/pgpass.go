package probe

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// pgpassLimit bounds the password file of PostgreSQL, in bytes.
const pgpassLimit = 1 << 20

// readPgpass finds the password for a server in the file that the programs of PostgreSQL use as well, of the user that
// we are. Like them it takes no file that others can read.
func readPgpass(p *model.Probe, database, name string) (string, error) {
	path, err := pgpassPath()
	if err != nil {
		return "", err
	}
	text, err := readPrivate(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("none is configured, and there is no %s", path)
	}
	if err != nil {
		return "", fmt.Errorf("none is configured, and %s cannot be used: %w", path, err)
	}
	hosts, port := pgpassPlace(p)
	password, ok := pgpass(text, hosts, port, database, name)
	if !ok {
		return "", fmt.Errorf("none is configured, and %s has none for user %q and database %q there", path, name, database)
	}
	return password, nil
}

func pgpassPath() (string, error) {
	if path := os.Getenv("PGPASSFILE"); path != "" {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil { // services need not be told where their home is
		u, err := user.Current()
		if err != nil {
			return "", errors.New("none is configured, and our user has no home")
		}
		home = u.HomeDir
	}
	return filepath.Join(home, ".pgpass"), nil
}

// readPrivate reads a file that is nobody else's business.
func readPrivate(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", errors.Unwrap(err)
	case !info.Mode().IsRegular():
		return "", errors.New("it is no file")
	case info.Mode().Perm()&0o077 != 0:
		return "", errors.New("others may read it; chmod 0600")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", errors.Unwrap(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, pgpassLimit))
	return string(b), err
}

// pgpassPlace names a server as the file does. A socket is known by its directory.
func pgpassPlace(p *model.Probe) (hosts []string, port string) {
	if p.Kind != model.ProbeSocket {
		return []string{hostOf(p)}, strconv.Itoa(p.Port)
	}
	_, port, _ = strings.Cut(filepath.Base(p.Path), ".s.PGSQL.")
	return []string{"localhost", filepath.Dir(p.Path)}, port
}

// pgpass finds the first line that fits, host:port:database:user:password, in which * fits everything and a backslash
// takes the meaning from a colon or a backslash.
func pgpass(text string, hosts []string, port, database, name string) (password string, ok bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields, rest, ok := pgpassFields(line)
		if ok && (fields[0] == "*" || slices.Contains(hosts, unescaped(fields[0]))) &&
			fits(fields[1], port) && fits(fields[2], database) && fits(fields[3], name) {
			return unescaped(rest), true
		}
	}
	return "", false
}

// pgpassFields takes the first four fields off a line, as they are written.
func pgpassFields(line string) (fields [4]string, rest string, ok bool) {
	n, start := 0, 0
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case line[i] == ':':
			fields[n] = line[start:i]
			n, start = n+1, i+1
			if n == len(fields) {
				return fields, line[start:], true
			}
		}
	}
	return fields, "", false
}

func fits(field, value string) bool { return field == "*" || unescaped(field) == value }

// unescaped takes the backslashes away that protect what follows them.
func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
