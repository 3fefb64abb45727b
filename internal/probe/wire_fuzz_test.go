package probe

import (
	"encoding/binary"
	"testing"
	"unicode/utf8"

	"orderly/internal/model"
)

func FuzzMySQLReply(f *testing.F) {
	ok := mysqlPacket(2, mysqlOKPacket)
	fuzz(f, model.Probe{Protocol: "mysql", Params: model.Params{param("username", "u"), param("password", "p")}},
		mysqlGreeting(mysqlAll, mysqlNative)+ok,
		mysqlGreeting(mysqlAll, mysqlSHA2)+mysqlPacket(2, "\x01\x03")+ok,
		mysqlGreeting(mysqlAll, mysqlSHA2)+mysqlPacket(2, "\xfe"+mysqlNative+"\x00ABCDEFGHIJKLMNOPQRST\x00")+ok,
		mysqlGreeting(mysqlAll, mysqlSHA2)+mysqlPacket(2, "\x01\x04")+mysqlPacket(4, "\x01-----BEGIN PUBLIC KEY-----\n"+
			"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKzl5VggSXb/Jm2oqkPeRQwtpmGlLnJT\n-----END PUBLIC KEY-----\n"),
		mysqlPacket(0, "\xff\x69\x04Host is blocked"))
}

func FuzzPgSQLReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "pgsql", Params: model.Params{param("username", "u"), param("password", "p")}},
		pgsqlSays("R", "\x00\x00\x00\x00")+pgsqlSays("Z", "I"),
		pgsqlSays("R", "\x00\x00\x00\x05salt")+pgsqlSays("E", "SFATAL\x00Mno\x00\x00"),
		pgsqlSays("R", "\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00"), "R\xff\xff\xff\xff")
}

func FuzzLDAPReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "ldap3"}, "\x30\x0c\x02\x01\x00\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
		"\x30\x84\x00\x00\x00\x10\x02\x01\x00\x61\x84\x00\x00\x00\x07\x0a\x01\x31\x04\x00\x04\x00", "\x30\xff\xff\xff\xff\xff")
}

func FuzzMongoDBReply(f *testing.F) {
	const head = "\x33\x00\x00\x00\x07\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00"
	fuzz(f, model.Probe{Protocol: "mongodb"},
		head+"\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0f\x00\x00\x00\x08helloOk\x00\x01\x00", head)
}

func FuzzMQTTReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "mqtt"}, "\x20\x02\x00\x00", "\x20\x02\x00\x05", "\x20\x02\x00\xff")
}

// FuzzDNSReply is about TCP, where a reply has its length before it.
func FuzzDNSReply(f *testing.F) {
	const reply = "\x00\x01\x81\x80\x00\x01\x00\x0d\x00\x00\x00\x00\x00\x00\x02\x00\x01"
	fuzz(f, model.Probe{Protocol: "dns"}, "\x00\x11"+reply, "\xff\xff"+reply, "\x00\x00")
}

// FuzzDatagram is about the protocols in which each reply is a datagram, and a judgement of it.
func FuzzDatagram(f *testing.F) {
	f.Add([]byte("\x00\x01\x81\x80\x00\x01\x00\x0d\x00\x00\x00\x00\x00\x00\x02\x00\x01"))
	f.Add(append([]byte{0x1c}, make([]byte, ntpSize-1)...))
	f.Add([]byte("\x02\x00\x00\x1aauthenticatorabc\x12\x06abcd"))
	f.Fuzz(func(t *testing.T, reply []byte) {
		for _, name := range []string{"dns", "ntp3", "radius"} {
			r := overConn(t, &recorded{reply, 1 << 20}, &model.Probe{Protocol: name, UDP: true})
			if r.OK == (r.Summary != "") || !utf8.ValidString(r.Summary+r.Evidence) {
				t.Fatalf("%s: result %+v", name, r)
			}
			if name == "radius" && r.OK && int(binary.BigEndian.Uint16(reply[2:])) > len(reply) {
				t.Fatalf("%d bytes are enough for % x", len(reply), reply)
			}
		}
	})
}
