package probe

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"orderly/internal/model"
)

// The ways to log in that are known here.
const (
	mysqlNative = "mysql_native_password"
	mysqlSHA2   = "caching_sha2_password"
)

// mysqlTurns bounds what is said to and fro before a login succeeds; the longest takes five packets.
const mysqlTurns = 8

// login ends when the server lets the user in.
func (m *mysql) login(params model.Params) error {
	if m.abilities&(mysqlProtocol41|mysqlSecure) != mysqlProtocol41|mysqlSecure {
		return errors.New("it is too old: it does not offer logins of version 4.1")
	}
	if m.method != mysqlSHA2 {
		m.method = mysqlNative // whoever needs another one is told so
	}
	if err := m.checkChallenge(); err != nil {
		return err
	}
	if err := m.send(m.introduce(params)); err != nil {
		return err
	}
	for range mysqlTurns {
		b, err := m.packet()
		if err != nil {
			return err
		}
		switch b[0] {
		case mysqlOK:
			return nil
		case mysqlSwitch:
			err = m.switchTo(b[1:], params.Get("password"))
		case mysqlMore:
			err = m.goOn(b[1:], params)
		default:
			err = fmt.Errorf("its packet begins with %#02x where the end of the login is expected", b[0])
		}
		if err != nil {
			return err
		}
	}
	return errors.New("its login does not end")
}

// introduce is the packet with the user's name and the first answer to the challenge.
func (m *mysql) introduce(params model.Params) []byte {
	answer := m.answer(params.Get("password"))
	b := append(m.introduction(), params.Get("username")...)
	b = append(b, 0, byte(len(answer)))
	b = append(b, answer...)
	if m.abilities&mysqlPlugins != 0 {
		b = append(append(b, m.method...), 0)
	}
	return b
}

// answer proves that we know the password, in the way of the method.
func (m *mysql) answer(password string) []byte {
	if password == "" {
		return nil
	}
	if m.method == mysqlSHA2 {
		once := sha256.Sum256([]byte(password))
		twice := sha256.Sum256(once[:])
		mask := sha256.Sum256(append(twice[:], m.challenge...))
		subtle.XORBytes(once[:], once[:], mask[:])
		return once[:]
	}
	once := sha1.Sum([]byte(password))
	twice := sha1.Sum(once[:])
	mask := sha1.Sum(append(bytes.Clone(m.challenge), twice[:]...))
	subtle.XORBytes(once[:], once[:], mask[:])
	return once[:]
}

// switchTo answers a server that wants another method for this user.
func (m *mysql) switchTo(b []byte, password string) error {
	method, challenge, _ := bytes.Cut(b, []byte{0})
	m.method = string(method)
	if m.method != mysqlNative && m.method != mysqlSHA2 {
		return fmt.Errorf("it wants a login by %s, which is not supported", quote(m.method))
	}
	m.challenge = challenge
	if err := m.checkChallenge(); err != nil {
		return err
	}
	return m.send(m.answer(password))
}

// checkChallenge takes the zero at the end off the challenge, which must then be as long as they all are.
func (m *mysql) checkChallenge() error {
	const size = 20
	m.challenge = bytes.TrimSuffix(m.challenge, []byte{0})
	if len(m.challenge) != size {
		return fmt.Errorf("its challenge has %d bytes where %d are expected", len(m.challenge), size)
	}
	return nil
}

// goOn answers a server that has more to say about a login by caching_sha2_password.
func (m *mysql) goOn(b []byte, params model.Params) error {
	const known, unknown = 3, 4 // whether it remembers the password from an earlier login
	if m.method != mysqlSHA2 || len(b) != 1 {
		return errors.New("it asks for something that is not part of this login")
	}
	password := params.Get("password")
	switch b[0] {
	case known:
		return nil
	case unknown:
		if m.nc != m.raw || m.probe.Kind == model.ProbeSocket {
			return m.send(append([]byte(password), 0))
		}
		return m.sendEncrypted(password, params.Get("rsakey"))
	}
	return fmt.Errorf("it asks for step %d of this login, which is not known", b[0])
}

// sendEncrypted sends the password so that only the server can read it.
func (m *mysql) sendEncrypted(password, digest string) error {
	const askForKey = 2
	if err := m.send([]byte{askForKey}); err != nil {
		return err
	}
	b, err := m.packet()
	if err != nil {
		return err
	}
	if b[0] != mysqlMore {
		return fmt.Errorf("its packet begins with %#02x where its public key is expected", b[0])
	}
	key, err := mysqlKey(b[1:], digest)
	if err != nil {
		return err
	}
	secret := append([]byte(password), 0)
	for i := range secret {
		secret[i] ^= m.challenge[i%len(m.challenge)]
	}
	secret, err = rsa.EncryptOAEP(sha1.New(), rand.Reader, key, secret, nil)
	if err != nil {
		return fmt.Errorf("cannot encrypt the password with its public key: %w", err)
	}
	return m.send(secret)
}

// mysqlKey reads a public key and compares it with the digest that is wanted of it, of the text as it comes or of what the text encodes.
func mysqlKey(text []byte, digest string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("its public key cannot be read")
	}
	if digest != "" && !isDigest(digest, text) && !isDigest(digest, block.Bytes) {
		return nil, errors.New("its public key has another checksum than the one expected")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, errors.New("its public key cannot be read")
	}
	const largest = 2 << 10 // bytes; more would only take time
	if k, ok := key.(*rsa.PublicKey); ok && k.Size() <= largest {
		return k, nil
	}
	return nil, errors.New("its public key is not one of RSA")
}

// isDigest tells by its length what a digest is of, and whether it is of b.
func isDigest(digest string, b []byte) bool {
	var sum []byte
	switch hex.DecodedLen(len(digest)) {
	case md5.Size:
		s := md5.Sum(b)
		sum = s[:]
	case sha1.Size:
		s := sha1.Sum(b)
		sum = s[:]
	case sha256.Size:
		s := sha256.Sum256(b)
		sum = s[:]
	}
	return sum != nil && strings.EqualFold(hex.EncodeToString(sum), digest)
}
