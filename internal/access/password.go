package access

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
)

// Bounds of passwords: characters at least, and bytes at most, because bcrypt looks at no more.
const (
	minPassword = 8
	maxPassword = 72
)

const (
	hashCost = bcrypt.DefaultCost // of the hashes we make: less than a tenth of a second
	maxCost  = 14                 // of those we are given: a second; 31 would keep a processor busy for days
)

// HashPassword makes what is kept of a password, the Secret of an account. The error says what is wrong with the
// password, without it.
func HashPassword(password string) (string, error) {
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return "", fmt.Errorf("cannot use this password: it has less than %d characters", minPassword)
	case len(password) > maxPassword:
		return "", fmt.Errorf("cannot use this password: it has more than %d bytes", maxPassword)
	case strings.ContainsAny(password, "\x00\r\n"):
		return "", errors.New("cannot use this password: it has a line break in it")
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), hashCost)
	if err != nil {
		return "", fmt.Errorf("cannot hash the password: %w", err)
	}
	return string(hash), nil
}

// checkHash tells what is wrong with the hash of a password.
func checkHash(hash string) error {
	cost, err := bcrypt.Cost([]byte(hash))
	if err != nil || len(hash) != 60 {
		return errors.New("its password is not a bcrypt hash")
	}
	if cost > maxCost {
		return fmt.Errorf("its password hash has a cost of %d: more than %d takes too long", cost, maxCost)
	}
	return nil
}

// decoy is the hash of no password, at a cost: comparing with it takes as long as with one of an account.
func decoy(cost int) string {
	return fmt.Sprintf("$2a$%02d$%s", cost, strings.Repeat(".", 53))
}

// matches compares a password with a hash. It takes its time.
func matches(hash, password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
}
