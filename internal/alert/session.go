package alert

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"orderly/internal/model"
	"orderly/internal/trust"
)

// session is a conversation with a mail server that is ready to take messages. Every step of it, from connecting
// to the last reply, has a deadline of its own.
type session struct {
	server  model.MailServer
	timeout time.Duration
	conn    *limitedConn
	client  *smtp.Client
	cancel  func() bool // takes back that the end of the context ends the session
}

func openSession(ctx context.Context, server model.MailServer, mail model.Mail, host string) (*session, error) {
	s := &session{server: server, timeout: cmp.Or(max(mail.Timeout, 0), defaultMailTimeout)}
	hello := messageHost(cmp.Or(mail.Hello, host))
	if err := s.open(ctx, hello); err != nil {
		s.close()
		return nil, s.private(fmt.Errorf("cannot send mail through %s: %w", s.address(), err))
	}
	return s, nil
}

func (s *session) address() string { return net.JoinHostPort(s.server.Host, strconv.Itoa(s.port())) }

func (s *session) port() int { return cmp.Or(s.server.Port, 25) }

// open connects and leads the conversation to where messages are taken.
func (s *session) open(ctx context.Context, hello string) error {
	dialing, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	conn, err := hosts.dial(dialing, "tcp", s.address())
	if err != nil {
		return dialError(err)
	}
	s.conn = &limitedConn{Conn: conn}
	s.cancel = context.AfterFunc(ctx, func() { conn.Close() })
	return s.converse(hello)
}

// converse greets, secures the connection and logs in.
func (s *session) converse(hello string) error {
	implicit := s.server.TLS != nil && s.port() != 25 && s.port() != 587 && !s.server.StartTLS
	if err := s.step(func() error { return s.greet(implicit) }); err != nil {
		return err
	}
	if err := s.step(func() error { return s.client.Hello(hello) }); err != nil {
		return err
	}
	if s.server.TLS != nil && !implicit {
		if err := s.step(s.startTLS); err != nil {
			return err
		}
	}
	if s.server.Username != "" {
		return s.step(s.logIn)
	}
	return nil
}

// dialError leaves out what the words before it say already.
func dialError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

func (s *session) greet(implicit bool) error {
	var conn net.Conn = s.conn
	if implicit {
		secured, err := s.handshake()
		if err != nil {
			return err
		}
		conn = secured
	}
	client, err := smtp.NewClient(conn, s.server.Host)
	s.client = client
	return err
}

// handshake makes the connection private from its first byte. The deadline of the step bounds it.
func (s *session) handshake() (net.Conn, error) {
	config, err := trust.Client(s.server.TLS, s.server.Host)
	if err != nil {
		return nil, err
	}
	secured := tls.Client(s.conn, config)
	if err := secured.Handshake(); err != nil {
		return nil, fmt.Errorf("cannot set up TLS: %w", err)
	}
	return secured, nil
}

func (s *session) startTLS() error {
	if ok, _ := s.client.Extension("STARTTLS"); !ok {
		return errors.New("it does not offer STARTTLS")
	}
	config, err := trust.Client(s.server.TLS, s.server.Host)
	if err != nil {
		return err
	}
	return s.client.StartTLS(config)
}

// logIn proves who we are, with the ways every server knows. A password leaves in plain text only if the configuration
// asks for no TLS.
func (s *session) logIn() error {
	offered, list := s.client.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(list))
	user, password, host := s.server.Username, s.server.Password, s.server.Host
	switch {
	case !offered:
		return errors.New("it does not let anyone log in")
	case slices.Contains(ways, "PLAIN"):
		return s.client.Auth(smtp.PlainAuth("", user, password, host, true))
	case slices.Contains(ways, "LOGIN"):
		return s.client.Auth(smtp.LoginAuth(user, password, host, true))
	case slices.Contains(ways, "CRAM-MD5"):
		return s.client.Auth(smtp.CRAMMD5Auth(user, password))
	}
	return fmt.Errorf("it offers no way to log in that is known here: %s", list)
}

// deliver hands over one message and returns what the server said then. An error with a reply of the server leaves the
// session usable after reset.
func (s *session) deliver(m message) (reply string, err error) {
	body := ""
	if ok, _ := s.client.Extension("8BITMIME"); ok {
		body = " BODY=8BITMIME"
	}
	if ok, _ := s.client.Extension("SMTPUTF8"); ok && !ascii(m.from+m.to) {
		body += " SMTPUTF8"
	}
	if err := s.step(func() error { return s.envelope("MAIL FROM:<"+m.from+">"+body, "RCPT TO:<"+m.to+">") }); err != nil {
		return "", err
	}
	err = s.step(func() error {
		reply, err = s.content(m.data)
		return err
	})
	return reply, err
}

// envelope says from whom and to whom, and asks to send the content: in one go where the server allows it.
func (s *session) envelope(from, to string) error {
	text := s.client.Text
	lines := []string{from, to, "DATA"}
	codes := []int{250, 25, 354}
	pipelining, _ := s.client.Extension("PIPELINING")
	var first error
	for i, line := range lines {
		if _, err := text.W.WriteString(line + "\r\n"); err != nil {
			return err
		}
		if pipelining {
			continue
		}
		if err := text.W.Flush(); err != nil {
			return err
		}
		if _, _, err := text.ReadResponse(codes[i]); err != nil {
			return err
		}
	}
	if !pipelining {
		return nil
	}
	if err := text.W.Flush(); err != nil {
		return err
	}
	for _, code := range codes {
		if _, _, err := text.ReadResponse(code); err != nil {
			if _, replied := answer(err); !replied {
				return err
			}
			first = cmp.Or(first, err)
		} else if code == 354 && first != nil {
			// It waits for content although it has refused the sender or the recipient.
			_, err = s.content(nil)
			return errors.Join(first, err)
		}
	}
	return first
}

// content hands over the message itself and returns the server's reply in one line, without secrets.
func (s *session) content(data []byte) (string, error) {
	w := s.client.Text.DotWriter()
	if _, err := w.Write(data); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	code, text, err := s.client.Text.ReadResponse(250)
	if err != nil {
		return "", err
	}
	return harmless(fmt.Sprintf("%d %s", code, text), s.masks()), nil
}

// reset makes the session ready for another message after a refused one.
func (s *session) reset() error { return s.step(s.client.Reset) }

// quit takes leave of the server.
func (s *session) quit() {
	_ = s.step(s.client.Quit) // the messages are delivered, whatever it says
	s.close()
}

func (s *session) close() {
	if s.conn != nil {
		s.cancel()
		s.conn.Close()
	}
}

// step runs a part of the conversation within the timeout.
func (s *session) step(f func() error) error {
	if err := s.conn.SetDeadline(time.Now().Add(s.timeout)); err != nil {
		return err
	}
	err := f()
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Errorf("no answer within %v", s.timeout)
	}
	return err
}

// private takes secrets out of an error: a server may repeat what it was told.
func (s *session) private(err error) error {
	if s.server.Password == "" || err == nil {
		return err
	}
	return masked{err, s.masks().Replace(err.Error())}
}

// masks hides the password in every form in which it was sent.
func (s *session) masks() *strings.Replacer {
	user, password := s.server.Username, s.server.Password
	if password == "" {
		return mask()
	}
	return mask(password, encode(password), encode("\x00"+user+"\x00"+password))
}

func encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}

// replyLimit bounds what a server may say before it is our turn again, in bytes; a TLS handshake fits.
const replyLimit = 128 << 10

// limitedConn is a connection whose other end may not talk without end.
type limitedConn struct {
	net.Conn
	heard int
}

func (c *limitedConn) Read(p []byte) (int, error) {
	if c.heard >= replyLimit {
		return 0, textproto.ProtocolError("it talks without end")
	}
	n, err := c.Conn.Read(p[:min(len(p), replyLimit-c.heard)])
	c.heard += n
	return n, err
}

func (c *limitedConn) Write(p []byte) (int, error) {
	c.heard = 0
	return c.Conn.Write(p)
}
