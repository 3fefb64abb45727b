package alert

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"reflect"
	"time"

	"orderly/internal/model"
)

func init() {
	channels["mail"] = channel{open: func(Means) sender { return &mailer{} }, outlet: mailOutlet, fits: mailFits, hosts: mailHosts}
}

// mailOutlet names the server that a route has of its own: who is not served by it does not wait for it.
func mailOutlet(r model.Route) string {
	if r.Server == nil {
		return "mail"
	}
	return fmt.Sprintf("mail via %s@%s:%d", r.Server.Username, r.Server.Host, r.Server.Port)
}

// mailHosts are the mail servers that a route may take.
func mailHosts(c *model.Config, r model.Route) (out []string) {
	servers := c.Settings.Mail.Servers
	if r.Server != nil {
		servers = []model.MailServer{*r.Server}
	}
	for _, s := range servers {
		out = append(out, s.Host)
	}
	return out
}

const (
	mailsPerSession    = 100 // some servers refuse more on one connection
	defaultMailTimeout = 5 * time.Second
)

// mailer sends mail through the first server that answers, and keeps the connection for what follows.
type mailer struct {
	session *session   // nil while resting
	mail    model.Mail // the settings the session was opened with
	sent    int
}

func (m *mailer) send(ctx context.Context, c *model.Config, p parcel) (string, error) {
	r, mail := p.route, c.Settings.Mail
	if r.Server != nil {
		mail.Servers = []model.MailServer{*r.Server}
	}
	if len(mail.Servers) == 0 {
		return "", fmt.Errorf("%w: no server is set", errNoWay)
	}
	msg := renderParcel(c, p)
	if m.session != nil && (m.sent >= mailsPerSession || !reflect.DeepEqual(m.mail, mail)) {
		m.rest()
	}
	kept := m.session != nil
	reply, err := m.attempt(ctx, mail, c.Settings.Host, msg)
	if err != nil && kept && m.session == nil {
		// The server had closed the connection while it was idle: that says nothing about the message.
		return m.attempt(ctx, mail, c.Settings.Host, msg)
	}
	return reply, err
}

// attempt hands the message over. When the session is of no use any more, it is gone afterwards.
func (m *mailer) attempt(ctx context.Context, mail model.Mail, host string, msg message) (string, error) {
	if m.session == nil {
		s, err := openAny(ctx, mail, host)
		if err != nil {
			return "", err
		}
		m.session, m.mail, m.sent = s, mail, 0
	}
	s := m.session
	reply, err := s.deliver(msg)
	if err == nil {
		m.sent++
		return reply, nil
	}
	refusal, refused := answer(err)
	if !refused || s.reset() != nil {
		s.close()
		m.session = nil
	}
	switch {
	case !refused:
	case refusal.Code >= 500:
		err = fmt.Errorf("%w: %w", errHopeless, err)
	default:
		err = fmt.Errorf("%w: %w", errLater, err)
	}
	return "", s.private(err)
}

// answer finds out whether the server refused one message in an orderly way. It did not when it is about to hang up
// or wants to know who we are: that befalls all messages.
func answer(err error) (reply *textproto.Error, refused bool) {
	if !errors.As(err, &reply) {
		return nil, false
	}
	switch reply.Code {
	case 421, 530, 534, 535, 538:
		return reply, false
	}
	return reply, reply.Code >= 400 && reply.Code < 600
}

func (m *mailer) rest() {
	if m.session != nil {
		m.session.quit()
		m.session = nil
	}
}

// openAny opens a session with the first server that lets us in.
func openAny(ctx context.Context, mail model.Mail, host string) (*session, error) {
	var errs []error
	for _, server := range mail.Servers {
		s, err := openSession(ctx, server, mail, host)
		if err == nil {
			return s, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}
