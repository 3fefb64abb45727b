package probe

import (
	"context"
	"strings"

	"orderly/internal/model"
)

// policyRequest asks about a mail that nobody will ever send, from an address that belongs to nobody (RFC 2606, RFC 5737).
const policyRequest = "request=smtpd_access_policy\n" +
	"protocol_state=RCPT\n" +
	"protocol_name=SMTP\n" +
	"helo_name=client.example.com\n" +
	"sender=sender@example.com\n" +
	"recipient=recipient@example.org\n" +
	"client_address=192.0.2.1\n" +
	"client_name=client.example.com\n" +
	"\n"

// The attributes are in Postfix' SMTPD_POLICY_README.
var _ = register(Protocol{
	Name: "postfix-policy", Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Send(policyRequest); err != nil {
			return err
		}
		line, err := c.Line()
		if err != nil {
			return err
		}
		if action, found := strings.CutPrefix(line, "action="); !found || action == "" {
			return unexpected(line, "action=DUNNO")
		}
		return nil
	},
})
