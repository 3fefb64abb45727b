package probe

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestRealPostgreSQL(t *testing.T) { // P-pgsql, P-pgsql-auth
	bin, dir := filepath.Dir(installed(t, "postgresql")), t.TempDir()
	give(t, dir, "postgres")
	as := func(args ...string) []string { return append([]string{"-u", "postgres", "--"}, args...) }
	data := filepath.Join(dir, "data")
	prepare(t, "/sbin/runuser", as(bin+"/initdb", "-D", data, "-A", "trust", "--no-sync")...)
	p := here(t, "pgsql")
	p.Params = model.Params{param("username", "postgres")} // while it starts it refuses everybody
	os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte("local all all trust\n"+
		"host all hashed all md5\nhost all clear all password\nhost all scram all scram-sha-256\nhost all postgres all trust\n"), 0o644)
	run(t, p, "/sbin/runuser", as(bin+"/postgres", "-D", data, "-p", strconv.Itoa(p.Port), "-k", dir, "-c", "listen_addresses=127.0.0.1")...)
	prepare(t, "/sbin/runuser", as(bin+"/psql", "-h", dir, "-p", strconv.Itoa(p.Port), "-c",
		"set password_encryption = md5; create role hashed login password 'topsecret'; create role clear login password 'topsecret';"+
			"set password_encryption = 'scram-sha-256'; create role scram login password 'topsecret'", "postgres")...)

	for _, tt := range []struct{ user, password, database, want string }{
		{"postgres", "", "", ""},
		{"postgres", "", "nothing", `it refuses: "database \"nothing\" does not exist"`},
		{"hashed", "topsecret", "postgres", ""},
		{"hashed", "wrong", "postgres", `it refuses: "password authentication failed for user \"hashed\""`},
		{"clear", "topsecret", "postgres", ""},
		{"clear", "wrong", "postgres", `it refuses: "password authentication failed for user \"clear\""`},
		{"scram", "topsecret", "postgres", ""},
		{"", "", "postgres", `it refuses: "no pg_hba.conf entry for host`},
	} {
		t.Run(tt.user+" "+tt.password+" "+tt.database, func(t *testing.T) {
			p := *p
			p.Params = model.Params{param("username", tt.user), param("password", tt.password), param("database", tt.database)}
			check(t, &p, tt.want)
		})
	}
}

func TestRealMariaDB(t *testing.T) { // P-mysql, P-mysql-native, P-mysqls
	path := installed(t, "mariadb-server")
	dir := t.TempDir()
	give(t, dir, "mysql")
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "s")
	prepare(t, "/usr/bin/mariadb-install-db", "--no-defaults", "--datadir="+data, "--user=mysql", "--skip-test-db", "--auth-root-authentication-method=socket")
	cert := pair(t, dir)
	p := here(t, "mysql")
	run(t, p, path, "--no-defaults", "--user=mysql", "--datadir="+data, "--socket="+socket, "--port="+strconv.Itoa(p.Port),
		"--bind-address=127.0.0.1", "--ssl-cert="+cert, "--ssl-key="+cert, "--plugin-load-add=auth_ed25519")
	prepare(t, "/usr/bin/mariadb", "--no-defaults", "--socket="+socket, "-e",
		"create user joe identified by 'topsecret'; create user nobody identified by '';"+
			"create user curve identified via ed25519 using password('topsecret'); create user safe identified by 'topsecret' require ssl")

	for _, tt := range []struct{ user, password, want, overTLS string }{
		{"", "", "", ""},
		{"joe", "topsecret", "", ""},
		{"joe", "wrong", "it refuses with error 1045: \"Access denied for user 'joe'", "it refuses with error 1045"},
		{"nobody", "", "", ""},
		{"curve", "topsecret", `it wants a login by "client_ed25519", which is not supported`, "it wants a login by"},
		{"safe", "topsecret", "it refuses with error 1045", ""},
	} {
		t.Run(tt.user+" "+tt.password, func(t *testing.T) {
			p := *p
			p.Params = model.Params{param("username", tt.user), param("password", tt.password)}
			check(t, &p, tt.want)
			p.Protocol, p.Host, p.Family, p.TLS = "mysqls", "localhost", 4, &model.TLS{Verify: true, SelfSigned: true}
			check(t, &p, tt.overTLS)
		})
	}
	check(t, &model.Probe{Kind: model.ProbeSocket, Path: socket, Protocol: "mysql"}, "")
}

func TestRealSlapd(t *testing.T) { // P-ldap2, P-ldap3
	path := installed(t, "slapd")
	dir := t.TempDir()
	cert := pair(t, dir)
	for settings, want := range map[string]string{"": "it refuses an anonymous bind with result 2", "allow bind_v2\n": ""} {
		conf := file(t, dir, "slapd.conf", fmt.Sprintf("pidfile %s/pid\nTLSCertificateFile %[2]s\nTLSCertificateKeyFile %[2]s\n%sdatabase monitor\n",
			dir, cert, settings))
		p, secret := here(t, "ldap3"), closedPort(t)
		run(t, p, path, "-d", "0", "-f", conf, "-h", fmt.Sprintf("ldap://127.0.0.1:%d ldaps://127.0.0.1:%d", p.Port, secret))
		p.Protocol = "ldap2"
		check(t, p, want)
		p.Protocol, p.Port = "ldap3", secret
		checkTLS(t, p)
	}
}

func TestRealMosquitto(t *testing.T) { // P-mqtt, P-mqtt-auth
	path := installed(t, "mosquitto")
	dir := open(t)
	p, closed, secret := here(t, "mqtt"), closedPort(t), closedPort(t)
	passwords := file(t, dir, "passwords", "joe:topsecret\n")
	prepare(t, "/usr/bin/mosquitto_passwd", "-U", passwords)
	os.Chmod(passwords, 0o644)
	run(t, p, path, "-c", file(t, dir, "conf", fmt.Sprintf(
		"per_listener_settings true\nlistener %d 127.0.0.1\nallow_anonymous true\n"+
			"listener %d 127.0.0.1\nallow_anonymous true\ncertfile %[3]s\nkeyfile %[3]s\nlistener %[4]d 127.0.0.1\npassword_file %[5]s\n",
		p.Port, secret, pair(t, dir), closed, passwords)))
	p.Port = secret
	checkTLS(t, p)
	p.Port = closed
	check(t, p, "it refuses the connection: not authorized")
	p.Params = model.Params{param("username", "joe"), param("password", "topsecret")}
	check(t, p, "")
	p.Params[1].Value = "wrong"
	check(t, p, "it refuses the connection: not authorized")
}

func TestRealBIND(t *testing.T) { // P-dns-udp, P-dns-tcp
	path := installed(t, "bind9")
	dir := t.TempDir()
	p, secret := here(t, "dns"), closedPort(t)
	p.UDP = true
	conf := file(t, dir, "named.conf", fmt.Sprintf(`
tls here { cert-file "%[2]s"; key-file "%[2]s"; };
options {
  directory "%[1]s"; pid-file "%[1]s/pid"; session-keyfile none;
  listen-on port %[3]d { 127.0.0.1; }; listen-on port %[4]d tls here { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no;
};
controls { };
`, dir, pair(t, dir), p.Port, secret))
	run(t, p, path, "-g", "-n", "1", "-c", conf)
	p.UDP = false
	check(t, p, "")
	p.Port = secret
	checkTLS(t, p)
}

func TestRealChrony(t *testing.T) { // P-ntp3
	path := installed(t, "chrony")
	dir := t.TempDir()
	p := here(t, "ntp3")
	p.UDP = true
	conf := file(t, dir, "conf", fmt.Sprintf("port %d\nbindaddress 127.0.0.1\nallow 127.0.0.1\nlocal stratum 10\ncmdport 0\nbindcmdaddress /\n"+
		"pidfile %[2]s/pid\ndriftfile %[2]s/drift\n", p.Port, dir))
	run(t, p, path, "-d", "-x", "-U", "-u", "root", "-f", conf)
	check(t, p, "")
}

func TestRealFreeRADIUS(t *testing.T) { // P-radius
	path := installed(t, "freeradius")
	dir := t.TempDir()
	p := here(t, "radius")
	p.UDP, p.Params = true, model.Params{param("secret", "s3cret")}
	file(t, dir, "radiusd.conf", fmt.Sprintf(`
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = %[1]s
run_dir = %[1]s
log {
  destination = stdout
}
security {
  status_server = yes
}
modules {
  always ok {
    rcode = ok
  }
}
client here {
  ipaddr = 127.0.0.1
  secret = s3cret
}
server status {
  listen {
    type = status
    ipaddr = 127.0.0.1
    port = %[2]d
  }
  authorize {
    Autz-Type Status-Server {
      ok
    }
  }
}
`, dir, p.Port))
	run(t, p, path, "-f", "-d", dir, "-D", "/usr/share/freeradius")
	p.Params, p.Timeout = nil, time.Second
	check(t, p, "no answer within 1s")
}
