package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A register has accounts in memory.
type register struct{ list []model.Account }

func (r *register) Accounts() []model.Account { return r.list }

func (r *register) AddAccount(_ context.Context, a model.Account) error {
	r.list = append(r.list, a)
	return nil
}

func (r *register) ChangePassword(_ context.Context, name, hash string) error {
	for i := range r.list {
		if r.list[i].Name == name {
			r.list[i].Secret = hash
			return nil
		}
	}
	return errors.New("there is none of that name")
}

func (r *register) RemoveAccount(_ context.Context, name string) error {
	return errors.New("cannot remove " + name)
}

func TestAccounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "o.sock")
	ctx, cancel := context.WithCancel(t.Context())
	l, err := ListenControl(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	kept := &register{}
	served := make(chan error, 1)
	go func() {
		served <- New(&fakeBackend{}, nil, nil, "", slog.New(slog.DiscardHandler)).WithAccounts(kept).Serve(ctx, l)
	}()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	c := client.New(path)
	bot := client.Account{
		Name: "build bot/ä", Secret: "hash", Token: true, Scope: model.ScopeUpdate, Only: []string{"db"},
		Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Expires: epoch.Add(time.Hour),
	}
	if err := c.AddAccount(t.Context(), bot); err != nil || !reflect.DeepEqual(kept.list, []model.Account{model.Account(bot)}) {
		t.Fatalf("added %+v, %v", kept.list, err)
	}
	if err := c.ChangePassword(t.Context(), bot.Name, "another"); err != nil || kept.list[0].Secret != "another" {
		t.Errorf("changed %+v, %v", kept.list, err)
	}
	if err := c.ChangePassword(t.Context(), "nobody", "another"); err == nil || err.Error() != "there is none of that name" {
		t.Errorf("of nobody: %v", err)
	}
	shown := bot
	shown.Secret = ""
	if list, err := c.Accounts(t.Context()); err != nil || !reflect.DeepEqual(list, []client.Account{shown}) {
		t.Errorf("listed %+v, %v", list, err)
	}
	if err := c.RemoveAccount(t.Context(), bot.Name); err == nil || err.Error() != "cannot remove "+bot.Name {
		t.Errorf("removed: %v", err)
	}
}

// Accounts are a matter of the control socket only.
func TestNoAccountsAtTheReadOnlyDoor(t *testing.T) {
	h := New(&fakeBackend{}, nil, nil, "", slog.New(slog.DiscardHandler)).WithAccounts(&register{}).Reads()
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		r := httptest.NewRequest(method, client.PathAccounts, strings.NewReader("{}"))
		r.RemoteAddr, r.Host = "127.0.0.1:9", "localhost"
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
}
