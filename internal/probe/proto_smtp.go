package probe

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"orderly/internal/model"
)

var _ = register(Protocol{
	Name: "smtp", Port: 25, Net: "tcp", TLS: true, StartTLS: []int{25, 587},
	Params: []ParamSpec{
		{Name: "username", Help: "to log in with, together with password"},
		{Name: "password", Secret: true},
	},
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		if _, err := c.coded("220"); err != nil {
			return err
		}
		abilities, err := c.hello()
		if err != nil {
			return err
		}
		if c.awaitsTLS() {
			if _, err := c.command("STARTTLS\r\n", "220"); err != nil {
				return err
			}
			if err := c.StartTLS(); err != nil {
				return err
			}
			if abilities, err = c.hello(); err != nil {
				return err
			}
		}
		user, password := params.Get("username"), params.Get("password")
		if user != "" && password != "" {
			if err := c.authenticate(abilities, user, password); err != nil {
				return err
			}
		}
		_, err = c.command("QUIT\r\n", "221")
		return err
	},
})

// hello introduces us and returns what the server says it can do; servers of the old kind only know HELO.
func (c *Conn) hello() (abilities []string, err error) {
	abilities, err = c.command("EHLO localhost\r\n", "250")
	if _, refused := errors.AsType[refusal](err); refused {
		return c.command("HELO localhost\r\n", "250")
	}
	return abilities, err
}

func (c *Conn) authenticate(abilities []string, user, password string) error {
	encode := base64.StdEncoding.EncodeToString
	switch {
	case offers(abilities, "PLAIN"):
		_, err := c.command("AUTH PLAIN "+encode([]byte("\x00"+user+"\x00"+password))+"\r\n", "235")
		return err
	case offers(abilities, "LOGIN"):
		if _, err := c.command("AUTH LOGIN\r\n", "334"); err != nil {
			return err
		}
		if _, err := c.command(encode([]byte(user))+"\r\n", "334"); err != nil {
			return err
		}
		_, err := c.command(encode([]byte(password))+"\r\n", "235")
		return err
	}
	return errors.New("it offers neither AUTH PLAIN nor AUTH LOGIN")
}

// offers tells whether a line such as "AUTH LOGIN PLAIN" names the way to log in.
func offers(abilities []string, way string) bool {
	for _, line := range abilities {
		words := strings.FieldsFunc(strings.ToUpper(line), func(r rune) bool { return r == ' ' || r == '=' })
		if len(words) > 1 && words[0] == "AUTH" {
			for _, w := range words[1:] {
				if w == way {
					return true
				}
			}
		}
	}
	return false
}
