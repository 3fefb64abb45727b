package api

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestDecodeCommand(t *testing.T) {
	for _, tt := range []struct{ in, err string }{
		{`{"kind":"start","names":["web"]}`, ""},
		{`{"kind":"monitor","group":"front"}`, ""},
		{`{"kind":"unmonitor","all":true}`, ""},
		{``, "EOF"},
		{`{`, "unexpected EOF"},
		{`[]`, "cannot unmarshal array"},
		{`{"kind":"start","names":["web"],"force":true}`, `unknown field "force"`},
		{`{"kind":"start","names":["web"]} {}`, "something follows it"},
		{`{"kind":"explode","all":true}`, `there is no kind "explode"`},
		{`{"kind":"start"}`, "one of names, group and all"},
		{`{"kind":"start","names":["web"],"all":true}`, "one of names, group and all"},
	} {
		_, err := DecodeCommand(strings.NewReader(tt.in))
		switch {
		case tt.err == "" && err != nil:
			t.Errorf("%s: %v", tt.in, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%s: error %v, want %s", tt.in, err, tt.err)
		}
	}
}

func FuzzDecodeCommand(f *testing.F) {
	f.Add([]byte(`{"kind":"start","names":["web","db"]}`))
	f.Add([]byte(`{"kind":"check","all":true}`))
	f.Add([]byte(`{"kind":"stop","group":"\ud800"}`))
	f.Add([]byte(`{"kind":null,"names":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := DecodeCommand(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeCommand(bytes.NewReader(again)); err != nil {
			t.Errorf("%s is accepted, but what it means, %s, is not: %v", text, again, err)
		}
	})
}
