package probe

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func TestRADIUS(t *testing.T) { // P-radius
	authenticator := strings.Repeat("a", 16)
	good := "\x02\x00\x00\x14" + authenticator
	attributes := func(a string) string { return "\x02\x00\x00" + string(rune(20+len(a))) + authenticator + a }
	for _, tt := range []struct {
		name, secret, reply string
		want                string
	}{
		{"good", "", good, ""},
		{"accounting", "", "\x05" + good[1:], ""},
		{"own secret", "s3cret", good, ""},
		{"attributes", "", attributes("\x12\x05yes\x50\x02\x01\x06abcd"), ""},
		{"padded", "", good + "\x00\x00\x00", ""},
		{"rejected", "", "\x03" + good[1:], "its reply is of code 3 where"},
		{"another request", "", "\x02\x07" + good[2:], "its reply is to request 7 where 0 was asked"},
		{"too short", "", good[:19], "its reply has 19 bytes, at least 20 are expected"},
		{"more announced", "", "\x02\x00\xff\xff" + authenticator, "its reply announces 65535 bytes and has 20"},
		{"less announced", "", "\x02\x00\x00\x13" + authenticator, "its reply announces 19 bytes and has 20"},
		{"attribute of no length", "", attributes("\x12\x00\x00\x00"), "an attribute of its reply has a length that cannot be"},
		{"attribute too long", "", attributes("\x12\x03a\x13\x09"), "an attribute of its reply has a length that cannot be"},
		{"half an attribute", "", attributes("\x12\x03a\x13"), "an attribute of its reply has a length that cannot be"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &model.Probe{Protocol: "radius", UDP: true, Timeout: 5 * time.Second}
				secret := "testing123"
				if tt.secret != "" {
					secret, p.Params = tt.secret, model.Params{param("secret", tt.secret)}
				}
				r := converseWith(t, p, func(c net.Conn) {
					request := make([]byte, 100)
					n, _ := c.Read(request)
					if !signed(request[:n], secret) {
						t.Errorf("request % x", request[:n])
					}
					io.WriteString(c, tt.reply)
				})
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, "cannot speak radius with example.com:99: "+tt.want)
				}
			})
		})
	}
	if bytes.Equal(radiusStatus("x"), radiusStatus("x")) {
		t.Error("two requests have the same authenticator")
	}
}

// signed tells whether a request is one for the status and is signed with the secret.
func signed(request []byte, secret string) bool {
	if len(request) != 38 || !bytes.HasPrefix(request, []byte{12, 0, 0, 38}) || !bytes.HasPrefix(request[20:], []byte{80, 18}) {
		return false
	}
	sign := hmac.New(md5.New, []byte(secret))
	sign.Write(request[:22])
	sign.Write(make([]byte, 16))
	return hmac.Equal(sign.Sum(nil), request[22:])
}
