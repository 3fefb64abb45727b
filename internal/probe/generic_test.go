package probe

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func TestDialogue(t *testing.T) { // P-generic, C-send, C-expect, C-send-zero
	for _, tt := range []struct {
		name   string
		turns  []model.Turn
		size   int
		server []string
		want   string // "" for success
	}{
		{"good", []model.Turn{{Expect: "^220"}, {Send: "EHLO x\r\n"}, {Expect: "^250"}}, 0, []string{"< 220 hi", "> EHLO x", "< 250 ok", "... "}, ""},
		{"send bytes", []model.Turn{{Send: `a\0x41\0x0a`}, {Expect: "b"}}, 0, []string{"> aA", "< b"}, ""},
		{"zero bytes", []model.Turn{{Expect: `^\\0a\\0$`}}, 0, []string{"raw \x00a\x00"}, ""},
		{"several lines", []model.Turn{{Expect: "one.*two"}}, 0, []string{"< one", "< two", "... "}, ""},
		{"edges of words", []model.Turn{{Expect: `\<two\>`}}, 0, []string{"< one two three"}, ""},
		{"only the first bytes", []model.Turn{{Expect: "^one$"}, {Expect: "two"}}, 3, []string{"raw onetwo", "... "}, ""},
		{"no match", []model.Turn{{Expect: "250"}}, 0, []string{"< 500 no"}, `example.com:99 says "500 no\r\n", which does not match "250"`},
		{"silence", []model.Turn{{Expect: "."}}, 0, []string{"... "}, "cannot talk to example.com:99: no answer within 5s"},
		{"closed", []model.Turn{{Expect: "."}}, 0, nil, "it closed the connection instead of answering"},
		{"unbalanced pattern", []model.Turn{{Expect: "a)|(b"}}, 0, []string{"... "}, `cannot use pattern "a)|(b"`},
		{"bad pattern", []model.Turn{{Expect: "["}}, 0, []string{"... "}, `cannot use pattern "["`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &model.Probe{Dialog: tt.turns, MaxSize: tt.size, Timeout: 5 * time.Second}
				r := converseWith(t, p, script(t, tt.server...))
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, tt.want)
				}
			})
		})
	}
}

// The reply is over after 200 ms without a byte, however long the timeout is.
func TestDialogueWaitsForSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := &model.Probe{Dialog: []model.Turn{{Expect: "^abc$"}}, Timeout: 5 * time.Second}
		r := converseWith(t, p, func(c net.Conn) {
			for i, s := range []string{"a", "b", "c", "d"} {
				time.Sleep([]time.Duration{3 * time.Second, 150 * time.Millisecond, 150 * time.Millisecond, 250 * time.Millisecond}[i])
				io.WriteString(c, s)
			}
		})
		mustPass(t, r)
		if took := time.Since(start); took < 3500*time.Millisecond || took > 3600*time.Millisecond {
			t.Errorf("it took %s", took)
		}
	})
}

func TestDecode(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		"plain":          "plain",
		`\0x00\0xff`:     "\x00\xff",
		`a\0x0Db`:        "a\rb",
		`\0x`:            `\0x`,
		`\0x4`:           `\0x4`,
		`\0xzz\0x41`:     `\0xzzA`,
		`\0x\0x41`:       `\0xA`,
		`\n stays, \0 x`: `\n stays, \0 x`,
	} {
		if got := decode(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
