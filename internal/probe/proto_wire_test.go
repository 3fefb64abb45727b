package probe

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// exchange is a server that hears and says by turns: it waits for exactly the bytes of one text, then says the next. The last
// thing it says may be followed by silence, "...".
func exchange(t *testing.T, turns ...string) func(net.Conn) {
	return func(c net.Conn) {
		for i, text := range turns {
			switch {
			case text == "...":
				io.Copy(io.Discard, c)
			case i%2 == 1:
				io.WriteString(c, text)
			default:
				got := make([]byte, len(text))
				if _, err := io.ReadFull(c, got); string(got) != text {
					t.Errorf("turn %d: the server got %q (%v), want %q", i, got, err, text)
					return
				}
			}
		}
	}
}

// wireTest is a conversation in bytes with a server of a protocol.
type wireTest struct {
	name, proto string
	udp         bool
	params      model.Params
	turns       []string // as exchange has them
	want        string   // "" for success
}

func (tt *wireTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &model.Probe{Protocol: tt.proto, UDP: tt.udp, Params: tt.params, Timeout: 5 * time.Second}
		r := converseWith(t, p, exchange(t, tt.turns...))
		if tt.want == "" {
			mustPass(t, r)
		} else {
			mustFail(t, r, "cannot speak "+tt.proto+" with example.com:99: "+tt.want)
		}
		if pw := tt.params.Get("password"); pw != "" && strings.Contains(r.Summary+r.Evidence, pw) {
			t.Errorf("the password is in the result %+v", r)
		}
	})
}

func TestLDAP(t *testing.T) { // P-ldap2, P-ldap3
	const (
		bind2  = "\x30\x0c\x02\x01\x00\x60\x07\x02\x01\x02\x04\x00\x80\x00"
		bind3  = "\x30\x0c\x02\x01\x00\x60\x07\x02\x01\x03\x04\x00\x80\x00"
		unbind = "\x30\x05\x02\x01\x01\x42\x00"
		bound  = "\x30\x0c\x02\x01\x00\x61\x07\x0a\x01\x00\x04\x00\x04\x00"
	)
	for _, tt := range []wireTest{
		{"version 2", "ldap2", false, nil, []string{bind2, bound, unbind}, ""},
		{"version 3", "ldap3", false, nil, []string{bind3, bound, unbind}, ""},
		{
			"long lengths", "ldap3", false, nil,
			[]string{bind3, "\x30\x84\x00\x00\x00\x10\x02\x01\x00\x61\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00", unbind},
			"",
		},
		{
			"refused", "ldap3", false, nil,
			[]string{bind3, "\x30\x0f\x02\x01\x00\x61\x0a\x0a\x01\x31\x04\x00\x04\x03no!"},
			"it refuses an anonymous bind with result 49",
		},
		{"to another message", "ldap3", false, nil, []string{bind3, strings.Replace(bound, "\x02\x01\x00", "\x02\x01\x07", 1)}, "its reply is not one to a bind"},
		{"of another kind", "ldap3", false, nil, []string{bind3, strings.Replace(bound, "\x61", "\x65", 1)}, "its reply is not one to a bind"},
		{"no result", "ldap3", false, nil, []string{bind3, "\x30\x07\x02\x01\x00\x61\x02\x0a\x00"}, "its reply is not one to a bind"},
		{"inner length too large", "ldap3", false, nil, []string{bind3, "\x30\x06\x02\x01\x00\x61\x7f\x0a"}, "its reply is not one to a bind"},
		{"inner length of lengths", "ldap3", false, nil, []string{bind3, "\x30\x06\x02\x01\x00\x61\xff\xff"}, "its reply is not one to a bind"},
		{"empty", "ldap3", false, nil, []string{bind3, "\x30\x00"}, "its reply is not one to a bind"},
		{"gigabytes announced", "ldap3", false, nil, []string{bind3, "\x30\x84\xff\xff\xff\xff"}, "its reply announces 4294967295 bytes"},
		{"cut short", "ldap3", false, nil, []string{bind3, bound[:9]}, "it closed the connection"},
		{"slow", "ldap3", false, nil, []string{bind3, bound[:9], "..."}, "no answer within 5s"},
		{"garbage", "ldap3", false, nil, []string{bind3, "HTTP/1.1 400"}, "its reply begins with 0x48 where 0x30 is expected"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestDNS(t *testing.T) { // P-dns-udp, P-dns-tcp
	const (
		query    = "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01"
		question = "\x00\x00\x02\x00\x01"
		answer   = "\x00\x01\x81\x80\x00\x01\x00\x0d\x00\x00\x00\x00" + question
		referral = "\x00\x01\x81\x80\x00\x01\x00\x00\x00\x0d\x00\x00" + question
		refused  = "\x00\x01\x81\x05\x00\x01\x00\x00\x00\x00\x00\x00" + question
	)
	for _, tt := range []wireTest{
		{"answer", "dns", true, nil, []string{query, answer}, ""},
		{"referral", "dns", true, nil, []string{query, referral}, ""},
		{"refused", "dns", true, nil, []string{query, refused}, ""},
		{"nothing", "dns", true, nil, []string{query, "\x00\x01\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00" + question}, "its reply has no answer"},
		{"failure", "dns", true, nil, []string{query, "\x00\x01\x81\x82\x00\x01\x00\x00\x00\x00\x00\x00" + question}, "it cannot answer: server failure"},
		{"strange failure", "dns", true, nil, []string{query, "\x00\x01\x81\x8f\x00\x01\x00\x00\x00\x00\x00\x00" + question}, "it cannot answer: response code 15"},
		{"query", "dns", true, nil, []string{query, query}, "it sends a query instead of a reply"},
		{"another id", "dns", true, nil, []string{query, "\x01\x01" + answer[2:]}, "its reply is to another query"},
		{"two questions", "dns", true, nil, []string{query, answer[:5] + "\x02" + answer[6:]}, "its reply has 2 questions where one was asked"},
		{"cut short", "dns", true, nil, []string{query, answer[:14]}, "its reply has 14 bytes, at least 15 are expected"},
		{"silent", "dns", true, nil, []string{query, "", "..."}, "no answer within 5s"},
		{"tcp", "dns", false, nil, []string{"\x00\x11" + query, "\x00\x11" + answer}, ""},
		{"tcp refused", "dns", false, nil, []string{"\x00\x11" + query, "\x00\x11" + refused}, ""},
		{"tcp empty", "dns", false, nil, []string{"\x00\x11" + query, "\x00\x00"}, "its reply has 0 bytes, at least 15 are expected"},
		{"tcp more announced", "dns", false, nil, []string{"\x00\x11" + query, "\xff\xff" + answer}, "it closed the connection"},
		{"tcp slow", "dns", false, nil, []string{"\x00\x11" + query, "\x00\x11" + answer[:9], "..."}, "no answer within 5s"},
		{"tcp text", "dns", false, nil, []string{"\x00\x11" + query, "\x00\x10SSH-2.0-OpenSSH_"}, "its reply is to another query"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestNTP(t *testing.T) { // P-ntp3
	rest := strings.Repeat("\x00", 47)
	request := "\xdb" + rest
	for _, tt := range []wireTest{
		{"good", "ntp3", true, nil, []string{request, "\x1c" + rest}, ""},
		{"leap second ahead", "ntp3", true, nil, []string{request, "\x5c" + rest}, ""},
		{"not synchronized", "ntp3", true, nil, []string{request, "\xdc" + rest}, "its own clock is not synchronized"},
		{"version 4", "ntp3", true, nil, []string{request, "\x24" + rest}, "its reply is of NTP version 4 where 3 is expected"},
		{"a client", "ntp3", true, nil, []string{request, "\x1b" + rest}, "its reply is of mode 3 where 4 (server) is expected"},
		{"too short", "ntp3", true, nil, []string{request, "\x1c" + rest[1:]}, "its reply has 47 bytes where 48 are expected"},
		{"too long", "ntp3", true, nil, []string{request, "\x1c" + rest + "\x00"}, "its reply has 49 bytes where 48 are expected"},
		{"silent", "ntp3", true, nil, []string{request, "", "..."}, "no answer within 5s"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestTNS(t *testing.T) { // P-tns
	ping := "\x00\x57\x00\x00\x01\x00\x00\x00\x01\x36\x01\x2c\x00\x00\x08\x00\x7f\xff\x7f\x08\x00\x00\x00\x01\x00\x1d\x00\x3a" +
		strings.Repeat("\x00", 30) + "(CONNECT_DATA=(COMMAND=ping))"
	if len(ping) != 87 {
		t.Fatalf("%d bytes", len(ping))
	}
	for _, tt := range []wireTest{
		{"good", "tns", false, nil, []string{ping, "\x00\x49\x00\x00\x04\x00\x00\x00\x22\x00\x00\x3d(DESCRIPTION="}, ""},
		{"accepted", "tns", false, nil, []string{ping, "\x00\x20\x00\x00\x02\x00\x00\x00"}, "its packet is of type 2 where 4 (refuse) is expected"},
		{"text", "tns", false, nil, []string{ping, "220 hello"}, "its packet is of type 104 where"},
		{"cut short", "tns", false, nil, []string{ping, "\x00\x49\x00\x00"}, "it closed the connection"},
		{"slow", "tns", false, nil, []string{ping, "\x00\x49\x00\x00", "..."}, "no answer within 5s"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestMongoDB(t *testing.T) { // P-mongodb
	const (
		hello = "\x44\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xd4\x07\x00\x00" +
			"\x00\x00\x00\x00admin.$cmd\x00\x00\x00\x00\x00\x01\x00\x00\x00" +
			"\x1d\x00\x00\x00\x10ismaster\x00\x01\x00\x00\x00\x08helloOk\x00\x01\x00"
		fixed = "\x08\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x00\x00"
		one   = "\x01\x00\x00\x00"
		fine  = "\x0f\x00\x00\x00\x08helloOk\x00\x01\x00"
	)
	if len(hello) != 68 {
		t.Fatalf("%d bytes", len(hello))
	}
	reply := func(answers, op byte, body string) string {
		head := binary.LittleEndian.AppendUint32(nil, uint32(16+len(body)))
		return string(head) + "\x07\x00\x00\x00" + string([]byte{answers, 0, 0, 0, op, 0, 0, 0}) + body
	}
	good := reply(1, 1, fixed+one+fine)
	for _, tt := range []wireTest{
		{"good", "mongodb", false, nil, []string{hello, good}, ""},
		{"more documents than one", "mongodb", false, nil, []string{hello, reply(1, 1, fixed+"\x02\x00\x00\x00"+fine+fine)}, ""},
		{"not ok", "mongodb", false, nil, []string{hello, reply(1, 1, fixed+one+strings.Replace(fine, "\x01", "\x00", 1))}, "its reply does not begin with helloOk: true"},
		{"another element", "mongodb", false, nil, []string{hello, reply(1, 1, fixed+one+"\x0e\x00\x00\x00\x02$err\x00no\x00\x00")}, "its reply does not begin with helloOk"},
		{"no document", "mongodb", false, nil, []string{hello, reply(1, 1, fixed+"\x00\x00\x00\x00"+fine)}, "its reply has no document"},
		{"less than no document", "mongodb", false, nil, []string{hello, reply(1, 1, fixed+"\xff\xff\xff\xff"+fine)}, "its reply has no document"},
		{"document missing", "mongodb", false, nil, []string{hello, reply(1, 1, fixed+one+"\x0f\x00")}, "its reply does not begin with helloOk"},
		{"another query", "mongodb", false, nil, []string{hello, reply(2, 1, fixed+one+fine)}, "its reply is to query 2 where 1 was asked"},
		{"another kind", "mongodb", false, nil, []string{hello, reply(1, 9, fixed+one+fine)}, "its reply is of kind 9 where 1 is expected"},
		{"no body", "mongodb", false, nil, []string{hello, reply(1, 1, "")}, "its reply is cut short"},
		{"too small", "mongodb", false, nil, []string{hello, "\x0f" + good[1:]}, "its reply announces 15 bytes"},
		{"gigabytes announced", "mongodb", false, nil, []string{hello, "\xff\xff\xff\xff" + good[4:]}, "its reply announces 4294967295 bytes"},
		{"cut short", "mongodb", false, nil, []string{hello, good[:40]}, "it closed the connection"},
		{"slow", "mongodb", false, nil, []string{hello, good[:40], "..."}, "no answer within 5s"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestRdate(t *testing.T) { // P-rdate
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // of every bubble
	at := func(d time.Duration) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(start.Add(d).Unix()+2208988800)))
	}
	for _, tt := range []wireTest{
		{"good", "rdate", false, nil, []string{"", at(0)}, ""},
		{"ahead", "rdate", false, nil, []string{"", at(3 * time.Second)}, ""},
		{"behind", "rdate", false, nil, []string{"", at(-3 * time.Second)}, ""},
		{"too far ahead", "rdate", false, nil, []string{"", at(4 * time.Second)}, "its clock and ours are 4s apart, at most 3s is allowed"},
		{"too far behind", "rdate", false, nil, []string{"", at(-time.Hour)}, "its clock and ours are 1h0m0s apart"},
		{"text", "rdate", false, nil, []string{"", "01 JAN 2000"}, "its clock and ours are "},
		{"cut short", "rdate", false, nil, []string{"", at(0)[:3]}, "it closed the connection"},
		{"slow", "rdate", false, nil, []string{"", at(0)[:3], "..."}, "no answer within 5s"},
	} {
		t.Run(tt.name, tt.run)
	}
}

// Times of four bytes begin anew in February 2036.
func TestTimeOfThreeEras(t *testing.T) {
	for now, theirs := range map[string]uint32{
		"1900-01-01T00:00:01Z": 1, "1970-01-01T00:00:00Z": 2208988800, "2036-02-07T06:28:15Z": 0xffffffff,
		"2036-02-07T06:28:17Z": 0xffffffff, "2036-02-07T06:28:16Z": 0, "2100-01-01T00:00:00Z": 2016466304,
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := judgeTime(theirs, at); err != nil {
			t.Errorf("%s and %d: %v", now, theirs, err)
		}
		if err := judgeTime(theirs+10, at); err == nil {
			t.Errorf("%s and %d are not apart", now, theirs+10)
		}
	}
}
