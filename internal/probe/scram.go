package probe

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// scramRounds bounds the work that a server may ask for; some use thousands of rounds, and a second is enough for a million.
const scramRounds = 1 << 20

// A scram is one login by SCRAM-SHA-256 (RFC 5802 and 7677) without channel binding. The server knows the name of
// the user already. Passwords are taken as they are written, which is what servers do with those that are not of
// the form that the standard wants.
type scram struct {
	password string
	nonce    string // of the client
	talk     string // what was said and is signed
	salted   []byte // the password
}

func newSCRAM(password string) *scram { return &scram{password: password, nonce: rand.Text()} }

const scramHead = "n,," // no channel binding, and no other name

// first is the first message.
func (s *scram) first() string {
	s.talk = "n=,r=" + s.nonce
	return scramHead + s.talk
}

// answer proves the password to a server that has sent its first message.
func (s *scram) answer(challenge string) (string, error) {
	fields := scramFields(challenge)
	salt, err := base64.StdEncoding.DecodeString(fields['s'])
	rounds, notNumber := strconv.Atoi(fields['i'])
	switch {
	case err != nil || notNumber != nil || rounds <= 0 || len(salt) == 0:
		return "", errors.New("its challenge cannot be read")
	case len(fields['r']) <= len(s.nonce) || !strings.HasPrefix(fields['r'], s.nonce):
		return "", errors.New("its challenge is not for this login")
	case rounds > scramRounds:
		return "", fmt.Errorf("it wants %d rounds of work for a login, more than %d", rounds, scramRounds)
	}
	if s.salted, err = pbkdf2.Key(sha256.New, s.password, salt, rounds, sha256.Size); err != nil {
		return "", fmt.Errorf("cannot work out the proof of the password: %w", err)
	}
	final := "c=" + base64.StdEncoding.EncodeToString([]byte(scramHead)) + ",r=" + fields['r']
	s.talk += "," + challenge + "," + final
	key := s.sign(s.salted, "Client Key")
	stored := sha256.Sum256(key)
	subtle.XORBytes(key, key, s.sign(stored[:], s.talk))
	return final + ",p=" + base64.StdEncoding.EncodeToString(key), nil
}

// verify checks that the server knows the password, too.
func (s *scram) verify(message string) error {
	proof, err := base64.StdEncoding.DecodeString(scramFields(message)['v'])
	if err != nil || !hmac.Equal(proof, s.sign(s.sign(s.salted, "Server Key"), s.talk)) {
		return errors.New("it does not prove that it knows the password")
	}
	return nil
}

func (s *scram) sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// scramFields are the parts of a message by their letter.
func scramFields(message string) map[byte]string {
	fields := map[byte]string{}
	for field := range strings.SplitSeq(message, ",") {
		if len(field) > 2 && field[1] == '=' {
			fields[field[0]] = field[2:]
		}
	}
	return fields
}
