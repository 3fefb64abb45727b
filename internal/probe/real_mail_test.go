package probe

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"orderly/internal/model"
)

// dovecot is the configuration of a Dovecot that lets everybody in who knows the password "topsecret".
const dovecot = `
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
ssl = yes
ssl_cert = <%[2]s
ssl_key = <%[2]s
mail_location = maildir:%[1]s/mail
auth_mechanisms = plain login
disable_plaintext_auth = no
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
passdb {
  driver = static
  args = password=topsecret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=%[1]s/mail
}
`

// twice is a service of Dovecot that listens at two ports, at the second of which TLS comes first.
func twice(service, name string, plain, secret *model.Probe) string {
	listener := func(name string, p *model.Probe, ssl string) string {
		return fmt.Sprintf("  inet_listener %s {\n    address = %s\n    port = %d\n    ssl = %s\n  }\n", name, p.Host, p.Port, ssl)
	}
	return fmt.Sprintf("service %s {\n%s%s}\n", service, listener(name, plain, "no"), listener(name+"s", secret, "yes"))
}

func TestRealDovecot(t *testing.T) { // P-imap, P-imaps, P-imap-starttls, P-pop, P-pops, P-lmtp, P-sieve
	for _, pkg := range []string{"dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd", "dovecot-managesieved"} {
		installed(t, pkg)
	}
	needRoot(t)
	dir := open(t)
	conf := fmt.Sprintf(dovecot, dir, pair(t, dir)) + "protocols = imap pop3 lmtp sieve\n"
	imap, imaps := wellKnown(t, "imap", 143), here(t, "imap")
	pop, pops, lmtp, lmtps, sieve, sieves := here(t, "pop"), here(t, "pop"), here(t, "lmtp"), here(t, "lmtp"), here(t, "sieve"), here(t, "sieve")
	conf += twice("imap-login", "imap", imap, imaps) + twice("pop3-login", "pop3", pop, pops) +
		twice("lmtp", "lmtp", lmtp, lmtps) + twice("managesieve-login", "sieve", sieve, sieves)
	run(t, imap, "/usr/sbin/dovecot", "-F", "-c", file(t, dir, "dovecot.conf", conf))
	for _, p := range []*model.Probe{imap, pop, lmtp, sieve} {
		check(t, p, "")
	}
	for _, p := range []*model.Probe{imap, imaps, pops, lmtps} { // its sieve does not greet where TLS comes first
		checkTLS(t, p)
	}
	imap.Protocol, pop.Protocol = "pop", "imap"
	check(t, imap, `it says "* OK `)
	check(t, pop, `it says "+OK `)
}

// Postfix asks Dovecot who may log in.
func TestRealPostfix(t *testing.T) { // P-smtp, P-smtps, P-smtp-starttls, P-smtp-auth
	path := installed(t, "postfix")
	installed(t, "dovecot-imapd")
	needRoot(t)
	dir := open(t)
	p, smtps := wellKnown(t, "smtp", 25), here(t, "smtp")
	for _, d := range []string{"etc", "spool", "data"} {
		prepare(t, "/bin/mkdir", filepath.Join(dir, d))
	}
	prepare(t, "/bin/chown", "postfix", filepath.Join(dir, "data"))
	prepare(t, "/bin/chmod", "755", filepath.Join(dir, "spool"), filepath.Join(dir, "etc"), dir, filepath.Dir(dir))

	imap, cert := here(t, "imap"), pair(t, dir)
	run(t, imap, "/usr/sbin/dovecot", "-F", "-c", file(t, dir, "dovecot.conf", fmt.Sprintf(dovecot, dir, cert)+
		fmt.Sprintf("protocols = imap\nservice imap-login {\n  inet_listener imap {\n    port = %d\n  }\n  inet_listener imaps {\n    port = 0\n  }\n}\n", imap.Port)+
		fmt.Sprintf("service auth {\n  unix_listener %s/auth {\n    mode = 0666\n  }\n}\n", dir)))

	file(t, filepath.Join(dir, "etc"), "main.cf", fmt.Sprintf(`
compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
maillog_file_prefixes = %[1]s
maillog_file = %[1]s/log
myhostname = mail.example.com
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
smtpd_tls_cert_file = %[2]s
smtpd_tls_key_file = %[2]s
smtpd_error_sleep_time = 0
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = %[1]s/auth
`, dir, cert))
	file(t, filepath.Join(dir, "etc"), "master.cf", fmt.Sprintf(`
%s:25 inet n - n - - smtpd
127.0.0.1:%d inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
`, p.Host, smtps.Port))
	prepare(t, path, "-c", filepath.Join(dir, "etc"), "check") // makes what is missing in the queue directory
	run(t, p, "/usr/lib/postfix/sbin/master", "-d", "-c", filepath.Join(dir, "etc"))
	check(t, p, "")
	checkTLS(t, p)
	checkTLS(t, smtps)
	login := *p
	for _, login.TLS = range []*model.TLS{nil, {}} {
		login.Params = model.Params{param("username", "joe"), param("password", "topsecret")}
		check(t, &login, "")
		login.Params[1].Value = "wrong-password"
		check(t, &login, `it says "535 `)
		if r := Run(t.Context(), &login); strings.Contains(r.Summary+r.Evidence, "wrong-password") {
			t.Errorf("the password is told: %+v", r)
		}
	}
}
