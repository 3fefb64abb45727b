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

func TestMQTT(t *testing.T) { // P-mqtt, P-mqtt-auth
	user, pw := param("username", "joe"), param("password", "topsecret")
	for _, tt := range []struct {
		name   string
		params model.Params
		flags  byte
		login  string // what follows the identifier
		reply  string
		want   string
	}{
		{"good", nil, 0x02, "", "\x20\x02\x00\x00", ""},
		{"user", model.Params{user}, 0x82, "\x00\x03joe", "\x20\x02\x00\x00", ""},
		{"login", model.Params{user, pw}, 0xc2, "\x00\x03joe\x00\x09topsecret", "\x20\x02\x00\x00", ""},
		{"password alone", model.Params{pw}, 0x02, "", "\x20\x02\x00\x00", ""},
		{"wrong password", model.Params{user, pw}, 0xc2, "\x00\x03joe\x00\x09topsecret", "\x20\x02\x00\x04", "it refuses the connection: wrong user name or password"},
		{"not allowed", nil, 0x02, "", "\x20\x02\x00\x05", "it refuses the connection: not authorized"},
		{"strange code", nil, 0x02, "", "\x20\x02\x00\x86", "it refuses the connection with code 134"},
		{"longer", nil, 0x02, "", "\x20\x03\x00\x00\x00", "its reply begins with 20 03 where 20 02 is expected"},
		{"text", nil, 0x02, "", "HTTP/1.1", "its reply begins with 48 54 where"},
		{"cut short", nil, 0x02, "", "\x20\x02\x00", "no answer within 5s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var request, farewell []byte
				p := &model.Probe{Protocol: "mqtt", Params: tt.params, Timeout: 5 * time.Second}
				r := converseWith(t, p, func(c net.Conn) {
					request = make([]byte, 2+12+23+len(tt.login))
					io.ReadFull(c, request)
					io.WriteString(c, tt.reply)
					farewell, _ = io.ReadAll(c)
				})
				if tt.want == "" {
					mustPass(t, r)
					if string(farewell) != "\xe0\x00" {
						t.Errorf("it says %q at the end", farewell)
					}
				} else {
					mustFail(t, r, "cannot speak mqtt with example.com:99: "+tt.want)
				}
				head := "\x10" + string(rune(len(request)-2)) + "\x00\x04MQTT\x04" + string([]byte{tt.flags}) + "\x00\x01\x00\x17orderly"
				if !strings.HasPrefix(string(request), head) || !strings.HasSuffix(string(request), tt.login) {
					t.Errorf("request %q, want %q and %q", request, head, tt.login)
				}
			})
		})
	}
}

func TestMQTTRequestOfAnySize(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range []int{1, 80, 100, 127, 128, 5000, 16000, 0xffff} {
		request, err := mqttConnect(strings.Repeat("u", n), "p")
		if err != nil {
			t.Fatal(err)
		}
		size, digits := binary.Uvarint(request[1:])
		if int(size) != len(request)-1-digits {
			t.Errorf("user of %d bytes: the request of %d bytes announces %d after %d digits", n, len(request), size, digits)
		}
		if id := string(request[1+digits+12:][:23]); seen[id] {
			t.Errorf("%s twice", id)
		} else {
			seen[id] = true
		}
	}
	if _, err := mqttConnect("u", strings.Repeat("p", 1<<16)); err == nil || !strings.Contains(err.Error(), "at most 65535 bytes") {
		t.Errorf("error %v", err)
	}
}
