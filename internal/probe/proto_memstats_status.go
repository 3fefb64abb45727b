package probe

import (
	"context"
	"encoding/json"

	"orderly/internal/model"
)

var memstatsFamily = familyOf("memstats")

// The page is that of Go's package expvar.
var _ = register(Protocol{
	Name: "memstats-status", Port: 8080, Net: "tcp", TLS: true, Params: statusPage("/debug/vars"),
	Run: func(_ context.Context, c *Conn, params model.Params) error {
		page, url, err := c.page(orElse(params, "request", "/debug/vars").Get("request"), params)
		if err != nil {
			return err
		}
		var vars struct {
			Memstats map[string]json.RawMessage `json:"memstats"`
		}
		if json.Unmarshal(page, &vars) != nil || vars.Memstats == nil {
			return verdictf("%s has no memstats in JSON", url)
		}
		for _, name := range model.FamilyNames("memstats") {
			c.tell(memstatsFamily, name, string(vars.Memstats[name]))
		}
		return c.told()
	},
})
