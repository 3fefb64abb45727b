package probe

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"orderly/internal/model"
)

func TestRealRsync(t *testing.T) { // P-rsync
	path := installed(t, "rsync")
	dir := t.TempDir()
	file(t, dir, "motd", "hello\nthere\n")
	conf := file(t, dir, "rsyncd.conf", fmt.Sprintf("use chroot = no\nlog file = %[1]s/log\nmotd file = %[1]s/motd\n[web]\npath = %[1]s\n[db]\npath = %[1]s\n", dir))
	p := here(t, "rsync")
	run(t, p, path, "--daemon", "--no-detach", "--address", p.Host, "--port", strconv.Itoa(p.Port), "--config", conf)
}

func TestRealFail2ban(t *testing.T) { // P-fail2ban
	path := installed(t, "fail2ban")
	dir := t.TempDir()
	p := &model.Probe{Kind: model.ProbeSocket, Path: filepath.Join(dir, "s"), Protocol: "fail2ban"}
	file(t, dir, "fail2ban.conf", fmt.Sprintf("[Definition]\nloglevel = INFO\nlogtarget = %[1]s/log\nsyslogsocket = auto\nsocket = %[1]s/s\npidfile = %[1]s/pid\ndbfile = None\ndbpurgeage = 1d\ndbmaxmatches = 1\n", dir))
	file(t, dir, "jail.conf", "[DEFAULT]\n")
	run(t, p, path, "-f", "--async", "-c", dir, "start")
}

func TestRealApache(t *testing.T) { // P-apache-status
	path := installed(t, "apache2-bin")
	dir := open(t)
	p := here(t, "apache-status")
	conf := file(t, dir, "httpd.conf", fmt.Sprintf(`
ServerRoot %[1]s
ServerName localhost
Listen 127.0.0.1:%[2]d
PidFile %[1]s/pid
ErrorLog %[1]s/log
DocumentRoot %[1]s
User nobody
Group nogroup
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule status_module /usr/lib/apache2/modules/mod_status.so
<Location /server-status>
  SetHandler server-status
</Location>
`, dir, p.Port))
	run(t, p, path, "-f", conf, "-DFOREGROUND")
	p.Params = limit("waitlimit", model.Less, "1")
	mustPass(t, Run(t.Context(), p))
	p.Params = limit("waitlimit", model.Greater, "1")
	mustFail(t, Run(t.Context(), p), "are waiting for connections, waitlimit > 1%")
	p.Params = model.Params{param("path", "/nothing")}
	mustFail(t, Run(t.Context(), p), "HTTP status 404 from http://"+p.Host+":"+strconv.Itoa(p.Port)+"/nothing?auto, expected = 200")
}

func TestRealSpamd(t *testing.T) { // P-spamassassin
	path := installed(t, "spamd")
	dir := open(t)
	file(t, dir, "one.pre", "loadplugin Mail::SpamAssassin::Plugin::Check\n")
	file(t, dir, "one.cf", "header ONE Subject =~ /one/\nscore ONE 1\n")
	p := here(t, "spamassassin")
	run(t, p, path, "-i", p.Host, "-p", strconv.Itoa(p.Port), "-L", "-x", "-u", "nobody", "-m", "1", "--min-children", "1",
		"--configpath", dir, "--siteconfigpath", dir, "-s", "stderr")
}

func TestRealPostgrey(t *testing.T) { // P-postfix-policy
	path := installed(t, "postgrey")
	dir := open(t)
	p := here(t, "postfix-policy")
	run(t, p, path, "--inet="+net.JoinHostPort(p.Host, strconv.Itoa(p.Port)), "--dbdir="+dir, "--user=nobody", "--group=nogroup")
}

func TestRealKamailio(t *testing.T) { // P-sip
	path := installed(t, "kamailio")
	modules, _ := filepath.Glob("/usr/lib/*/kamailio/modules")
	if len(modules) == 0 {
		t.Skip("kamailio has no modules")
	}
	dir := open(t)
	p := here(t, "sip")
	conf := file(t, dir, "kamailio.cfg", fmt.Sprintf(`
mpath="%[1]s/"
loadmodule "sl.so"
children=1
tcp_children=1
log_stderror=yes
listen=udp:127.0.0.1:%[2]d
listen=tcp:127.0.0.1:%[2]d
request_route {
  if (method == "OPTIONS" && uri =~ "^sip:nobody@") { sl_send_reply("200", "Well"); exit; }
  sl_send_reply("404", "Who?");
}
`, modules[0], p.Port))
	run(t, p, path, "-f", conf, "-DD", "-E", "-Y", dir, "-m", "16", "-M", "4")
	for _, p.UDP = range []bool{false, true} {
		p.Params = nil
		mustPass(t, Run(t.Context(), p))
		p.Params = model.Params{param("target", "somebody@example.com")}
		mustFail(t, Run(t.Context(), p), "SIP status 404")
	}
}

func TestRealClamd(t *testing.T) { // P-clamav
	path := installed(t, "clamav-daemon")
	dir := open(t)
	file(t, dir, "one.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Test\n")
	p := here(t, "clamav")
	conf := file(t, dir, "clamd.conf", fmt.Sprintf("Foreground yes\nDatabaseDirectory %s\nTCPSocket %d\nTCPAddr %s\n", dir, p.Port, p.Host))
	run(t, p, path, "-c", conf)
}

func TestRealWebSocket(t *testing.T) { // P-websocket
	installed(t, "python3-websockets")
	const path = "/usr/bin/python3"
	p := here(t, "websocket")
	p.Params = model.Params{param("origin", "http://localhost")}
	program := fmt.Sprintf(`
import asyncio, websockets
async def handle(s):
    await s.send("news")
    async for _ in s: pass
async def main():
    async with websockets.serve(handle, "127.0.0.1", %d, origins=["http://localhost"]):
        await asyncio.Future()
asyncio.run(main())
`, p.Port)
	run(t, p, path, "-c", program)
	for _, tt := range []struct{ origin, version, want string }{
		{"http://localhost", "13", ""},
		{"http://example.com", "13", "HTTP status 403"},
		{"http://localhost", "0", "HTTP status 4"},
	} {
		p.Params = model.Params{param("version", tt.version), param("origin", tt.origin)}
		check(t, p, tt.want)
	}
}

func TestRealOpenSSH(t *testing.T) { // P-ssh
	path := installed(t, "openssh-server")
	needRoot(t)
	dir := t.TempDir()
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where it locks itself in, made at each boot
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key")
	prepare(t, "/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	p := here(t, "ssh")
	run(t, p, path, "-D", "-e", "-f", "/dev/null", "-h", key, "-p", strconv.Itoa(p.Port), "-o", "ListenAddress="+p.Host, "-o", "PidFile=none")
}

func TestRealVsftpd(t *testing.T) { // P-ftp
	path := installed(t, "vsftpd")
	needRoot(t)
	dir := t.TempDir()
	for _, implicit := range []string{"NO", "YES"} {
		p := here(t, "ftp")
		if implicit == "YES" {
			p.TLS = &model.TLS{}
		}
		conf := file(t, dir, "conf", fmt.Sprintf("listen=YES\nlisten_address=%s\nlisten_port=%d\nbackground=NO\nanonymous_enable=YES\n"+
			"secure_chroot_dir=%s\nssl_enable=%s\nimplicit_ssl=%[4]s\nrsa_cert_file=%s\n", p.Host, p.Port, dir, implicit, pair(t, dir)))
		run(t, p, path, conf)
		if p.TLS != nil {
			checkTLS(t, p)
		}
	}
}

// TestRealXinetd has the servers that are old enough to be started for each connection.
func TestRealXinetd(t *testing.T) { // P-rdate, P-nntp
	path := installed(t, "xinetd")
	news := installed(t, "sn")
	needRoot(t)
	dir := t.TempDir()
	service := func(name string, port int, rest string) string {
		return fmt.Sprintf("service %s\n{\nport = %d\nbind = 127.0.0.1\nuser = root\n%s\n}\n", name, port, rest)
	}
	p, nntp, closed := here(t, "rdate"), here(t, "nntp"), here(t, "nntp")
	serve := "type = UNLISTED\nsocket_type = stream\nprotocol = tcp\nwait = no\nserver = " + news + "\nserver_args = dd of=/dev/null status=none\nenv = SNROOT=" + dir
	run(t, p, path, "-dontfork", "-filelog", filepath.Join(dir, "log"), "-f", file(t, dir, "conf", "defaults\n{\n}\n"+
		service("time", p.Port, "type = INTERNAL UNLISTED\nid = stream\nsocket_type = stream\nprotocol = tcp\nwait = no")+
		service("time", p.Port, "type = INTERNAL UNLISTED\nid = dgram\nsocket_type = dgram\nprotocol = udp\nwait = yes")+
		service("news", nntp.Port, serve+" POSTING_OK=")+service("old-news", closed.Port, serve)))
	p.UDP = true
	check(t, p, "")
	check(t, nntp, "")
	check(t, closed, `it says "201 `)
}

func TestRealGpsd(t *testing.T) { // P-gps
	path := installed(t, "gpsd")
	p := here(t, "gps")
	run(t, p, path, "-N", "-n", "-F", filepath.Join(t.TempDir(), "control"), "-S", strconv.Itoa(p.Port))
}
