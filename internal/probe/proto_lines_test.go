package probe

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// policyLines is what a policy server is asked, line by line.
func policyLines() []string {
	var steps []string
	for line := range strings.Lines(policyRequest) {
		steps = append(steps, "> "+strings.TrimSuffix(line, "\n"))
	}
	return steps
}

func then(steps []string, more ...string) []string {
	return append(steps[:len(steps):len(steps)], more...)
}

// Protocols of a few lines without options.
func TestLineProtocols(t *testing.T) {
	lines := func(n int, line string) string { return "raw " + strings.Repeat(line, n) }
	for _, tt := range []struct {
		name, proto string
		server      []string
		want        string // "" for success
	}{
		{"P-clamav", "clamav", []string{"> PING", "< PONG"}, ""},
		{"P-clamav in small letters", "clamav", []string{"> PING", "raw pong and more\n"}, ""},
		{"P-clamav refuses", "clamav", []string{"> PING", "< UNKNOWN COMMAND"}, `it says "UNKNOWN COMMAND" where "PONG" is expected`},
		{"P-clamav cut short", "clamav", []string{"> PING", "raw PONG"}, "it closed the connection in the middle of its answer"},
		{"P-clamav silent", "clamav", []string{"> PING", "... "}, "no answer within 5s"},

		{"P-dwp", "dwp", []string{"> HEAD / HTTP/1.1", "> Connection: close", "> ", "< HTTP/1.1 399 Odd", "< "}, ""},
		{"P-dwp after 100", "dwp", []string{"> HEAD / HTTP/1.1", "> Connection: close", "> ", "< HTTP/1.1 100 Wait", "< ", "< HTTP/1.0 200 OK", "< Server: x", "< "}, ""},
		{"P-dwp status", "dwp", []string{"> HEAD / HTTP/1.1", "> Connection: close", "> ", "< HTTP/1.1 400 Bad", "< "}, "status 400 from example.com:99, expected < 400"},
		{"P-dwp not HTTP", "dwp", []string{"> HEAD / HTTP/1.1", "> Connection: close", "> ", "< what?"}, `"what?" is not the beginning of an HTTP reply`},
		{"P-dwp cut short", "dwp", []string{"> HEAD / HTTP/1.1", "> Connection: close", "> ", "< HTTP/1.1 200 OK"}, "it closed the connection"},
		{"P-dwp silent", "dwp", []string{"> HEAD / HTTP/1.1", "> Connection: close", "> ", "... "}, "no answer within 5s"},

		{"P-fail2ban", "fail2ban", []string{"> (lp0", "> S'ping'", "> p1", "raw \x80\x05\x95<F2B_END_COMMAND>"}, ""},
		{"P-fail2ban another protocol", "fail2ban", []string{"> (lp0", "> S'ping'", "> p1", "< what?"}, "its reply begins with 0x77 where 0x80 is expected"},
		{"P-fail2ban hangs up", "fail2ban", []string{"> (lp0", "> S'ping'", "> p1"}, "it closed the connection"},
		{"P-fail2ban silent", "fail2ban", []string{"... "}, "no answer within 5s"},

		{"P-gps", "gps", []string{"> G", "< GPSD,G=GPS"}, ""},
		{"P-gps in small letters", "gps", []string{"> G", "< gpsd,g=gps x"}, ""},
		{"P-gps RTCM104", "gps", []string{"> G", "< GPSD,G=RTCM104"}, ""},
		{"P-gps RTCM104 version 2", "gps", []string{"> G", "< GPSD,G=RTCM104v2"}, ""},
		{"P-gps no receiver", "gps", []string{"> G", "< GPSD,G=?"}, `it says "GPSD,G=?" where "GPSD,G=GPS" is expected`},
		{"P-gps of today", "gps", []string{"> G", "raw {\"class\":\"VERSION\",\"release\":\"3.22\"}\r\n"}, ""},
		{"P-gps silent", "gps", []string{"> G", "... "}, "no answer within 5s"},

		{"P-lmtp", "lmtp", []string{"< 220 hi", "> LHLO localhost", "< 250 x", "> QUIT", "< 221 bye"}, ""},
		{"P-lmtp lines", "lmtp", []string{"< 220-hi", "< 220 there", "> LHLO localhost", "< 250-x", "< 250-8BITMIME", "< 250 y", "> QUIT", "< 221-a", "< 221 bye"}, ""},
		{"P-lmtp busy", "lmtp", []string{"< 421 busy"}, `it says "421 busy" where "220" is expected`},
		{"P-lmtp is smtp", "lmtp", []string{"< 220 hi", "> LHLO localhost", "< 500 what"}, `it says "500 what" where "250" is expected`},
		{"P-lmtp stays", "lmtp", []string{"< 220 hi", "> LHLO localhost", "< 250 x", "> QUIT", "< 250 no"}, `it says "250 no" where "221" is expected`},
		{"P-lmtp goes on", "lmtp", []string{lines(codedLines+1, "220-x\r\n")}, "its reply has more than 500 lines"},
		{"P-lmtp silent", "lmtp", []string{"... "}, "no answer within 5s"},

		{"P-nntp", "nntp", []string{"< 200 hi", "> QUIT", "< 205 bye"}, ""},
		{"P-nntp takes no articles", "nntp", []string{"< 201 hi"}, `it says "201 hi" where "200" is expected`},
		{"P-nntp busy", "nntp", []string{"< 400 busy"}, `it says "400 busy" where "200" is expected`},
		{"P-nntp stays", "nntp", []string{"< 200 hi", "> QUIT", "< 500 what"}, `it says "500 what" where "205" is expected`},
		{"P-nntp hangs up", "nntp", []string{"< 200 hi", "> QUIT"}, "it closed the connection instead of answering"},
		{"P-nntp silent", "nntp", []string{"... "}, "no answer within 5s"},

		{"P-postfix-policy", "postfix-policy", then(policyLines(), "raw action=DUNNO\n\n"), ""},
		{"P-postfix-policy nothing", "postfix-policy", then(policyLines(), "raw action=\n\n"), `it says "action=" where "action=DUNNO" is expected`},
		{"P-postfix-policy another protocol", "postfix-policy", then(policyLines(), "< 500 what"), `it says "500 what"`},
		{"P-postfix-policy cut short", "postfix-policy", then(policyLines(), "raw action=DUN"), "it closed the connection in the middle of its answer"},
		{"P-postfix-policy silent", "postfix-policy", then(policyLines(), "... "), "no answer within 5s"},

		{"P-rsync", "rsync", []string{"raw @RSYNCD: 31.0\n", "> @RSYNCD: 31.0", "> #list", "raw welcome\n\nweb  \tpages\n@RSYNCD: EXIT\n"}, ""},
		{"P-rsync digests", "rsync", []string{"raw @RSYNCD: 32.0 sha512 md5\n", "> @RSYNCD: 32.0 sha512 md5", "> #list", "raw @RSYNCD: EXIT\n"}, ""},
		{"P-rsync refuses", "rsync", []string{"raw @RSYNCD: 31.0\n", "> @RSYNCD: 31.0", "> #list", "raw @ERROR: go away\n"}, `it says "@ERROR: go away" where "@RSYNCD: EXIT" is expected`},
		{"P-rsync no version", "rsync", []string{"raw @RSYNCD: x.0\n"}, `it says "@RSYNCD: x.0" where "@RSYNCD: 31.0" is expected`},
		{"P-rsync another protocol", "rsync", []string{"< SSH-2.0-x"}, `it says "SSH-2.0-x" where "@RSYNCD: 31.0" is expected`},
		{"P-rsync cut short", "rsync", []string{"raw @RSYNCD: 31.0\n", "> @RSYNCD: 31.0", "> #list", "raw web\n"}, "it closed the connection in the middle of its answer"},
		{"P-rsync goes on", "rsync", []string{"raw @RSYNCD: 31.0\n", "> @RSYNCD: 31.0", "> #list", lines(moduleLines+1, "web\n")}, "its list of modules has more than 5000 lines"},
		{"P-rsync silent", "rsync", []string{"... "}, "no answer within 5s"},

		{"P-sieve", "sieve", []string{`< "IMPLEMENTATION" "x"`, `< "STARTTLS"`, `< OK "hi"`, "> LOGOUT", "< OK"}, ""},
		{"P-sieve literal", "sieve", []string{`< {4}`, `< SASL ""`, `< OK`, "> LOGOUT", "< OK bye"}, ""},
		{"P-sieve busy", "sieve", []string{`< BYE "busy"`}, `it says "BYE \"busy\"" where "OK" is expected`},
		{"P-sieve refuses", "sieve", []string{`< NO`}, `it says "NO" where "OK" is expected`},
		{"P-sieve stays", "sieve", []string{`< OK`, "> LOGOUT", `< NO "no"`}, `it says "NO \"no\"" where "OK" is expected`},
		{"P-sieve goes on", "sieve", []string{lines(codedLines+1, "\"X\"\r\n")}, "its greeting has more than 500 lines"},
		{"P-sieve silent", "sieve", []string{`< "X"`, "... "}, "no answer within 5s"},

		{"P-spamassassin", "spamassassin", []string{"> PING SPAMC/1.2", "< SPAMD/1.5 0 PONG"}, ""},
		{"P-spamassassin refuses", "spamassassin", []string{"> PING SPAMC/1.2", "< SPAMD/1.5 76 Bad header line"}, `it says "SPAMD/1.5 76 Bad header line" where "SPAMD/1.5 0 PONG" is expected`},
		{"P-spamassassin another protocol", "spamassassin", []string{"> PING SPAMC/1.2", "< 500 PONG"}, `it says "500 PONG"`},
		{"P-spamassassin long line", "spamassassin", []string{"> PING SPAMC/1.2", lines(lineLimit, "x")}, "a line is longer than 8192 bytes"},
		{"P-spamassassin silent", "spamassassin", []string{"... "}, "no answer within 5s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := converseWith(t, &model.Probe{Protocol: tt.proto, Timeout: 5 * time.Second}, script(t, tt.server...))
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, tt.want)
					mustFail(t, r, "example.com:99")
				}
			})
		})
	}
}

// answer is a server that reads so many bytes, keeps them and says one thing.
func answer(request *strings.Builder, size int, reply string) func(net.Conn) {
	return func(c net.Conn) {
		io.CopyN(request, c, int64(size))
		io.WriteString(c, reply)
	}
}

// The whole request, of which the table of lines sees only the lines.
func TestFail2banRequest(t *testing.T) {
	const want = "(lp0\nS'ping'\np1\na.<F2B_END_COMMAND>\x00"
	var got strings.Builder
	r := converseWith(t, &model.Probe{Protocol: "fail2ban"}, answer(&got, len(want), "\x80"))
	mustPass(t, r)
	if got.String() != want {
		t.Errorf("request %q, want %q", got.String(), want)
	}
}

func FuzzLineReplies(f *testing.F) {
	names := []string{"clamav", "dwp", "fail2ban", "gps", "lmtp", "nntp", "postfix-policy", "rsync", "sieve", "spamassassin"}
	for i := range names {
		for _, reply := range []string{
			"PONG\r\n", "HTTP/1.1 200 OK\r\n\r\n", "\x80\x05", "GPSD,G=GPS\r\n", "220 a\r\n250-b\r\n250 c\r\n221 d\r\n", "200 a\r\n205 b\r\n",
			"action=x\n\n", "@RSYNCD: 31.0\na\n@RSYNCD: EXIT\n", "\"X\"\r\nOK\r\nOK\r\n", "SPAMD/1.5 0 PONG\r\n",
		} {
			f.Add(uint8(i), []byte(reply))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, reply []byte) {
		sameInPieces(t, model.Probe{Protocol: names[int(which)%len(names)]}, reply)
	})
}
