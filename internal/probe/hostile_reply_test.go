package probe

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// goodReplies are all that a server that is well says in a conversation.
var goodReplies = []struct {
	proto  string
	params model.Params
	reply  string
}{
	{"apache-status", nil, httpOK + "Content-Length: 15\r\n\r\nScoreboard: __W"},
	{"apache-status", nil, httpOK + "Transfer-Encoding: chunked\r\n\r\n8;x=y\r\nScoreboa\r\n7\r\nrd: __W\r\n0\r\n"},
	{"clamav", nil, "PONG\n"},
	{"dns", nil, "\x00\x11\x00\x01\x81\x80\x00\x01\x00\x0d\x00\x00\x00\x00\x00\x00\x02\x00\x01"},
	{"dwp", nil, "HTTP/1.0 200 OK\r\n\r\n"},
	{"fail2ban", nil, "\x80"},
	{"ftp", nil, "220-hi\r\n220 there\r\n221 bye\r\n"},
	{"gps", nil, "GPSD,G=GPS\r\n"},
	{"http", nil, httpOK + "Content-Length: 5\r\n\r\n"},
	{"http", content(model.Equal, "^hello$"), httpOK + "Content-Length: 5\r\n\r\nhello"},
	{"imap", nil, "* OK hi\r\n* BYE\r\n"},
	{"ldap2", nil, "\x30\x0c\x02\x01\x00\x61\x07\x0a\x01\x00\x04\x00\x04\x00"},
	{"ldap3", nil, "\x30\x84\x00\x00\x00\x10\x02\x01\x00\x61\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00"},
	{"lmtp", nil, "220 hi\r\n250-a\r\n250 b\r\n221 bye\r\n"},
	{"memcache", nil, "\x81\x0a" + strings.Repeat("\x00", 22)},
	{"memcached-status", nil, "STAT pid 7\r\nSTAT threads 4\r\nEND\r\n"},
	{"memstats-status", nil, httpSays(`{"cmdline": [], "memstats": {"Alloc": 7}}`)},
	{"mongodb", nil, "\x33\x00\x00\x00\x07\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x01\x00\x00\x00\x0f\x00\x00\x00\x08helloOk\x00\x01\x00"},
	{"mqtt", nil, "\x20\x02\x00\x00"},
	{"mysql", nil, mysqlGreeting(mysqlAll, mysqlNative)},
	{"mysql", model.Params{param("username", "joe")}, mysqlGreeting(mysqlAll, mysqlNative) + mysqlPacket(2, mysqlOKPacket[4:])},
	{"mysql-status", nil, mysqlGreeting(mysqlAll, mysqlNative) + mysqlPacket(2, mysqlOKPacket) + mysqlTable([]string{"Variable_name", "Value"},
		[]string{"Uptime", "7"}, []string{"Threads_running", "1"})},
	{"nginx-status", nil, httpSays(stubStatus)},
	{"nntp", nil, "200 hi\r\n205 bye\r\n"},
	{"pgsql", nil, pgsqlSays("R", "\x00\x00\x00\x00")},
	{"pgsql", model.Params{param("username", "joe")}, pgsqlSays("R", "\x00\x00\x00\x00") + pgsqlSays("Z", "I")},
	{"pop", nil, "+OK\r\n+OK\r\n"},
	{"postgresql-status", nil, pgsqlSays("R", "\x00\x00\x00\x00") + pgsqlSays("S", "motto\x00well\n\x00") + pgsqlSays("Z", "I") + pgsqlTable("2", "7", "0", "99.5", "3")},
	{"postfix-policy", nil, "action=DUNNO\n"},
	{"redis", nil, "+PONG\r\n"},
	{"redis", model.Params{param("password", "topsecret")}, "+OK\r\n+PONG\r\n"},
	{"redis-status", nil, "$38\r\n# Memory\r\nused_memory:7\r\nmaxmemory:0\r\n\r\n"},
	{"rsync", nil, "@RSYNCD: 31.0\nweb\n@RSYNCD: EXIT\n"},
	{"sieve", nil, "\"SIEVE\" \"x\"\r\nOK\r\nOK\r\n"},
	{"sip", nil, "SIP/2.0 200 OK\r\n"},
	{"smtp", nil, "220 hi\r\n250-a\r\n250 b\r\n221 bye\r\n"},
	{"spamassassin", nil, "SPAMD/1.5 0 PONG\r\n"},
	{"ssh", nil, "SSH-2.0-x\r\n"},
	{"tns", nil, "\x00\x20\x00\x00\x04"},
	{"websocket", nil, "HTTP/1.1 101 Go\r\n\r\n\x81\x02hi\x8a\x00\x88\x00"},
}

// However much of its answer a server gives before it closes the connection, it is told that it did not finish, and which
// part of an answer is missing does not depend on how the rest was cut into pieces.
func TestClosedInTheMiddleOfAnAnswer(t *testing.T) {
	tried := map[string]bool{
		"https": true, "mysqls": true, // all they say is said under TLS
		"rdate":  true,               // depends on the time of day
		"radius": true, "ntp3": true, // datagrams come whole
	}
	for _, tt := range goodReplies {
		tried[tt.proto] = true
		p := model.Probe{Protocol: tt.proto, Params: tt.params}
		q := p
		mustPass(t, overConn(t, &recorded{[]byte(tt.reply), 1 << 20}, &q))
		for n := range len(tt.reply) {
			q := p
			r := overConn(t, &recorded{[]byte(tt.reply[:n]), 1 << 20}, &q)
			mustFail(t, r, "cannot speak "+tt.proto+" with example.com:99: it closed the connection ")
			if got := strings.HasSuffix(r.Summary, "instead of answering"); got != (n == 0) && strings.Count(tt.reply[:n], "\n") == 0 {
				t.Errorf("%s: after %q: %s", tt.proto, tt.reply[:n], r.Summary)
			}
			sameInPieces(t, p, []byte(tt.reply[:n]))
		}
	}
	for _, p := range Protocols() {
		if !tried[p.Name] {
			t.Errorf("there is no good reply of %s", p.Name)
		}
	}
}

// endless is a connection to a server that begins an answer and does not end it.
type endless struct {
	counted
	head string
}

func (e *endless) Read(b []byte) (int, error) {
	if e.head == "" {
		return e.counted.Read(b)
	}
	n := copy(b, e.head)
	e.head = e.head[n:]
	return n, nil
}

// A length is believed only if it can be: little is read and little memory is used for one that is too short, too long or
// less than nothing, however much the server is ready to send.
func TestWrongLengths(t *testing.T) {
	user := model.Params{param("username", "joe"), param("password", "topsecret")}
	const little, page = 64 << 10, 8 << 20
	gzip := httpOK + "Content-Encoding: gzip\r\nContent-Length: 4294967296\r\n\r\n\x1f\x8b\x08"
	body := content(model.Equal, "^hello$")
	greeting := mysqlGreeting(mysqlAll, mysqlNative)
	trusted := pgsqlSays("R", "\x00\x00\x00\x00") + pgsqlSays("Z", "I")
	for _, tt := range []struct {
		name, proto string
		params      model.Params
		head        string // said before zeros without end
		want        string
		most        int // bytes that may be asked for in memory
	}{
		{"too short", "dns", nil, "\x00\x00", "its reply has 0 bytes", little},
		{"too long", "dns", nil, "\xff\xff", "its reply is to another query", 512 << 10},
		{"too short", "ldap3", nil, "\x30\x00", "its reply is not one to a bind", little},
		{"too long", "ldap3", nil, "\x30\x82\x40\x01", "its reply announces 16385 bytes", little},
		{"four gigabytes", "ldap3", nil, "\x30\x84\xff\xff\xff\xff", "its reply announces 4294967295 bytes", little},
		{"longer than a length can be", "ldap3", nil, "\x30\xff\xff\xff\xff\xff\xff", "its reply announces 4294967295 bytes", little},
		{"longer inside", "ldap3", nil, "\x30\x0c\x02\x01\x00\x61\x84\xff\xff\xff\xff", "its reply is not one to a bind", little},
		{"four gigabytes of a no-op", "memcache", nil, "\x81\x0a\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff", "with status 1", little},
		{"too short", "mongodb", nil, "\x0f\x00\x00\x00", "its reply announces 15 bytes", little},
		{"nothing but a head", "mongodb", nil, "\x10\x00\x00\x00\x07\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00", "its reply is cut short", little},
		{"less than nothing", "mongodb", nil, "\xff\xff\xff\xff", "its reply announces 4294967295 bytes", little},
		{"two gigabytes", "mongodb", nil, "\xff\xff\xff\x7f", "its reply announces 2147483647 bytes", little},
		{"nothing", "mysql", nil, "\x00\x00\x00\x00", "its packet announces 0 bytes", little},
		{"all that fits", "mysql", nil, "\xff\xff\xff\x00", "its packet announces 16777215 bytes", little},
		{"one byte of a greeting", "mysql", nil, "\x01\x00\x00\x00\x0a", "its greeting is cut short", little},
		{"challenge", "mysql", user, strings.Replace(greeting, "\x15", "\xff", 1), "its challenge has 42 bytes", little},
		{"too long after the greeting", "mysql", user, greeting + "\xff\xff\xff\x02", "its packet announces 16777215 bytes", little},
		{"too short", "pgsql", user, "R\x00\x00\x00\x03", "its message announces 3 bytes", little},
		{"no method", "pgsql", user, "R\x00\x00\x00\x04", "its request for a password is cut short", little},
		{"less than nothing", "pgsql", user, "R\xff\xff\xff\xff", "its message announces 4294967295 bytes", little},
		{"two gigabytes", "pgsql", nil, "E\x7f\xff\xff\xff", "its message announces 2147483647 bytes", little},
		{"a gigabyte", "redis-status", nil, "$1073741824\r\n", "its reply announces 1073741824 bytes", little},
		{"all that fits", "redis-status", nil, "$1048576\r\n", "it answers, but tells none", page},
		{"nothing", "mysql-status", nil, greeting + mysqlPacket(2, mysqlOKPacket) + "\x01\x00\x00\x01\xfa", "its packet announces 0 bytes", little},
		{"a row of all that fits", "mysql-status", nil, greeting + mysqlPacket(2, mysqlOKPacket) + "\xff\xff\xff\x01", "its packet announces 16777215 bytes", little},
		{"a row of gigabytes", "postgresql-status", nil, trusted + "D\x7f\xff\xff\xff", "its message announces 2147483647 bytes", little},
		{"more cells than fit", "postgresql-status", nil, trusted + "D\x00\x00\x00\x06\xff\xff", "its row has not the columns", little},
		{"no end", "nginx-status", nil, httpOK + "\r\n", "is no page of stub_status", page},
		{"no end", "memstats-status", nil, httpOK + "\r\n{", "has no memstats in JSON", page},
		{"too short", "mqtt", nil, "\x20\x00", "cannot speak mqtt", little},
		{"a quarter of a gigabyte", "mqtt", nil, "\x20\xff\xff\xff\x7f", "cannot speak mqtt", little},
		{"four gigabytes", "websocket", nil, "HTTP/1.1 101 Go\r\n\r\n\x82\x7f\x00\x00\x00\x01\x00\x00\x00\x00", "it sends a frame longer than 256 bytes", little},
		{"less than nothing", "websocket", nil, "HTTP/1.1 101 Go\r\n\r\n\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "it sends a frame longer than 256 bytes", little},
		{"a byte too long", "websocket", nil, "HTTP/1.1 101 Go\r\n\r\n\x82\x7e\x01\x01", "it sends a frame longer than 256 bytes", little},
		{"less than nothing", "http", body, httpOK + "Content-Length: -1\r\n\r\n", `its Content-Length is "-1"`, little},
		{"more than a number can be", "http", body, httpOK + "Content-Length: 9223372036854775808\r\n\r\n", "its Content-Length is", little},
		{"two lengths", "http", body, httpOK + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "its Content-Length is", little},
		{"no length", "http", body, httpOK + "Content-Length:\r\n\r\n", "its Content-Length is", little},
		{"four gigabytes", "http", body, httpOK + "Content-Length: 4294967296\r\n\r\n", "does not match", page},
		{"four gigabytes of nothing compressed", "http", body, gzip, "does not match", page},
		{"a chunk of four gigabytes", "http", body, httpOK + "Transfer-Encoding: chunked\r\n\r\n100000000\r\n", "does not match", page},
		{"a chunk that cannot be", "http", body, httpOK + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "is not the size of a chunk", little},
		{"less than a chunk", "http", body, httpOK + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "is not the size of a chunk", little},
		{"no end", "http", body, httpOK + "\r\n", "does not match", page},
		{"no end", "apache-status", nil, httpOK + "\r\n", "has no scoreboard", page},
	} {
		t.Run(tt.proto+" "+tt.name, func(t *testing.T) {
			var r model.Result
			c := &endless{counted{text: "\x00"}, tt.head}
			p := &model.Probe{Protocol: tt.proto, Params: tt.params, Timeout: 5 * time.Second}
			used := allocated(func() { r = overConn(t, c, p) })
			mustFail(t, r, tt.want)
			mustBeReadable(t, r)
			if used > uint64(tt.most) {
				t.Errorf("%d bytes of memory were used", used)
			}
			if limit := model.DefaultLimits().HTTPContent + 2*lineLimit; c.sent > limit {
				t.Errorf("%d bytes were read", c.sent)
			}
		})
	}
}
