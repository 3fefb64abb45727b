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

// Each protocol against a server that behaves, and against some that do not.
func TestProtocols(t *testing.T) {
	login := model.Params{param("username", "u"), param("password", "pw")}
	for _, tt := range []struct {
		name, proto string
		params      model.Params
		server      []string
		want        string // "" for success
	}{
		{"P-redis", "redis", nil, []string{"> *1", "> $4", "> PING", "< +PONG", "> *1", "> $4", "> QUIT"}, ""},
		{"P-redis wants a password", "redis", nil, []string{"> *1", "> $4", "> PING", "< -NOAUTH Authentication required."}, ""},
		{"P-redis loading", "redis", nil, []string{"> *1", "> $4", "> PING", "< -LOADING"}, `it says "-LOADING" where "+PONG" is expected`},
		{"P-redis password", "redis", login, []string{"> *2", "> $4", "> AUTH", "> $2", "> pw", "< +OK", "> *1", "> $4", "> PING", "< +PONG"}, ""},
		{"P-redis wrong password", "redis", login, []string{"> *2", "> $4", "> AUTH", "> $2", "> pw", "< -WRONGPASS"}, `it says "-WRONGPASS"`},
		{"P-redis silent", "redis", nil, []string{"... "}, "no answer within 5s"},

		{"P-memcache", "memcache", nil, []string{"raw \x81\x0a" + strings.Repeat("\x00", 22)}, ""},
		{"P-memcache refuses", "memcache", nil, []string{"raw \x81\x0a\x00\x00\x00\x00\x00\x81" + strings.Repeat("\x00", 16)}, "it refuses a no-op with status 129"},
		{"P-memcache text only", "memcache", nil, []string{"raw ERROR\r\n" + strings.Repeat("x", 20)}, "its reply begins with 0x45"},
		{"P-memcache cut short", "memcache", nil, []string{"raw \x81\x0a\x00"}, "it closed the connection"},

		{"P-ssh", "ssh", nil, []string{"< SSH-2.0-OpenSSH_9.9", "> SSH-2.0-OpenSSH_9.9"}, ""},

		{"P-ftp", "ftp", nil, []string{"< 220 hi", "> QUIT", "< 221 bye"}, ""},
		{"P-ftp lines", "ftp", nil, []string{"< 220-hi", "<  and", "< 220x", "< 221 no", "< 220 end", "> QUIT", "< 221-", "< 221"}, ""},
		{"P-ftp busy", "ftp", nil, []string{"< 421 too many"}, `it says "421 too many" where "220" is expected`},
		{"P-ftp refused", "ftp", nil, []string{"< 220 hi", "> QUIT", "< 500 no"}, `it says "500 no" where "221" is expected`},
		{"P-ftp no code", "ftp", nil, []string{"< hi"}, `it says "hi" where "220" is expected`},
		{"P-ftp half a code", "ftp", nil, []string{"< 22"}, `it says "22" where "220" is expected`},
		{"P-ftp never ends", "ftp", nil, []string{"< 220-hi"}, "it closed the connection in the middle of its answer"},

		{"P-pop", "pop", nil, []string{"< +OK ready", "> QUIT", "< +ok bye"}, ""},
		{"P-pop refuses", "pop", nil, []string{"< -ERR no"}, `it says "-ERR no" where "+OK" is expected`},
		{"P-pop empty line", "pop", nil, []string{"< "}, `it says "" where "+OK" is expected`},

		{"P-imap", "imap", nil, []string{"< * OK ready", "> 001 LOGOUT", "< * bye now", "< 001 OK"}, ""},
		{"P-imap busy", "imap", nil, []string{"< * BYE busy"}, `it says "* BYE busy" where "* OK" is expected`},

		{"P-smtp", "smtp", nil, []string{"< 220 hi", "> EHLO localhost", "< 250-x", "< 250 SIZE", "> QUIT", "< 221 bye"}, ""},
		{"P-smtp old", "smtp", nil, []string{"< 220 hi", "> EHLO localhost", "< 500 what", "> HELO localhost", "< 250 x", "> QUIT", "< 221 bye"}, ""},
		{"P-smtp refuses", "smtp", nil, []string{"< 220 hi", "> EHLO localhost", "< 550 a", "> HELO localhost", "< 550 b"}, `it says "550 b" where "250" is expected`},
		{"P-smtp closes", "smtp", nil, []string{"< 220 hi", "> EHLO localhost"}, "it closed the connection"},
		{"P-smtp-auth", "smtp", login, []string{
			"< 220 hi", "> EHLO localhost", "< 250-x", "< 250 AUTH LOGIN PLAIN", "> AUTH PLAIN AHUAcHc=", "< 235 ok", "> QUIT", "< 221 bye",
		}, ""},
		{"P-smtp-auth login", "smtp", login, []string{
			"< 220 hi", "> EHLO localhost", "< 250-x", "< 250-auth=login", "< 250 OK",
			"> AUTH LOGIN", "< 334 VXNlcm5hbWU6", "> dQ==", "< 334 UGFzc3dvcmQ6", "> cHc=", "< 235 ok", "> QUIT", "< 221 bye",
		}, ""},
		{"P-smtp-auth wrong", "smtp", login, []string{
			"< 220 hi", "> EHLO localhost", "< 250 AUTH PLAIN", "> AUTH PLAIN AHUAcHc=", "< 535 no",
		}, `it says "535 no" where "235" is expected`},
		{"P-smtp-auth not offered", "smtp", login, []string{"< 220 hi", "> EHLO localhost", "< 250 AUTH CRAM-MD5"}, "it offers neither AUTH PLAIN nor AUTH LOGIN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := script(t, tt.server...)
				p := &model.Probe{Protocol: tt.proto, Params: tt.params, Timeout: 5 * time.Second}
				r := converseWith(t, p, func(c net.Conn) {
					if tt.proto == "memcache" {
						io.ReadFull(c, make([]byte, 24))
					}
					server(c)
				})
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, "cannot speak "+tt.proto+" with example.com:99: ")
					mustFail(t, r, tt.want)
				}
				if strings.Contains(r.Summary, "pw") || strings.Contains(r.Summary, "cHc=") {
					t.Errorf("the password is in the summary %q", r.Summary)
				}
			})
		})
	}
}

func TestMemcacheRequest(t *testing.T) {
	got := make([]byte, 24)
	converseWith(t, &model.Probe{Protocol: "memcache"}, func(c net.Conn) { io.ReadFull(c, got) })
	if want := "\x80\x0a" + strings.Repeat("\x00", 22); string(got) != want {
		t.Errorf("request %q, want %q", got, want)
	}
}
