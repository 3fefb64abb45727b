package alert

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"orderly/internal/model"
)

// ErrRefused means that a mail server will never take a letter: trying again is of no use.
var ErrRefused = errHopeless

// A Letter is a mail that is about no event: it goes to somebody who asked for it, in plain text.
type Letter struct {
	ID      string // the same for every attempt
	To      string
	Subject string
	Text    string
	At      time.Time
	Leave   string // URL that ends the subscription when it is posted to (RFC 8058); "": there is none
}

// A Postman sends letters through the servers that mail leaves through, and keeps the connection until Rest. It serves one
// goroutine.
type Postman struct{ mailer mailer }

// Send returns when a server has taken the letter. Each step has the deadline of Settings.Mail.
func (p *Postman) Send(ctx context.Context, c *model.Config, l Letter) error {
	m, mail := &p.mailer, c.Settings.Mail
	if len(mail.Servers) == 0 {
		return fmt.Errorf("%w: no server is set", errNoWay)
	}
	if m.session != nil && m.sent >= mailsPerSession {
		m.rest()
	}
	kept := m.session != nil
	msg := l.render(c)
	_, err := m.attempt(ctx, mail, c.Settings.Host, msg)
	if err != nil && kept && m.session == nil && !errors.Is(err, errHopeless) {
		_, err = m.attempt(ctx, mail, c.Settings.Host, msg) // the server had closed the connection while it was idle
	}
	return err
}

// Rest closes the connection.
func (p *Postman) Rest() { p.mailer.rest() }

// render makes a mail of a letter.
func (l Letter) render(c *model.Config) message {
	host := c.Settings.Host
	from := strings.ReplaceAll(cmp.Or(c.Settings.Mail.Format.From, "orderly@$HOST"), "$HOST", host)
	sender, to := parseAddress(from), parseAddress(l.To)
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	if reply := c.Settings.Mail.Format.ReplyTo; reply != "" {
		header("Reply-To", parseAddress(reply).header())
	}
	header("From", sender.header())
	header("To", to.header())
	header("Subject", headerText(l.Subject))
	header("Date", l.At.UTC().Format(time.RFC1123Z))
	header("X-Mailer", "orderly")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "8bit")
	header("Auto-Submitted", "auto-generated")
	if leave := envelopeText(l.Leave); leave != "" {
		header("List-Unsubscribe", "<"+leave+">")
		header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	header("Message-Id", "<"+messageHost(l.ID)+"@"+messageHost(cmp.Or(c.Settings.Mail.Hello, host))+">")
	b.WriteString("\r\n")
	writeBody(&b, l.Text)
	return message{from: sender.addr, to: to.addr, data: b.Bytes()}
}
