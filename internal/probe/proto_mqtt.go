package probe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"orderly/internal/model"
)

// MQTT 3.1.1 is an OASIS standard.
var _ = register(Protocol{
	Name: "mqtt", Port: 1883, Net: "tcp", TLS: true,
	Params: []ParamSpec{
		{Name: "username", Help: "to connect as"},
		{Name: "password", Secret: true, Help: "has no effect without a username"},
	},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		request, err := mqttConnect(params.Get("username"), params.Get("password"))
		if err != nil {
			return err
		}
		if err := c.Send(string(request)); err != nil {
			return err
		}
		reply, err := c.Exact(4)
		if err != nil {
			return err
		}
		if reply[0] != 0x20 || reply[1] != 2 {
			return fmt.Errorf("its reply begins with % x where 20 02 is expected", reply[:2])
		}
		if code := int(reply[3]); code != 0 {
			if code < len(mqttRefusals) {
				return fmt.Errorf("it refuses the connection: %s", mqttRefusals[code])
			}
			return fmt.Errorf("it refuses the connection with code %d", code)
		}
		c.Bye("\xe0\x00")
		return nil
	},
})

// mqttRefusals are the meanings of return codes.
var mqttRefusals = [...]string{
	1: "it does not speak MQTT 3.1.1", 2: "it does not accept the client identifier", 3: "the service is unavailable",
	4: "wrong user name or password", 5: "not authorized",
}

// Flags of a request to connect.
const (
	mqttCleanSession = 0x02
	mqttPassword     = 0x40
	mqttUser         = 0x80
)

// mqttConnect builds a request to connect. Each has another identifier, because a server hangs up on whoever had it before.
func mqttConnect(user, password string) ([]byte, error) {
	const longest = 0xffff
	if len(user) > longest || len(password) > longest {
		return nil, errors.New("user names and passwords of MQTT have at most 65535 bytes")
	}
	const keepAlive = 1 // seconds
	flags := byte(mqttCleanSession)
	body := mqttText(nil, "orderly"+rand.Text()[:16]) // 23 letters and digits are accepted everywhere
	if user != "" {
		flags |= mqttUser
		body = mqttText(body, user)
		if password != "" {
			flags |= mqttPassword
			body = mqttText(body, password)
		}
	}
	head := append(mqttText(nil, "MQTT"), 4, flags, 0, keepAlive)
	request := binary.AppendUvarint([]byte{0x10}, uint64(len(head)+len(body))) // its lengths are written like ours
	return append(append(request, head...), body...), nil
}

// mqttText appends a text with its length.
func mqttText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}
