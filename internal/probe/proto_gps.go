package probe

import (
	"context"
	"slices"
	"strings"

	"orderly/internal/model"
)

// gpsKinds are the beginnings of a good answer. Before version 3, gpsd had commands of one letter and was asked by G what kind
// of receiver it has; since then it introduces itself, and does not need to be asked.
var gpsKinds = []string{"GPSD,G=GPS", "GPSD,G=RTCM104", `{"CLASS":"VERSION"`}

var _ = register(Protocol{
	Name: "gps", Port: 2947, Net: "tcp", TLS: true,
	Run: func(_ context.Context, c *Conn, _ model.Params) error {
		if err := c.Send("G\r\n"); err != nil {
			return err
		}
		line, err := c.Line()
		if err != nil {
			return err
		}
		upper := strings.ToUpper(line)
		if !slices.ContainsFunc(gpsKinds, func(kind string) bool { return strings.HasPrefix(upper, kind) }) {
			return unexpected(line, gpsKinds[0])
		}
		return nil
	},
})
