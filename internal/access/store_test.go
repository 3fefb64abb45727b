package access

import (
	"log/slog"
	"testing"

	"orderly/internal/model"
	"orderly/internal/store"
)

// What the disk knows is enough for the next run.
func TestRealStore(t *testing.T) {
	dir := t.TempDir()
	open := func() *store.Store {
		s, err := store.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	disk := open()
	g, _ := guarded(t, disk)
	token, kept := NewToken()
	for _, a := range []model.Account{
		{Name: "bot", Secret: kept, Token: true, Scope: model.ScopeUpdate},
		{Name: "gone", Secret: quick("whoever it was"), Scope: model.ScopeAdmin},
	} {
		if err := g.AddAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	stays, ends := login(t, g, "ann", annSecret, nil), login(t, g, "gone", "whoever it was", nil)
	if err := g.RemoveAccount(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	if err := disk.Close(); err != nil {
		t.Fatal(err)
	}
	disk = open()
	defer disk.Close()
	again, _ := guarded(t, disk)
	if a, err := again.Identify(request("GET", "/", header{"X-Cachet-Token": token})); err != nil || a.Name != "bot" {
		t.Errorf("the token is of %v, %v", a, err)
	}
	if who(t, again, stays) != "ann" || who(t, again, ends) != "" || len(again.Accounts()) != 4 {
		t.Errorf("sessions of %q and %q, accounts %v", who(t, again, stays), who(t, again, ends), again.Accounts())
	}
}
