package alert

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orderly/internal/model"
)

// mailer for the tests, with settings that name servers.
func through(servers ...model.MailServer) *model.Config {
	return &model.Config{Settings: model.Settings{Host: "web1", Mail: model.Mail{Servers: servers, Timeout: time.Minute}}}
}

func sendTo(t *testing.T, m *mailer, c *model.Config, to, text string) error {
	t.Helper()
	ev := incident()
	ev.Text = text
	_, err := m.send(t.Context(), c, one(model.Route{Channel: "mail", Address: to}, ev))
	return err
}

// kind names how far an error reaches.
func kind(err error) string {
	switch {
	case err == nil:
		return "sent"
	case errors.Is(err, errHopeless):
		return "hopeless"
	case errors.Is(err, errLater):
		return "later"
	}
	return "down"
}

// plain is the text of an error without the marks around a server's words.
func plain(err error) string { return strings.ReplaceAll(fmt.Sprint(err), `"`, "") }

func TestMailGoesOverOneConnection(t *testing.T) {
	for _, extensions := range [][]string{nil, {"PIPELINING"}} {
		t.Run(strings.Join(extensions, " "), func(t *testing.T) {
			s := &mailServer{extensions: extensions}
			c, m := through(s.start(t)), &mailer{}
			for i := range 3 {
				if err := sendTo(t, m, c, "a@x", fmt.Sprintf(".dot %d\n..", i)); err != nil {
					t.Fatal(err)
				}
			}
			m.rest()
			s.note(func() {
				if s.sessions != 1 || len(s.mails) != 3 {
					t.Fatalf("%d mails in %d sessions", len(s.mails), s.sessions)
				}
				for i, mail := range s.mails {
					if mail.from != "monit@web1" || mail.to != "a@x" || !strings.Contains(mail.data, fmt.Sprintf("Description: .dot %d\r\n..\r\n", i)) {
						t.Errorf("mail %d is %+v", i, mail)
					}
				}
				want := "EHLO web1,MAIL FROM:<monit@web1> BODY=8BITMIME,RCPT TO:<a@x>,DATA"
				if got := strings.Join(s.commands[:4], ","); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				if last := s.commands[len(s.commands)-1]; last != "QUIT" {
					t.Errorf("the last word is %s", last)
				}
			})
		})
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name    string
		replies map[string]string // by the beginning of a command
		want    string            // for a mail to bad@x
		text    string
	}{
		{"recipient for good", map[string]string{"RCPT TO:<bad": "550 no such user"}, "hopeless", "550 no such user"},
		{"recipient for now", map[string]string{"RCPT TO:<bad": "450 come back"}, "later", "450 come back"},
		{"recipient, but it wants content", map[string]string{"RCPT TO:<bad": "550 no such user", ".": "554 nobody"}, "hopeless", "550 no such user"},
		{"sender", map[string]string{"MAIL": "553 who?"}, "hopeless", "553 who?"},
		{"sender must log in", map[string]string{"MAIL": "530 log in first"}, "down", "530 log in first"},
		{"content", map[string]string{".": "552 too large"}, "hopeless", "552 too large"},
		{"content for now", map[string]string{".": "451 disk full"}, "later", "451 disk full"},
		{"data", map[string]string{"DATA": "451 disk full"}, "later", "451 disk full"},
		{"going down", map[string]string{"MAIL": "421 going down"}, "down", "421 going down"},
		{"hangs up", map[string]string{"RCPT": "drop"}, "down", "EOF"},
		{"hangs up after data", map[string]string{".": "drop"}, "down", "EOF"},
		{"not SMTP", map[string]string{"MAIL": "hello?"}, "down", "hello?"},
		{"no EHLO", map[string]string{"EHLO": "502 what?", "RCPT TO:<bad": "550 no such user"}, "hopeless", "550"},
		{"not even HELO", map[string]string{"EHLO": "502 what?", "HELO": "502 what?"}, "down", "502 what?"},
	}
	for _, test := range tests {
		for _, extensions := range [][]string{nil, {"PIPELINING"}} {
			t.Run(test.name+" "+strings.Join(extensions, " "), func(t *testing.T) {
				var refuse atomic.Bool
				refuse.Store(true)
				s := &mailServer{extensions: extensions, replies: func(command string) string {
					for begin, reply := range test.replies {
						if strings.HasPrefix(command, begin) && refuse.Load() {
							return reply
						}
					}
					return ""
				}}
				c, m := through(s.start(t)), &mailer{}
				err := sendTo(t, m, c, "bad@x", "text")
				if kind(err) != test.want || !strings.Contains(plain(err), test.text) {
					t.Fatalf("got %s: %v, want %s: %s", kind(err), err, test.want, test.text)
				}
				if kept := m.session != nil; kept != (test.want != "down") {
					t.Errorf("the session is kept: %v", kept)
				}
				refuse.Store(false)
				if err := sendTo(t, m, c, "good@x", "text"); err != nil {
					t.Errorf("the next mail: %v", err)
				}
				m.rest()
				s.note(func() {
					if n := len(s.mails); n == 0 || s.mails[n-1].to != "good@x" {
						t.Errorf("the server has %+v", s.mails)
					}
				})
			})
		}
	}
}

func TestServersAreTriedInOrder(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := model.MailServer{Host: "127.0.0.1", Port: closed.Addr().(*net.TCPAddr).Port}
	closed.Close()
	busy := &mailServer{greeting: "554 not now"}
	good := &mailServer{}
	c := through(refusing, busy.start(t), good.start(t))
	m := &mailer{}
	if err := sendTo(t, m, c, "a@x", "text"); err != nil {
		t.Fatal(err)
	}
	m.rest()
	good.note(func() {
		if len(good.mails) != 1 {
			t.Errorf("the third server has %d mails", len(good.mails))
		}
	})
	c.Settings.Mail.Servers = c.Settings.Mail.Servers[:2]
	err = sendTo(t, m, c, "a@x", "text")
	for _, want := range []string{fmt.Sprintf("cannot send mail through 127.0.0.1:%d: ", refusing.Port), "refused", "554 not now"} {
		if !strings.Contains(plain(err), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// A server that only some recipients use holds up nobody else.
func TestServerOfARoute(t *testing.T) {
	down, up := &mailServer{greeting: "drop"}, &mailServer{expected: 2, full: make(chan struct{})}
	c, own := through(up.start(t)), down.start(t)
	own.Username = "team"
	c.Routes = append(to("all@x").Routes, model.Route{Channel: "mail", Address: "team@x", Server: &own, Topics: model.AllTopics})
	journal := newMemory()
	a := New(Options{Journal: journal, Means: Means{Log: discard}, Report: func(ev model.Event) { t.Errorf("reported %v", ev) }})
	a.Configure(c)
	for range 2 {
		journal.append(model.Event{At: time.Now(), Host: "web1", Kind: model.EventFailed, Text: "x"})
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- a.Run(ctx) }()
	<-up.full
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if all, team := journal.Cursor("mail"), journal.Cursor(mailOutlet(c.Routes[1])); all != 2 || team != 0 {
		t.Errorf("the cursors are %d and %d", all, team)
	}
}

// Each route leaves through its own server, and the server's last word is kept for who asks.
func TestMailTellsTheReply(t *testing.T) {
	everyones, own := &mailServer{}, &mailServer{}
	c, teams := through(everyones.start(t)), own.start(t)
	m := &mailer{}
	for to, server := range map[string]*model.MailServer{"all@x": nil, "team@x": &teams} {
		reply, err := m.send(t.Context(), c, one(model.Route{Channel: "mail", Address: to, Server: server}, incident()))
		if err != nil || !strings.HasPrefix(reply, "250 ") {
			t.Errorf("%s: %q, %v", to, reply, err)
		}
	}
	m.rest()
	for to, s := range map[string]*mailServer{"all@x": everyones, "team@x": own} {
		s.note(func() {
			if len(s.mails) != 1 || s.mails[0].to != to {
				t.Errorf("the server of %s has %+v", to, s.mails)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	if err := sendTo(t, &mailer{}, through(), "a@x", "text"); !errors.Is(err, errNoWay) {
		t.Error(err)
	}
}

// silent starts a server that stops answering at a command until the test ends.
func silent(t *testing.T, at string) *model.Config {
	t.Helper()
	block := make(chan struct{})
	s := &mailServer{replies: func(command string) string {
		if strings.HasPrefix(command, at) {
			<-block
		}
		return ""
	}}
	c := through(s.start(t))
	t.Cleanup(func() { close(block) })
	return c
}

func TestSilentServers(t *testing.T) {
	for _, at := range []string{"EHLO", "RCPT", "."} {
		t.Run(at, func(t *testing.T) {
			c := silent(t, at)
			c.Settings.Mail.Timeout = 50 * time.Millisecond
			if err := sendTo(t, &mailer{}, c, "a@x", "text"); !strings.Contains(fmt.Sprint(err), "no answer within 50ms") {
				t.Error(err)
			}
		})
	}
}

func TestCancelledWhileTheServerIsSilent(t *testing.T) {
	c := silent(t, "MAIL")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := (&mailer{}).send(ctx, c, one(model.Route{Address: "a@x"}, incident()))
		ended <- err
	}()
	cancel()
	if err := <-ended; err == nil {
		t.Error("it was sent")
	}
}

func TestEndlessReply(t *testing.T) {
	for _, reply := range []string{strings.Repeat("x", 2*replyLimit), strings.Repeat("220-more\r\n", replyLimit/5)} {
		s := &mailServer{greeting: reply}
		err := sendTo(t, &mailer{}, through(s.start(t)), "a@x", "text")
		if kind(err) != "down" || !strings.Contains(err.Error(), "talks without end") {
			t.Errorf("got %.200v", err)
		}
	}
}

func TestConnectionClosedWhileIdle(t *testing.T) {
	var before atomic.Bool
	s := &mailServer{}
	s.replies = func(command string) string {
		if strings.HasPrefix(command, "RCPT TO:<b@") && !before.Swap(true) {
			return "drop"
		}
		return ""
	}
	c, m := through(s.start(t)), &mailer{}
	for _, to := range []string{"a@x", "b@x"} {
		if err := sendTo(t, m, c, to, "text"); err != nil {
			t.Fatal(err)
		}
	}
	m.rest()
	s.note(func() {
		if s.sessions != 2 || len(s.mails) != 2 {
			t.Errorf("%d mails in %d sessions", len(s.mails), s.sessions)
		}
	})
}

func TestLogIn(t *testing.T) {
	tests := []struct {
		name     string
		offered  string
		password string
		want     string
	}{
		{"plain", "AUTH PLAIN LOGIN", "secret", ""},
		{"login", "AUTH LOGIN", "secret", ""},
		{"wrong password", "AUTH PLAIN", "hunter2", "535 the password *** is wrong"},
		{"wrong password by login", "AUTH LOGIN", "hunter2", "535 the password *** is wrong"},
		{"unknown ways", "AUTH GSSAPI", "secret", "offers no way to log in that is known here: GSSAPI"},
		{"no way", "SIZE 1000", "secret", "does not let anyone log in"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &mailServer{extensions: []string{test.offered}}
			server := s.start(t)
			server.Username, server.Password = "ann", test.password
			m := &mailer{}
			err := sendTo(t, m, through(server), "a@x", "text")
			m.rest()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(plain(err), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if text := fmt.Sprint(err); strings.Contains(text, test.password) || strings.Contains(text, encode("\x00ann\x00"+test.password)) {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	config, file := certificate(t)
	tests := []struct {
		name string
		tls  model.TLS
		want string
	}{
		{"unverified", model.TLS{}, ""},
		{"verified", model.TLS{Verify: true, CAFile: file}, ""},
		{"unknown authority", model.TLS{Verify: true}, "cannot set up TLS: x509: certificate signed by unknown authority"},
		{"ciphers", model.TLS{Ciphers: "HIGH"}, ""},
		{"no usable ciphers", model.TLS{Ciphers: "RC4-MD5"}, "cannot use ciphers RC4-MD5: none of them is supported"},
		{"no such client certificate", model.TLS{ClientPEM: file + "x"}, "cannot read certificates"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &mailServer{tls: config, implicit: true}
			server := s.start(t)
			server.TLS = &test.tls
			m := &mailer{}
			err := sendTo(t, m, through(server), "a@x", "text")
			m.rest()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(plain(err), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// STARTTLS belongs to two ports that a test cannot count on, so the conversation is led over a pipe.
func TestStartTLS(t *testing.T) {
	config, file := certificate(t)
	for _, port := range []int{587, 2525, 0} {
		offered := port != 0
		s := &mailServer{tls: config}
		if offered {
			s.extensions = []string{"STARTTLS"}
		}
		near, far := net.Pipe()
		done := make(chan struct{})
		go func() { s.serve(far); far.Close(); close(done) }()
		session := &session{
			timeout: time.Minute, conn: &limitedConn{Conn: near}, cancel: func() bool { return true },
			server: model.MailServer{
				Host: "mail.example.org", Port: port, StartTLS: port == 2525, TLS: &model.TLS{Verify: true, CAFile: file},
			},
		}
		err := session.converse("web1")
		if offered {
			if err == nil {
				_, err = session.deliver(message{from: "o@x", to: "a@x", data: []byte("hello\r\n")})
			}
			if err != nil {
				t.Error(err)
			}
			session.quit()
		} else if err == nil || !strings.Contains(err.Error(), "does not offer STARTTLS") {
			t.Errorf("got %v", err)
		}
		session.close()
		<-done
		want := "EHLO,STARTTLS,EHLO,MAIL,RCPT,DATA,QUIT"
		if !offered {
			want = "EHLO"
		}
		var verbs []string
		for _, c := range s.commands {
			verb, _, _ := strings.Cut(c, " ")
			verbs = append(verbs, verb)
		}
		if got := strings.Join(verbs, ","); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A thousand failures at once leave over few connections, each once and in order.
func TestStorm(t *testing.T) {
	const n = 1000
	s := &mailServer{extensions: []string{"PIPELINING"}, expected: n, full: make(chan struct{})}
	c := through(s.start(t))
	c.Routes = to("a@x").Routes
	journal := newMemory()
	a := New(Options{Journal: journal, Means: Means{Log: discard}, Report: func(ev model.Event) { t.Errorf("reported %v", ev) }})
	a.Configure(c)
	for i := range n {
		journal.append(model.Event{At: time.Now(), Host: "web1", Service: fmt.Sprint("s", i), Kind: model.EventFailed, Text: "x"})
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- a.Run(ctx) }()
	<-s.full
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	s.note(func() {
		if len(s.mails) != n || s.sessions > n/mailsPerSession {
			t.Fatalf("%d mails over %d connections", len(s.mails), s.sessions)
		}
		for i, mail := range s.mails {
			if !strings.Contains(mail.data, fmt.Sprintf("Service s%d\r\n", i)) {
				t.Fatalf("mail %d is\n%s", i, mail.data)
			}
		}
	})
	if got := journal.Cursor("mail"); got != n {
		t.Errorf("the cursor is %d", got)
	}
}
