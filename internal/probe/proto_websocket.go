package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"orderly/internal/model"
)

const (
	frameLimit    = 256 // bytes of the payload of a frame
	skippedFrames = 100 // frames that may come before the one that is waited for
)

// The kinds of frames that matter here.
const (
	frameClose = 0x8
	framePing  = 0x9
	framePong  = 0xa
)

// RFC 6455.
var _ = register(Protocol{
	Name: "websocket", Port: 80, Net: "tcp", TLS: true,
	Params: []ParamSpec{
		{Name: "host", Help: "value of the Host header"},
		{Name: "request", Help: "path and query to ask for; default /"},
		{Name: "origin", Help: "value of the Origin header; default none"},
		{Name: "version", Help: "of the protocol; default 13, that of the RFC"},
	},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		if err := c.upgrade(params); err != nil {
			return err
		}
		for _, turn := range []struct{ say, hear byte }{{framePing, framePong}, {frameClose, frameClose}} {
			// What we send is masked, and a mask may be zero; nothing else is in these frames.
			if err := c.Send(string([]byte{0x80 | turn.say, 0x80, 0, 0, 0, 0})); err != nil {
				return err
			}
			if err := c.wantFrame(turn.hear); err != nil {
				return err
			}
		}
		return nil
	},
})

// upgrade makes the HTTP connection one of frames.
func (c *Conn) upgrade(params model.Params) error {
	request := model.Params{
		{Name: "request", Value: params.Get("request")},
		{Name: "status", Op: model.Equal, Value: "101"},
		{Name: "hostheader", Value: params.Get("host")},
		{Name: "header", Value: "Connection: Upgrade"},
		{Name: "header", Value: "Upgrade: websocket"},
		{Name: "header", Value: "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="},
		{Name: "header", Value: "Sec-WebSocket-Version: " + cmp.Or(params.Get("version"), "13")},
	}
	if origin := params.Get("origin"); origin != "" {
		request = append(request, model.Param{Name: "header", Value: "Origin: " + origin})
	}
	test, err := newHTTPTest(request, 0)
	if err != nil {
		return err
	}
	_, err = test.ask(c)
	return err
}

// wantFrame skips frames up to the first of a kind, whose payload it reads as well.
func (c *Conn) wantFrame(kind byte) error {
	for range skippedFrames {
		got, err := c.frame()
		if err != nil || got == kind {
			return err
		}
	}
	return fmt.Errorf("it sends %d frames, and none of kind %#x", skippedFrames, kind)
}

// frame reads a frame and returns its kind.
func (c *Conn) frame() (kind byte, err error) {
	head, err := c.Exact(2)
	if err != nil {
		return 0, err
	}
	if head[1]&0x80 != 0 {
		return 0, errors.New("it masks its frames, which only a client does")
	}
	size := int(head[1])
	switch size {
	case 126:
		length, err := c.Exact(2)
		if err != nil {
			return 0, err
		}
		size = int(length[0])<<8 | int(length[1])
	case 127:
		size = frameLimit + 1 // it would not fit in the two bytes of a shorter frame
	}
	if size > frameLimit {
		return 0, fmt.Errorf("it sends a frame longer than %d bytes", frameLimit)
	}
	_, err = c.Exact(size)
	return head[0] & 0x0f, err
}
