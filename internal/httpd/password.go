package httpd

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"github.com/tg123/go-htpasswd"
)

// maxPassword bounds what is compared and hashed, in bytes.
const maxPassword = 512

// processKey makes what is remembered of passwords useless to other processes.
var processKey = func() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return key
}()

// digest is a quick hash of a password, of the same length for all.
func digest(password string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, processKey)
	io.WriteString(mac, password)
	return [sha256.Size]byte(mac.Sum(nil))
}

// A secret knows a password when it sees it. When ctx ends first it knows none.
type secret interface {
	matches(ctx context.Context, password string) bool
}

// A clearSecret is a password that is known; the comparison takes the same time for all.
type clearSecret [sha256.Size]byte

func (s clearSecret) matches(_ context.Context, password string) bool {
	given := digest(password)
	return subtle.ConstantTimeCompare(given[:], s[:]) == 1
}

// A desSecret is a classic hash of Unix.
type desSecret string

// MatchesPassword implements htpasswd.EncodedPasswd.
func (s desSecret) MatchesPassword(password string) bool {
	given := desCrypt(password, string(s))
	return given != "" && subtle.ConstantTimeCompare([]byte(given), []byte(s)) == 1
}

// A slowSecret remembers the last password that was right, because to find out anew at each request would keep a
// processor busy. At most one password is hashed at a time, so that wrong ones cannot keep all of them busy.
type slowSecret struct {
	htpasswd.EncodedPasswd
	proven atomic.Pointer[clearSecret]
}

var hashing = make(chan struct{}, 1)

func (s *slowSecret) matches(ctx context.Context, password string) bool {
	if right := s.proven.Load(); right != nil && right.matches(ctx, password) {
		return true
	}
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return false
	}
	if !s.MatchesPassword(password) {
		return false
	}
	right := clearSecret(digest(password))
	s.proven.Store(&right)
	return true
}

// newSecret reads what a password file has behind a user's name, nil if it is not of the form. The form "crypt" is what
// the C library makes of it: newer hashes are told by their first characters.
func newSecret(form, text string) secret {
	readers := map[string][]htpasswd.PasswdParser{
		"md5":   {htpasswd.AcceptMd5},
		"crypt": {htpasswd.AcceptMd5, htpasswd.AcceptCryptSha, htpasswd.AcceptBcrypt},
	}
	if form == "cleartext" || form == "" {
		return clearSecret(digest(text))
	}
	for _, read := range readers[form] {
		if known, err := read(text); err == nil && known != nil {
			return &slowSecret{EncodedPasswd: known}
		}
	}
	if form == "crypt" && len(text) == 13 && desCrypt("", text) != "" {
		return &slowSecret{EncodedPasswd: desSecret(text)}
	}
	return nil
}

const (
	maxPasswordFile = 1 << 20 // bytes
	maxPasswordLine = 4096    // bytes
)

// A login is a line of a password file.
type login struct {
	user string
	secret
}

// readLogins reads a password file: lines user:password, the password in the form. The errors tell of lines by their
// numbers only, because they hold secrets.
func readLogins(path, form string) ([]login, error) {
	// Opening a fifo would wait for a writer.
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		if err == nil {
			err = fmt.Errorf("%s is not a regular file", path)
		}
		return nil, fmt.Errorf("cannot read passwords: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read passwords: %w", err)
	}
	defer f.Close()
	logins, err := parseLogins(io.LimitReader(f, maxPasswordFile), form)
	if err != nil {
		return logins, fmt.Errorf("cannot read passwords in %s: %w", path, err)
	}
	return logins, nil
}

// parseLogins returns the logins of good lines also when others are bad.
func parseLogins(r io.Reader, form string) (logins []login, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxPasswordLine)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		user, password, ok := strings.Cut(text, ":")
		known := newSecret(form, password)
		if !ok || user == "" || known == nil {
			err = errors.Join(err, fmt.Errorf("line %d is not a user and a %s password", number, form))
			continue
		}
		logins = append(logins, login{user, known})
	}
	return logins, errors.Join(err, lines.Err())
}
