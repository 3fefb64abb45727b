package probe

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// A flood is a socket at which one datagram after the other arrives. As with a real one, what the reader has no room for is lost.
type flood struct {
	recorded
	next  func() string
	heard int // datagrams read
}

func (f *flood) Read(b []byte) (int, error) {
	f.heard++
	return copy(b, f.next()), nil
}

// Whatever arrives in datagrams, few are looked at before that is called an answer or none.
func TestHostileDatagrams(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	same := func(datagram string) func() string { return func() string { return datagram } }
	for _, hostile := range []struct {
		name string
		next func() string
	}{
		{"empty", same("")},
		{"one byte", same("\x00")},
		{"zeros", same(strings.Repeat("\x00", 48))},
		{"ones", same(strings.Repeat("\xff", 48))},
		{"oversized", same(strings.Repeat("\x1c", 65507))},
		{"largest that is read", same(strings.Repeat("\x02", lineLimit))},
		{"letters", same("what?\x1b[2J")},
		{"an answer to somebody else", same("\x77\x77\x81\x80\x00\x01\x00\x0d\x00\x00\x00\x00")},
		{"what we asked", same(dnsQuery)},
		{"what we asked for the time", same(ntpRequest)},
		{"attributes without length", same("\x02\x00\x00\x20" + strings.Repeat("\x00", 28))},
		{"attributes that are too long", same("\x02\x00\x00\x20" + strings.Repeat("a", 16) + strings.Repeat("\xff", 12))},
		{"reply shorter than it says", same("\x02\x00\xff\xff" + strings.Repeat("\x01", 40))},
		{"reply longer than it says", same("\x02\x00\x00\x01" + strings.Repeat("\x01", 40))},
		{"SIP without end", same("SIP/2.0 200 ")},
		{"garbage", func() string {
			b := make([]byte, random.IntN(2000))
			for i := range b {
				b[i] = byte(random.Uint32()) &^ 0x84 // none of the bits by which protocols mark a reply
			}
			return string(b)
		}},
	} {
		for _, proto := range Protocols() {
			t.Run(proto.Name+" "+hostile.name, func(t *testing.T) {
				f := &flood{next: hostile.next}
				r := overConn(t, f, &model.Probe{Protocol: proto.Name, UDP: true, Timeout: 5 * time.Second})
				mustFail(t, r, "cannot speak "+proto.Name+" with example.com:99: ")
				mustBeReadable(t, r)
				if most := lineLimit; f.heard > most {
					t.Errorf("%d datagrams were read", f.heard)
				}
			})
		}
	}
}

// TestDatagramsOfTheDefault has the default test of UDP hear anything: whoever answers is there.
func TestDatagramsOfTheDefault(t *testing.T) { // P-default-udp
	for _, datagram := range []string{"\x00", strings.Repeat("\xff", 65507)} {
		f := &flood{next: func() string { return datagram }}
		mustPass(t, overConn(t, f, &model.Probe{UDP: true, Timeout: 5 * time.Second}))
		if f.heard != 1 {
			t.Errorf("%d datagrams were read", f.heard)
		}
	}
}
