package cli_test

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"orderly/internal/access"
	"orderly/internal/model"
)

// accounts are those of a stand-in: two that are configured, and those that a script adds.
func accounts() *access.Guard {
	g := access.New(nil, slog.New(slog.DiscardHandler))
	g.Configure([]model.Account{
		{Name: "ann", Secret: "$2a$10$" + strings.Repeat(".", 53), Scope: model.ScopeAdmin},
		{
			Name: "monit", Secret: strings.Repeat("0", 64), Token: true, Scope: model.ScopeUpdate, Only: []string{"db", "group:shop"},
			Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Expires: time.Date(2099, 1, 31, 0, 0, 0, 0, time.UTC),
		},
	})
	return g
}
