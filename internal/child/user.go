package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// getentTimeout bounds a question to the system's user database, which may be a directory server that hangs.
const getentTimeout = 5 * time.Second

// Lookup turns the user and the group a program is to run as into credentials, and tells the user's home directory.
// Both may be names or numbers and both must be known to the system: to the local files, or else to what getent asks.
// Without a group it is the user's primary group; without a user only the group changes, and there is no home.
// When both are empty the credential is nil.
//
// Only root may become somebody else: for all others any user or group is an error.
func Lookup(ctx context.Context, username, group string) (*Credential, string, error) {
	if username == "" && group == "" {
		return nil, "", nil
	}
	if os.Geteuid() != 0 {
		return nil, "", fmt.Errorf("cannot run as %s: only root can run programs as somebody else", describe(username, group))
	}
	if username == "" {
		gid, err := lookupGroup(ctx, group)
		if err != nil {
			return nil, "", err
		}
		return &Credential{UID: uint32(os.Geteuid()), GID: gid, Groups: []uint32{gid}}, "", nil
	}
	a, err := lookupUser(ctx, username)
	if err != nil {
		return nil, "", err
	}
	if group != "" {
		if a.gid, err = lookupGroup(ctx, group); err != nil {
			return nil, "", err
		}
	}
	if !slices.Contains(a.groups, a.gid) {
		a.groups = append(a.groups, a.gid)
	}
	return &Credential{UID: a.uid, GID: a.gid, Groups: a.groups}, a.home, nil
}

func describe(username, group string) string {
	if username == "" {
		return "group " + group
	}
	return username
}

// account is an entry of the user database.
type account struct {
	uid, gid uint32
	groups   []uint32
	home     string
}

func lookupUser(ctx context.Context, name string) (account, error) {
	found, err := user.Lookup(name)
	if err != nil && isNumber(name) {
		found, err = user.LookupId(name)
	}
	if err == nil {
		groups, err := found.GroupIds()
		if err != nil {
			return account{}, fmt.Errorf("cannot find the groups of user %s: %w", name, err)
		}
		return newAccount(name, found.Uid, found.Gid, found.HomeDir, groups)
	}
	line, err := getent(ctx, "passwd", name)
	if err != nil {
		return account{}, fmt.Errorf("cannot find user %s: %w", name, err)
	}
	fields := strings.Split(line, ":") // name:password:uid:gid:comment:home:shell
	if len(fields) < 6 {
		return account{}, fmt.Errorf("cannot find user %s: getent answered %q", name, line)
	}
	var groups []string
	if line, err := getent(ctx, "initgroups", fields[0]); err == nil { // not every getent knows this
		groups = strings.Fields(line)[1:]
	}
	return newAccount(name, fields[2], fields[3], fields[5], groups)
}

func newAccount(name, uid, gid, home string, groups []string) (account, error) {
	a := account{home: home}
	var err error
	if a.uid, err = parseID(uid); err != nil {
		return account{}, fmt.Errorf("cannot find user %s: %w", name, err)
	}
	if a.gid, err = parseID(gid); err != nil {
		return account{}, fmt.Errorf("cannot find user %s: %w", name, err)
	}
	for _, g := range groups {
		id, err := parseID(g)
		if err != nil {
			return account{}, fmt.Errorf("cannot find the groups of user %s: %w", name, err)
		}
		a.groups = append(a.groups, id)
	}
	return a, nil
}

func lookupGroup(ctx context.Context, name string) (uint32, error) {
	found, err := user.LookupGroup(name)
	if err != nil && isNumber(name) {
		found, err = user.LookupGroupId(name)
	}
	id := ""
	if err == nil {
		id = found.Gid
	} else {
		line, err := getent(ctx, "group", name)
		if err != nil {
			return 0, fmt.Errorf("cannot find group %s: %w", name, err)
		}
		if fields := strings.Split(line, ":"); len(fields) > 2 { // name:password:gid:members
			id = fields[2]
		}
	}
	gid, err := parseID(id)
	if err != nil {
		return 0, fmt.Errorf("cannot find group %s: %w", name, err)
	}
	return gid, nil
}

// getent asks the system's user database, which may be more than the local files, and returns the first line.
func getent(ctx context.Context, database, key string) (string, error) {
	if strings.HasPrefix(key, "-") {
		return "", errors.New("there is none of this name")
	}
	res, err := Run(ctx, Spec{
		Args:    []string{"getent", database, key},
		Env:     []string{"PATH=" + defaultPath, "LC_ALL=C"},
		Timeout: getentTimeout,
		Keep:    64 << 10,
	})
	line, _, _ := strings.Cut(res.Stdout, "\n")
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", errors.New("there is none of this name")
	case err != nil:
		return "", err
	case res.TimedOut:
		return "", fmt.Errorf("getent %s did not answer within %s", database, getentTimeout)
	case res.Signaled || res.Status != 0 || strings.TrimSpace(line) == "":
		return "", errors.New("there is none of this name")
	}
	return line, nil
}

func isNumber(s string) bool {
	_, err := parseID(s)
	return err == nil
}

func parseID(s string) (uint32, error) {
	id, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is not an id", s)
	}
	return uint32(id), nil
}

// system is the credential as the kernel wants it.
func (c *Credential) system() *syscall.Credential {
	if c == nil {
		return nil
	}
	return &syscall.Credential{Uid: c.UID, Gid: c.GID, Groups: c.Groups}
}
