package probe

import (
	"context"
	"slices"
	"strings"

	"orderly/internal/model"
)

// These are the one-letter commands of gpsd before version 3, which asks what kind of receiver it has by G.
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
		kinds := []string{"GPSD,G=GPS", "GPSD,G=RTCM104"}
		upper := strings.ToUpper(line)
		if !slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(upper, kind) }) {
			return unexpected(line, kinds[0])
		}
		return nil
	},
})
