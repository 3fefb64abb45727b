package probe

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"orderly/internal/model"
)

// A peer is a real server that protocols are tested with.
type peer struct {
	name      string
	pkg       string // of Debian
	path      string // of its program; may be a pattern
	protocols []string
}

// peers are found where Debian puts them; a test whose peer is missing is skipped. What is documented of protocols and
// what test/install-peers installs are held against this table.
var peers = []peer{
	{"nginx", "nginx", "/usr/sbin/nginx", []string{"http", "https", "nginx-status"}},
	{"Apache", "apache2-bin", "/usr/sbin/apache2", []string{"apache-status"}},
	{"websockets", "python3-websockets", "/usr/lib/python3/dist-packages/websockets", []string{"websocket"}},
	{"Postfix", "postfix", "/usr/sbin/postfix", []string{"smtp"}},
	{"Dovecot", "dovecot-imapd", "/usr/lib/dovecot/imap", []string{"imap"}},
	{"Dovecot", "dovecot-pop3d", "/usr/lib/dovecot/pop3", []string{"pop"}},
	{"Dovecot", "dovecot-lmtpd", "/usr/lib/dovecot/lmtp", []string{"lmtp"}},
	{"Dovecot", "dovecot-managesieved", "/usr/lib/dovecot/managesieve", []string{"sieve"}},
	{"Postgrey", "postgrey", "/usr/sbin/postgrey", []string{"postfix-policy"}},
	{"SpamAssassin", "spamd", "/usr/sbin/spamd", []string{"spamassassin"}},
	{"ClamAV", "clamav-daemon", "/usr/sbin/clamd", []string{"clamav"}},
	{"MariaDB", "mariadb-server", "/usr/sbin/mariadbd", []string{"mysql", "mysqls", "mysql-status"}},
	{"PostgreSQL", "postgresql", "/usr/lib/postgresql/*/bin/postgres", []string{"pgsql", "postgresql-status"}},
	{"Redis", "redis-server", "/usr/bin/redis-server", []string{"redis", "redis-status"}},
	{"Memcached", "memcached", "/usr/bin/memcached", []string{"memcache", "memcached-status"}},
	{"BIND", "bind9", "/usr/sbin/named", []string{"dns"}},
	{"OpenLDAP", "slapd", "/usr/sbin/slapd", []string{"ldap2", "ldap3"}},
	{"FreeRADIUS", "freeradius", "/usr/sbin/freeradius", []string{"radius"}},
	{"OpenSSH", "openssh-server", "/usr/sbin/sshd", []string{"ssh"}},
	{"vsftpd", "vsftpd", "/usr/sbin/vsftpd", []string{"ftp"}},
	{"rsync", "rsync", "/usr/bin/rsync", []string{"rsync"}},
	{"Mosquitto", "mosquitto", "/usr/sbin/mosquitto", []string{"mqtt"}},
	{"Kamailio", "kamailio", "/usr/sbin/kamailio", []string{"sip"}},
	{"chrony", "chrony", "/usr/sbin/chronyd", []string{"ntp3"}},
	{"xinetd", "xinetd", "/usr/sbin/xinetd", []string{"rdate"}},
	{"sn", "sn", "/usr/sbin/snntpd.bin", []string{"nntp"}},
	{"gpsd", "gpsd", "/usr/sbin/gpsd", []string{"gps"}},
	{"Fail2ban", "fail2ban", "/usr/bin/fail2ban-server", []string{"fail2ban"}},
}

// installed is the path of the program of a peer, and skips the test where there is none.
func installed(t *testing.T, pkg string) string {
	t.Helper()
	i := slices.IndexFunc(peers, func(p peer) bool { return p.pkg == pkg })
	if i < 0 {
		t.Fatalf("%s is none of the peers", pkg)
	}
	found, _ := filepath.Glob(peers[i].path)
	if len(found) == 0 {
		t.Skipf("%s is not installed: %s is missing", peers[i].name, peers[i].path)
	}
	version, _ := exec.Command("dpkg-query", "-W", "-f", "${Version}", pkg).Output()
	t.Logf("%s, package %s %s", peers[i].name, pkg, cmp.Or(string(version), "of unknown version"))
	return found[0]
}

// patience is how long a server may take to come up, and to go.
const patience = 20 * time.Second

// eventually asks until the answer is as wanted, and returns the last one.
func eventually(t *testing.T, p *model.Probe, good func(model.Result) bool, over <-chan struct{}) model.Result {
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		r := Run(t.Context(), p)
		select {
		case <-over:
			return r
		default:
		}
		if good(r) || time.Now().After(end) {
			return r
		}
	}
}

// run starts a real server, waits until the probe finds it well, and at the end of the test stops it, which the probe must
// notice.
func run(t *testing.T, p *model.Probe, path string, args ...string) {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	out, err := os.Create(filepath.Join(cmd.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what it starts goes with it
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
	}()
	asked := *p
	t.Cleanup(func() {
		stop(cmd.Process, ended)
		mustBeDown(t, &asked)
	})
	if r := eventually(t, p, func(r model.Result) bool { return r.OK }, ended); !r.OK {
		text, _ := os.ReadFile(out.Name())
		t.Fatalf("%s does not come up: %s\n%s", path, r.Summary, text)
	}
	t.Logf("%s is up: %s", place(p), p.Protocol)
}

// stop ends a server, which it asks for more than once: some lose a signal that comes while they are busy.
func stop(server *os.Process, ended <-chan struct{}) {
	for range 10 {
		server.Signal(syscall.SIGTERM)
		select {
		case <-ended:
			return
		case <-time.After(time.Second):
		}
	}
	syscall.Kill(-server.Pid, syscall.SIGKILL)
	<-ended
}

// mustBeDown wants the probe of a server that was stopped to fail, because nobody is there.
func mustBeDown(t *testing.T, p *model.Probe) {
	t.Helper()
	p.Timeout = time.Second
	nobody := func(r model.Result) bool {
		return strings.HasSuffix(r.Summary, "connection refused") || strings.HasSuffix(r.Summary, "no such file or directory")
	}
	// The context of the test has ended, and the children of some servers outlive them for a moment.
	var r model.Result
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if r = Run(context.Background(), p); !r.OK && nobody(r) {
			t.Logf("%s is down: %s", place(p), r.Summary)
			return
		}
	}
	t.Errorf("a server was stopped, and the probe of it says %+v", r)
}

// check asks a real server; want is "" for success.
func check(t *testing.T, p *model.Probe, want string) {
	t.Helper()
	r := Run(t.Context(), p)
	if want == "" {
		mustPass(t, r)
	} else {
		mustFail(t, r, want)
	}
	t.Logf("%s %s: %s", place(p), p.Protocol, cmp.Or(r.Summary, "up"))
}

// checkTLS asks a real server over TLS, whose certificate is for localhost and by pair, while p names it by its address.
func checkTLS(t *testing.T, p *model.Probe) {
	t.Helper()
	q := *p
	q.TLS = &model.TLS{}
	r := Run(t.Context(), &q)
	mustPass(t, r)
	if days := r.Readings.Get(model.Certificate).Number(); days < 29.9 || days > 30 {
		t.Errorf("%s %s: certificate valid for %v days", place(p), p.Protocol, days)
	}
	q.TLS = &model.TLS{Verify: true, SelfSigned: true}
	check(t, &q, "the certificate is not for "+q.Host)
	q.TLS = &model.TLS{Checksum: strings.Repeat("0", 40)}
	check(t, &q, "the certificate's checksum is ")
	if q.Host == "127.0.0.1" {
		q.Host, q.Family, q.TLS = "localhost", 4, &model.TLS{Verify: true, SelfSigned: true}
		check(t, &q, "")
	}
}

// here is a probe of a free port of this host.
func here(t *testing.T, protocol string) *model.Probe {
	return &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: closedPort(t), Protocol: protocol, Timeout: 5 * time.Second}
}

// wellKnown is a probe of a port below 1024, at a loopback address that others are unlikely to use. It skips the test where the
// port cannot be had.
func wellKnown(t *testing.T, protocol string, port int) *model.Probe {
	t.Helper()
	pid := os.Getpid()
	host := fmt.Sprintf("127.%d.%d.1", 64+pid>>8&63, pid&255)
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		t.Skip("this test needs a port: ", err)
	}
	l.Close()
	return &model.Probe{Kind: model.ProbePort, Host: host, Port: port, Protocol: protocol, Timeout: 5 * time.Second}
}

// open makes a directory that a server can use which gives up being root.
func open(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// file writes a file for a server and returns its path.
func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// pair writes a certificate for localhost, of thirty days, and its key into one file.
func pair(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "pair.pem")
	writeKeyPair(t, path, selfIssued(t, 30))
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// give hands a directory to the user a server runs as, and skips the test where there is no such user.
func give(t *testing.T, dir, name string) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil || os.Getuid() != 0 {
		t.Skip("this test needs root, and a user", name)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		os.Chown(dir, uid, gid)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("this server has to be started by root")
	}
}

// prepare runs a command that has to succeed.
func prepare(t *testing.T, path string, args ...string) {
	t.Helper()
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, out)
	}
}

// Every peer is installed for the tests, and every protocol has one or is known to have none.
func TestPeers(t *testing.T) {
	text, err := os.ReadFile("../../test/install-peers")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(text))
	tested := map[string]bool{
		"mongodb": true, // Debian has no server of it
		"tns":     true, // nor of this
		"dwp":     true, // which nothing speaks any more

		"memstats-status": true, // programs written in Go speak it; the test of it is one
	}
	for _, p := range peers {
		if !slices.Contains(words, p.pkg) {
			t.Errorf("test/install-peers does not install %s", p.pkg)
		}
		for _, name := range p.protocols {
			tested[name] = true
			if _, ok := Lookup(name); !ok {
				t.Errorf("%s speaks %s, which is no protocol", p.name, name)
			}
		}
	}
	for _, p := range Protocols() {
		if !tested[p.Name] {
			t.Errorf("%s is not tested with a real server", p.Name)
		}
	}
}
