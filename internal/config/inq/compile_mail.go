package inq

import (
	"net"
	"net/netip"
	"strings"

	"orderly/internal/model"
)

const (
	gmailServer = "smtp.gmail.com"
	plainPort   = 25  // where mail is taken without a login
	loginPort   = 587 // and with one
	tlsPort     = 465
	exampleHost = "@example.com" // nobody is there
)

// email is a route by mail. The server of the first one serves all routes that name none of their own.
func (c *compiler) email(r *route, _ []string) []model.Route {
	server, ok := c.mailServer(r)
	if !ok {
		return nil
	}
	var out []model.Route
	to, _ := r.params.find("to_email", old("to_email"))
	for address := range strings.SplitSeq(to.value.Text, ",") {
		address = strings.TrimSpace(address)
		user, host, _ := strings.Cut(address, "@")
		switch {
		case user == "" || host == "" || strings.ContainsAny(address, " \t\r\n<>"):
			c.errorf(to.value.Span, "address", "%s is no mail address", quoted(address))
		case strings.Contains(strings.ToLower(address), exampleHost):
			c.warnf(to.value.Span, "example", "nothing is mailed to %s", quoted(address)).
				Hinted("addresses of example.com are for examples; write your own")
		default:
			out = append(out, model.Route{
				Channel: "mail", Address: address, Topics: model.AllTopics, Server: c.ownServer(server),
				Format: model.MailFormat{From: r.params.get("from_email", old("from_email")), Style: model.StyleInspeqtor},
				Pos:    r.span.Pos(),
			})
		}
	}
	return out
}

// ownServer makes a server the one for all routes, unless there is another one already.
func (c *compiler) ownServer(server model.MailServer) *model.MailServer {
	mail := &c.made.Config.Settings.Mail
	if len(mail.Servers) == 0 {
		mail.Servers = []model.MailServer{server}
		mail.Timeout = c.made.Config.Settings.Limits.NetworkTimeout
	}
	if sameServer(server, mail.Servers[0]) {
		return nil
	}
	return &server
}

// sameServer compares all that mail servers of Inspeqtor can differ in.
func sameServer(a, b model.MailServer) bool {
	return a.Host == b.Host && a.Port == b.Port && a.Username == b.Username && a.Password == b.Password
}

// mailServer is the server of a route. Where a login is needed, nothing leaves in plain text but to this host.
func (c *compiler) mailServer(r *route) (s model.MailServer, ok bool) {
	s = model.MailServer{Host: r.params.get("smtp_server", old("smtp_server")), Port: plainPort}
	s.Username, s.Password = r.params.get("username"), r.params.get("password")
	if host, port, err := net.SplitHostPort(s.Host); err == nil {
		s.Host = host
		if s.Port, ok = readCount(port, maxPort); !ok {
			at, _ := r.params.find("smtp_server", old("smtp_server"))
			c.errorf(at.value.Span, "number", "%s is no port", quoted(port))
			return s, false
		}
	}
	if r.channel.Text == "gmail" {
		s.Host = gmailServer
	}
	if s.Username == "" {
		return s, true
	}
	if s.Port == plainPort {
		s.Port = loginPort
	}
	if port, given := r.params.find("tls_port"); given {
		if s.Port, ok = readCount(port.value.Text, maxPort); !ok {
			c.errorf(port.value.Span, "number", "%s is no port", quoted(port.value.Text))
			return s, false
		}
	}
	if !isLoopback(s.Host) {
		s.TLS = &model.TLS{Verify: true}
		s.StartTLS = s.Port != plainPort && s.Port != loginPort && s.Port != tlsPort
	}
	return s, true
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
