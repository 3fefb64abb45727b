package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"orderly/internal/model"
)

var mysqlParams = []ParamSpec{
	{Name: "username", Help: "to log in as; without it the greeting of the server is enough"},
	{Name: "password", Secret: true},
	{Name: "rsakey", Help: "md5, sha1 or sha256, in hex, of the server's public key that the password may be encrypted with"},
}

// The protocol is described in the manual of MySQL, "Client/Server Protocol". In mysqls the client asks for TLS after the greeting.
var (
	_ = register(Protocol{Name: "mysql", Port: 3306, Net: "tcp", TLS: true, Params: mysqlParams, Run: askMySQL})
	_ = register(Protocol{
		Name: "mysqls", Port: 3306, Net: "tcp", TLS: true, StartTLS: []int{everyPort}, Params: mysqlParams, Run: askMySQLS,
	})
)

func askMySQL(_ context.Context, c *Conn, params model.Params) error {
	m := mysql{Conn: c}
	if err := m.readGreeting(); err != nil {
		return err
	}
	return m.visit(params)
}

func askMySQLS(_ context.Context, c *Conn, params model.Params) error {
	m := mysql{Conn: c}
	if err := m.readGreeting(); err != nil {
		return err
	}
	if err := m.goPrivate(); err != nil {
		return err
	}
	return m.visit(params)
}

// goPrivate asks for TLS.
func (m *mysql) goPrivate() error {
	if m.abilities&mysqlTLS == 0 {
		return errors.New("it does not offer TLS")
	}
	m.wanted |= mysqlTLS
	if err := m.send(m.introduction()); err != nil {
		return err
	}
	return m.StartTLS()
}

// Abilities of a client and of a server.
const (
	mysqlLongPassword = 1 << 0
	mysqlProtocol41   = 1 << 9
	mysqlTLS          = 1 << 11
	mysqlSecure       = 1 << 15 // passwords are answers to a challenge
	mysqlPlugins      = 1 << 19 // the ways to log in have names
)

// mysql is a conversation with a server.
type mysql struct {
	*Conn
	next      byte   // number of the next packet
	abilities uint32 // what the server offers
	wanted    uint32 // and we ask for, besides what every client does
	method    string // to log in
	challenge []byte // what the proof of a password is made for
	limit     int    // of a packet, where it is not mysqlLimit
}

// visit logs in, if that is wanted, and leaves.
func (m *mysql) visit(params model.Params) error {
	if params.Get("username") == "" {
		return nil
	}
	if err := m.login(params); err != nil {
		return err
	}
	m.quit()
	return nil
}

func (m *mysql) quit() { m.Bye("\x01\x00\x00\x00\x01") }

// Limits of a packet, in bytes. None of those that are exchanged before a query is large.
const (
	mysqlLimit    = 64 << 10
	mysqlRowLimit = 1 << 20
)

// packet reads a packet, which is never empty.
func (m *mysql) packet() ([]byte, error) {
	head, err := m.Exact(4)
	if err != nil {
		return nil, err
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if size == 0 || size > max(mysqlLimit, m.limit) {
		return nil, fmt.Errorf("its packet announces %d bytes", size)
	}
	m.next = head[3] + 1
	b, err := m.Exact(size)
	if err == nil && b[0] == mysqlFailed {
		err = mysqlError(b)
	}
	return b, err
}

// send writes a packet.
func (m *mysql) send(b []byte) error {
	m.out = append(m.out[:0], byte(len(b)), byte(len(b)>>8), byte(len(b)>>16), m.next)
	m.out = append(m.out, b...)
	m.next++
	return m.flush()
}

// First bytes of packets.
const (
	mysqlOK     = 0x00
	mysqlMore   = 0x01 // for the method in use
	mysqlSwitch = 0xfe // to another method
	mysqlFailed = 0xff
)

// A mysqlRefusal is what a packet with an error says.
type mysqlRefusal struct {
	code uint16
	text string
}

func (r mysqlRefusal) Error() string {
	return fmt.Sprintf("it refuses with error %d: %s", r.code, quote(r.text))
}

func mysqlError(b []byte) error {
	if len(b) < 3 {
		return errors.New("it refuses without saying why")
	}
	text := b[3:]
	if len(text) >= 6 && text[0] == '#' { // the state, of five letters, is for programs
		text = text[6:]
	}
	return mysqlRefusal{binary.LittleEndian.Uint16(b[1:]), string(text)}
}

// readGreeting takes what it needs from the first packet.
func (m *mysql) readGreeting() error {
	b, err := m.packet()
	if err != nil {
		return err
	}
	if b[0] != 10 {
		return fmt.Errorf("it speaks version %d of the protocol where 10 is expected", b[0])
	}
	// After its version come the number of the connection, 8 bytes of the challenge, a zero, 2 bytes of abilities, a character set,
	// the status, 2 bytes of abilities, the size of the challenge, 10 zeros, the rest of the challenge and the name of the method.
	const fixed = 4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10
	_, b, ok := bytes.Cut(b[1:], []byte{0})
	if !ok || len(b) < fixed {
		return errors.New("its greeting is cut short")
	}
	m.abilities = uint32(binary.LittleEndian.Uint16(b[13:])) | uint32(binary.LittleEndian.Uint16(b[18:]))<<16
	rest := b[fixed:]
	second := min(max(13, int(b[20])-8), len(rest))
	m.challenge = append(b[4:12:12], rest[:second]...)
	method, _, _ := bytes.Cut(rest[second:], []byte{0})
	m.method = string(method)
	return nil
}

// introduction is what a client says first; when it asks for TLS that is all.
func (m *mysql) introduction() []byte {
	const longestPacket, utf8 = 1 << 24, 33
	flags := mysqlLongPassword | mysqlProtocol41 | mysqlSecure | m.wanted | m.abilities&mysqlPlugins
	b := binary.LittleEndian.AppendUint32(nil, flags)
	b = binary.LittleEndian.AppendUint32(b, longestPacket)
	return append(append(b, utf8), make([]byte, 23)...)
}
