package alert

import (
	"bufio"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/model"
)

// mailServer is an SMTP server of a few lines. Its fields are set before start and say how it behaves.
type mailServer struct {
	extensions []string                    // after EHLO, besides 8BITMIME
	replies    func(command string) string // another reply to a command, "" for the usual one, "drop" to hang up
	greeting   string
	tls        *tls.Config
	implicit   bool
	expected   int // mails, after which full is closed
	full       chan struct{}

	listener net.Listener
	open     sync.WaitGroup

	mu       sync.Mutex
	sessions int
	commands []string
	mails    []received
}

// received is a mail as it came.
type received struct{ from, to, data string }

func (s *mailServer) start(t *testing.T) model.MailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener = l
	var conns sync.Map
	s.open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(conn, nil)
			s.open.Go(func() { s.serve(conn); conn.Close() })
		}
	})
	t.Cleanup(func() {
		l.Close()
		conns.Range(func(c, _ any) bool { c.(net.Conn).Close(); return true })
		s.open.Wait()
	})
	return model.MailServer{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
}

func (s *mailServer) note(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *mailServer) serve(conn net.Conn) {
	s.note(func() { s.sessions++ })
	if s.implicit {
		conn = tls.Server(conn, s.tls)
	}
	in := bufio.NewReader(conn)
	say := func(lines string) { fmt.Fprint(conn, lines+"\r\n") }
	say(cmp.Or(s.greeting, "220 ready"))
	var mail received
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.note(func() { s.commands = append(s.commands, line) })
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if s.replies != nil {
			switch r := s.replies(line); r {
			case "":
			case "drop":
				return
			default:
				say(r)
				if verb != "DATA" || !strings.HasPrefix(r, "354") {
					continue
				}
			}
		}
		switch verb {
		case "EHLO":
			reply := "250-here"
			for _, e := range s.extensions {
				reply += "\r\n250-" + e
			}
			say(reply + "\r\n250 8BITMIME")
		case "STARTTLS":
			say("220 go")
			secured := tls.Server(conn, s.tls)
			conn, in = secured, bufio.NewReader(secured)
		case "AUTH":
			s.auth(line, say, in)
		case "MAIL":
			mail = received{from: between(line)}
			say("250 ok")
		case "RCPT":
			mail.to = between(line)
			say("250 ok")
		case "DATA":
			if s.replies == nil || s.replies(line) == "" {
				say("354 go on")
			}
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				mail.data += strings.TrimPrefix(line, ".")
			}
			reply := "250 taken"
			if s.replies != nil && s.replies(".") != "" {
				reply = s.replies(".")
			} else {
				s.note(func() { s.take(mail) })
			}
			if reply == "drop" {
				return
			}
			say(reply)
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *mailServer) take(mail received) {
	s.mails = append(s.mails, mail)
	if len(s.mails) == s.expected {
		close(s.full)
	}
}

// auth accepts ann with the password "secret".
func (s *mailServer) auth(line string, say func(string), in *bufio.Reader) {
	answer := func(prompt string) string {
		say("334 " + base64.StdEncoding.EncodeToString([]byte(prompt)))
		line, _ := in.ReadString('\n')
		text, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		return string(text)
	}
	given := ""
	if strings.HasPrefix(line, "AUTH PLAIN ") {
		text, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(line, "AUTH PLAIN "))
		given = string(text)
	} else {
		given = "\x00" + answer("Username:") + "\x00" + answer("Password:")
	}
	if given != "\x00ann\x00secret" {
		_, password, _ := strings.Cut(given[1:], "\x00")
		say("535 the password " + password + " is wrong, as is " + strings.TrimPrefix(line, "AUTH PLAIN "))
		return
	}
	say("235 welcome")
}

func between(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	inside, _, _ := strings.Cut(rest, ">")
	return inside
}

// certificate makes a self-signed one for 127.0.0.1 and mail.example.org, and a file that holds it.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"mail.example.org"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, path
}

// one is a message about one event, sent as it happens.
func one(r model.Route, ev model.Event) parcel { return parcel{r, []model.Event{ev}, ev.At} }
