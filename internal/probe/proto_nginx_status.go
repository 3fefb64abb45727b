package probe

import (
	"context"
	"strings"

	"orderly/internal/model"
)

var nginxFamily = familyOf("nginx")

// The page is that of nginx's module stub_status.
var _ = register(Protocol{
	Name: "nginx-status", Port: 80, Net: "tcp", TLS: true, Params: statusPage("/status"),
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		page, url, err := c.page(orElse(params, "request", "/status").Get("request"), params)
		if err != nil {
			return err
		}
		c.tellStub(string(page))
		if len(c.readings) < len(nginxFamily) {
			return verdictf("%s is no page of stub_status", url)
		}
		return nil
	},
})

// statusPage are the options of servers that tell of themselves by HTTP.
func statusPage(path string) []ParamSpec {
	return []ParamSpec{
		{Name: "request", Help: "path of the page; default " + path},
		{Name: "username", Help: "for basic authentication"},
		{Name: "password", Secret: true, Help: "for basic authentication"},
	}
}

// tellStub reads the page: a line of names above a line of numbers, and otherwise names followed by their number.
func (c *Conn) tellStub(page string) {
	var names []string
	for line := range strings.Lines(page) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "server":
			names = words[1:]
		case names != nil:
			for i := range min(len(names), len(words)) {
				c.tell(nginxFamily, names[i], words[i])
			}
			names = nil
		default:
			line = strings.Replace(line, "Active connections:", "Active_connections:", 1)
			for words = strings.Fields(line); len(words) >= 2; words = words[2:] {
				c.tell(nginxFamily, strings.TrimSuffix(words[0], ":"), words[1])
			}
		}
	}
}
