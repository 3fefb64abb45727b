package test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A mailbox is a mail server that keeps what it gets.
type mailbox struct {
	t    *testing.T
	slow func() // is called before and after a mail is taken; nil: nothing is
	mu   sync.Mutex
	in   []letter
}

// A letter is a mail as people read it.
type letter struct {
	at            time.Time
	to            string
	id            string // which events it is about, as it says itself
	subject, body string
}

func (l letter) String() string {
	return fmt.Sprintf("%s %s\n\t%s", l.at.Format("15:04:05.000"), l.subject, strings.ReplaceAll(strings.TrimSpace(l.body), "\n", "\n\t"))
}

// mailbox is the mail server of a machine, at port 25.
func (m *machine) mailbox() *mailbox {
	m.t.Helper()
	b := &mailbox{t: m.t}
	b.open(listenIn(m.t, m.init, "127.0.0.1:25"))
	return b
}

// open serves a listener until the test ends.
func (b *mailbox) open(l net.Listener) {
	var open sync.WaitGroup
	var conns sync.Map
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(patience))
			conns.Store(conn, nil)
			open.Go(func() {
				defer conn.Close()
				b.serve(textproto.NewConn(conn))
			})
		}
	})
	b.t.Cleanup(func() {
		_ = l.Close()
		conns.Range(func(c, _ any) bool { _ = c.(io.Closer).Close(); return true })
		open.Wait()
		if b.t.Failed() {
			b.t.Logf("mails:\n%s", b)
		}
	})
}

// serve is one session, in which as much is understood as orderly says.
func (b *mailbox) serve(c *textproto.Conn) {
	_ = c.PrintfLine("220 ready")
	to := ""
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "RCPT":
			_, to, _ = strings.Cut(strings.TrimSuffix(rest, ">"), "<")
		case "DATA":
			_ = c.PrintfLine("354 go on")
			data, err := io.ReadAll(c.DotReader())
			if err != nil {
				return // it was not told to the end
			}
			b.dawdle()
			if err := b.take(to, bytes.NewReader(data)); err != nil {
				b.t.Errorf("no mail: %v", err)
			}
			b.dawdle()
		case "QUIT":
			_ = c.PrintfLine("221 bye")
			return
		}
		_ = c.PrintfLine("250 ok")
	}
}

func (b *mailbox) dawdle() {
	if b.slow != nil {
		b.slow()
	}
}

func (b *mailbox) take(to string, data io.Reader) error {
	m, err := mail.ReadMessage(data)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	text := m.Body
	if strings.EqualFold(m.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		text = quotedprintable.NewReader(text)
	}
	body, err := io.ReadAll(text)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.in = append(b.in, letter{time.Now(), to, m.Header.Get("X-Orderly-Id"), subject, string(body)})
	return nil
}

// letters are those that match a pattern, the subject being their first line, in the order in which they came.
func (b *mailbox) letters(pattern string) []letter {
	re := regexp.MustCompile(pattern)
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.in), func(l letter) bool { return !re.MatchString(l.subject + "\n" + l.body) })
}

func (b *mailbox) String() string {
	var text strings.Builder
	for _, l := range b.letters("") {
		fmt.Fprintln(&text, l)
	}
	return text.String()
}
