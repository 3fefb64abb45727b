package discover

import (
	"path"
	"slices"
	"strings"

	"orderly/internal/host"
)

// A server is a program that many hosts run, and how it is asked whether it is well.
type server struct {
	names []string // patterns of its units without instance, and of its programs
	tcp   talk     // by port
	other *speech  // at all other TCP ports; nil: they are none of ours
	udp   talk     // by port; of UDP nothing else can be asked
	files string   // pattern of the last part of the unix socket's path; asked where it has no TCP port
	file  speech
}

// A talk is what is said at each port.
type talk = map[int]speech

// connect asks nothing: a server that accepts a connection is well.
var connect = speech{}

func says(protocol string) speech { return speech{protocol: protocol} }
func page(request string) speech  { return speech{"http", request} }
func always(s speech) *speech     { return &s }

// servers are those that are known. The first whose name matches counts.
var servers = []server{
	{names: []string{"nginx", "openresty", "apache2", "httpd", "caddy", "lighttpd", "hiawatha"}, tcp: talk{443: says("https"), 8443: says("https")}, other: always(says("http"))},
	{names: []string{"haproxy", "traefik", "envoy", "varnish*", "squid"}, tcp: talk{443: says("https"), 80: says("http")}, other: always(connect)},
	{names: []string{"php*fpm*"}, other: always(connect), files: "*.sock", file: connect},
	{names: []string{"redis*", "valkey*", "keydb*"}, tcp: talk{16379: connect}, other: always(says("redis")), files: "*", file: says("redis")},
	{names: []string{"memcached"}, other: always(says("memcache")), files: "*", file: says("memcache")},
	{names: []string{"postgresql*", "postgres", "postmaster"}, other: always(says("pgsql")), files: ".s.PGSQL.*", file: says("pgsql")},
	{names: []string{"pgbouncer*"}, other: always(says("pgsql")), files: ".s.PGSQL.*", file: says("pgsql")},
	{names: []string{"mariadb*", "mysql*"}, tcp: talk{3306: says("mysql"), 3307: says("mysql"), 3308: says("mysql")}, files: "mysql[d.]*", file: says("mysql")},
	{names: []string{"mongod*", "mongos"}, other: always(says("mongodb"))},
	{names: []string{"ssh", "sshd", "dropbear"}, other: always(says("ssh"))},
	{names: []string{"postfix", "exim*", "sendmail", "opensmtpd", "smtpd"}, tcp: talk{465: says("smtps"), 25: says("smtp"), 587: says("smtp")}},
	{names: []string{"dovecot", "cyrus*"}, tcp: talk{
		24: says("lmtp"), 110: says("pop"), 143: says("imap"), 993: says("imaps"), 995: says("pops"), 4190: says("sieve"),
	}},
	{names: []string{"named", "bind9", "unbound", "dnsmasq", "pdns*", "kresd", "knot*"}, udp: talk{53: says("dns")}},
	{names: []string{"chrony*", "ntp*", "openntpd"}, udp: talk{123: says("ntp3")}},
	{names: []string{"mosquitto", "vernemq", "emqx"}, tcp: talk{1883: says("mqtt")}, other: always(connect)},
	{names: []string{"slapd", "dirsrv"}, tcp: talk{389: says("ldap3")}, other: always(connect)},
	{names: []string{"vsftpd", "proftpd", "pure-ftpd*"}, tcp: talk{21: says("ftp")}},
	{names: []string{"rsync", "rsyncd"}, tcp: talk{873: says("rsync")}},
	{names: []string{"clamav-daemon", "clamd"}, tcp: talk{3310: says("clamav")}, files: "clam*", file: says("clamav")},
	{names: []string{"spamd", "spamassassin"}, tcp: talk{783: says("spamassassin")}},
	{names: []string{"fail2ban*"}, files: "fail2ban.sock", file: says("fail2ban")},
	{names: []string{"postgrey"}, tcp: talk{10023: says("postfix-policy")}},
	{names: []string{"freeradius", "radiusd"}, udp: talk{1812: says("radius")}},
	{names: []string{"kamailio", "opensips", "asterisk"}, udp: talk{5060: says("sip")}},
	{names: []string{"gpsd"}, tcp: talk{2947: says("gps")}},
	{names: []string{"cups", "cupsd"}, tcp: talk{631: says("http")}},
	{names: []string{"docker", "dockerd", "podman"}, files: "*.sock", file: page("/_ping")},
	{names: []string{"prometheus", "prometheus-alertmanager", "alertmanager"}, tcp: talk{9090: page("/-/healthy"), 9093: page("/-/healthy")}, other: always(connect)},
	{names: []string{"*_exporter", "*-exporter"}, other: always(page("/metrics"))},
	{names: []string{"grafana*"}, tcp: talk{3000: page("/api/health")}, other: always(connect)},
	{names: []string{"influxd*"}, tcp: talk{8086: page("/health")}, other: always(connect)},
	{names: []string{"etcd"}, tcp: talk{2379: page("/health")}, other: always(connect)},
	{names: []string{"elasticsearch", "opensearch", "couchdb", "jenkins", "tomcat*", "gunicorn*"}, tcp: talk{5984: says("http"), 8000: says("http"), 8080: says("http"), 9200: says("http")}, other: always(connect)},
	{names: []string{"cron", "crond", "cronie", "atd", "anacron", "rpcbind", "rpc-statd*"}}, // what listens there are jobs of others
}

// stem is the name of a unit without path, suffix, group and instance: "postgresql" of "postgresql@15-main.service".
func stem(unit string) string {
	unit = strings.TrimSuffix(path.Base(unit), ".service")
	if _, program, ok := strings.Cut(unit, ":"); ok && program != "" {
		unit = program
	}
	if name, _, ok := strings.Cut(unit, "@"); ok && name != "" {
		unit = name
	}
	return unit
}

// known finds a server by the name of its unit or else of its program.
func known(unit, program string) (server, bool) {
	for _, name := range []string{stem(unit), program} {
		for _, s := range servers {
			if name != "" && s.is(name) {
				return s, true
			}
		}
	}
	return server{}, false
}

// alike tells whether a unit and a program are the same server.
func alike(unit, program string) bool {
	s, ok := known(unit, "")
	return ok && s.is(program)
}

func (s server) is(name string) bool {
	return slices.ContainsFunc(s.names, func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok })
}

// asks is what is said to the server at a socket; false if it is not asked there.
func (s server) asks(l host.Listener) (speech, bool) {
	port := int(l.Address.Port())
	switch l.Network {
	case "tcp":
		if said, ok := s.tcp[port]; ok {
			return said, true
		}
		if s.other != nil {
			return *s.other, true
		}
	case "udp":
		said, ok := s.udp[port]
		return said, ok
	case "unix":
		ok, _ := path.Match(s.files, path.Base(l.Path))
		return s.file, ok
	}
	return speech{}, false
}

// ofSystem are units that belong to the init system, to logins and to the desktop: who watches them fights their keeper.
var ofSystem = []string{
	"systemd-*", "user@*", "user-runtime-dir@*", "getty@*", "serial-getty@*", "console-getty*", "container-getty@*", "autovt@*",
	"emergency*", "rescue*", "debug-shell*", "initrd-*", "dbus*", "polkit*", "elogind*", "udev*", "eudev*", "plymouth*",
	"display-manager*", "gdm*", "lightdm*", "sddm*", "accounts-daemon*", "colord*", "rtkit-daemon*", "udisks2*", "upower*",
	"switcheroo-control*", "power-profiles-daemon*", "packagekit*", "fwupd*", "bolt*", "geoclue*", "getty*", "agetty*", "tty[0-9]*",
}

func isOfSystem(unit string) bool {
	name := path.Base(unit)
	return slices.ContainsFunc(ofSystem, func(p string) bool { ok, _ := path.Match(p, name); return ok })
}

// watchers are those that restart services themselves.
var watchers = []string{"orderly", "monit", "inspeqtor", "god", "bluepill"}
