package monit

import (
	"strings"

	"orderly/internal/model"
)

// smtpPort is where mail servers listen.
const smtpPort = 25

func (c *compiler) setMailServer(s *SetMailServer) {
	mail := &c.made.Config.Settings.Mail
	mail.Timeout = c.timeout(s.Timeout, c.limits.NetworkTimeout)
	mail.Hello = s.Hostname.Text
	for _, server := range s.Servers {
		m := model.MailServer{
			Host: server.Host.Text, Port: smtpPort,
			Username: server.Username.Text, Password: server.Password.Text,
			TLS: c.tlsOf(server.TLS, false),
		}
		if server.Port.Given() {
			m.Port = server.Port.Int()
		}
		mail.Servers = append(mail.Servers, m)
	}
}

func mailFormat(f MailFormat) model.MailFormat {
	return model.MailFormat{
		From: mailAddress(f.From), ReplyTo: mailAddress(f.ReplyTo),
		Subject: f.Subject.Text, Message: f.Message.Text,
	}
}

func mailAddress(a Address) string {
	if a.Name == "" {
		return a.Mail
	}
	return `"` + strings.NewReplacer(`"`, "", `\`, "").Replace(a.Name) + `" <` + a.Mail + ">"
}

// route is a recipient of events.
func (c *compiler) route(a *Alert) model.Route {
	r := model.Route{
		Channel: "mail", Address: a.Address.Text, Topics: model.AllTopics,
		Reminder: model.Reminder{Cycles: a.Reminder.Int()}, Format: mailFormat(a.Format), Mute: a.Mute, Pos: a.Pos().Pos(),
	}
	if a.Filter.Given() {
		var named model.Topics
		for _, t := range a.Filter.Topics {
			named |= t.Topic.Bit()
		}
		r.Topics = named
		if a.Filter.Not {
			r.Topics = model.AllTopics &^ named
		}
	}
	return r
}
