package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
)

// tokenMark begins the tokens that NewToken makes, so that people and scanners of leaked secrets know one when they
// see it.
const tokenMark = "ord_"

const (
	tokenBytes  = 32
	tokenDigits = 43 // of base 62, for 32 bytes
	digits      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewToken makes a token, and what is kept of it: its SHA-256 in hexadecimal digits, the Secret of an account.
func NewToken() (token, kept string) {
	var raw [tokenBytes]byte
	_, _ = rand.Read(raw[:]) // never fails
	text := new(big.Int).SetBytes(raw[:]).Text(len(digits))
	token = tokenMark + strings.Repeat("0", tokenDigits-len(text)) + text
	return token, hashToken(token)
}

// hashToken is what is kept of a token. It has so much chance in it that a quick hash is enough.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// beyondGuessing tells whether a text has the form of what NewToken makes. Whoever gives a wrong one does not guess.
func beyondGuessing(token string) bool {
	random, ok := strings.CutPrefix(token, tokenMark)
	return ok && len(random) == tokenDigits && strings.Trim(random, digits) == ""
}
