package access

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func TestAddedAccounts(t *testing.T) {
	disk := newShelf()
	g, told := guarded(t, disk)
	token, kept := NewToken()
	eve := model.Account{Name: "eve", Secret: quick("first password"), Scope: model.ScopeManage}
	bot := model.Account{Name: "bot", Secret: kept, Token: true, Scope: model.ScopeUpdate, Only: []string{"db", "group:shop"}}
	for _, a := range []model.Account{eve, bot} {
		if err := g.AddAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	session := login(t, g, "eve", "first password", nil)
	if err := g.ChangePassword(t.Context(), "eve", quick("second password")); err != nil {
		t.Fatal(err)
	}
	if who(t, g, session) != "" {
		t.Error("a session goes on after the password was changed")
	}
	again, _ := guarded(t, disk.killed())
	for _, g := range []*Guard{g, again} {
		if a, err := g.Identify(request("GET", "/", header{"X-Cachet-Token": token})); err != nil || a.Name != "bot" || !reflect.DeepEqual(a.Only, bot.Only) {
			t.Errorf("the token is of %+v, %v", a, err)
		}
		if _, err := g.Identify(request("GET", "/", header{"Authorization": basic("eve", "first password")})); !errors.Is(err, ErrWrong) {
			t.Errorf("the old password: %v", err)
		}
		if a, err := g.Identify(request("GET", "/", header{"Authorization": basic("eve", "second password")})); a == nil {
			t.Errorf("the new password: %v", err)
		}
		var names []string
		for _, a := range g.Accounts() {
			names = append(names, a.Name)
			if a.Secret != "" || a.Created.IsZero() != (a.Name != "eve" && a.Name != "bot") {
				t.Errorf("shown: %+v", a)
			}
		}
		if got := strings.Join(names, " "); got != "ann bob bot eve script" {
			t.Errorf("accounts %s", got)
		}
	}
	if err := again.RemoveAccount(t.Context(), "bot"); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Identify(request("GET", "/", header{"X-Cachet-Token": token})); !errors.Is(err, ErrWrong) {
		t.Errorf("a token that was removed: %v", err)
	}
	want := []string{`the account "eve" was added: it may manage`, `the token "bot" was added: it may update`, `the password of "eve" was changed`}
	if !reflect.DeepEqual(*told, want) {
		t.Errorf("the journal: %q", *told)
	}
}

func TestAccountsThatCannotBe(t *testing.T) {
	_, kept := NewToken()
	g, _ := guarded(t, nil)
	if err := g.AddAccount(t.Context(), model.Account{Name: "bot", Secret: kept, Token: true, Scope: model.ScopeRead}); err != nil {
		t.Fatal(err)
	}
	good := model.Account{Name: "new", Secret: annHash, Scope: model.ScopeRead}
	for _, tt := range []struct {
		change func(*model.Account)
		want   string
	}{
		{func(a *model.Account) { a.Name = "" }, "needs a name"},
		{func(a *model.Account) { a.Name = "a:b" }, "cannot be the name"},
		{func(a *model.Account) { a.Name = "a\x1b[31m" }, "cannot be the name"},
		{func(a *model.Account) { a.Name = " a" }, "cannot be the name"},
		{func(a *model.Account) { a.Name = tokenMark + "x" }, "cannot be the name"},
		{func(a *model.Account) { a.Name = strings.Repeat("x", 65) }, "at most 64"},
		{func(a *model.Account) { a.Name = "ann" }, "the configuration has one"},
		{func(a *model.Account) { a.Name = "bot" }, "there is one of that name"},
		{func(a *model.Account) { a.Scope = "root" }, "no scope"},
		{func(a *model.Account) { a.Secret = "clear" }, "not a bcrypt hash"},
		{func(a *model.Account) { a.Secret = "$2a$31$" + strings.Repeat(".", 53) }, "takes too long"},
		{func(a *model.Account) { a.Token = true }, "not a SHA-256"},
	} {
		a := good
		tt.change(&a)
		err := g.AddAccount(t.Context(), a)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %s", a, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), good.Secret) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
	for name, err := range map[string]error{
		"there is none":                   g.RemoveAccount(t.Context(), "nobody"),
		"in the configuration":            g.RemoveAccount(t.Context(), "ann"),
		"written in the configuration":    g.ChangePassword(t.Context(), "ann", annHash),
		"it is a token":                   g.ChangePassword(t.Context(), "bot", annHash),
		`the password of "nobody": there`: g.ChangePassword(t.Context(), "nobody", annHash),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %s", err, name)
		}
	}
}

func TestAccountIsOnDiskOrNotThere(t *testing.T) {
	disk := newShelf()
	g, told := guarded(t, disk)
	disk.broken = errors.New("no space left")
	err := g.AddAccount(t.Context(), model.Account{Name: "new", Secret: annHash, Scope: model.ScopeRead})
	if err == nil || !strings.Contains(err.Error(), "no space left") || len(g.roster.kept) != 0 || len(disk.queued[kindAccount]) != 0 || len(*told) != 0 {
		t.Errorf("%v; kept %v, queued %v, told %q", err, g.roster.kept, disk.queued, *told)
	}
	login(t, g, "ann", annSecret, nil) // holds in memory all the same
}

func TestConfigurationGoesFirst(t *testing.T) {
	g, _ := guarded(t, nil)
	if err := g.AddAccount(t.Context(), model.Account{Name: "new", Secret: annHash, Scope: model.ScopeRead}); err != nil {
		t.Fatal(err)
	}
	scope := func(password string) model.Scope {
		a, _ := g.Identify(request("GET", "/", header{"Authorization": basic("new", password)}))
		if a == nil {
			return ""
		}
		return a.Scope
	}
	g.Configure([]model.Account{{Name: "new", Secret: bobHash, Scope: model.ScopeAdmin}, {Name: "bad", Secret: "clear", Scope: model.ScopeAdmin}})
	if scope(annSecret) != "" || scope(bobSecret) != model.ScopeAdmin || len(g.Accounts()) != 1 {
		t.Errorf("the account that was added counts; accounts %v", g.Accounts())
	}
	g.Configure(nil)
	if scope(annSecret) != model.ScopeRead || scope(bobSecret) != "" {
		t.Error("the account that was added does not come back")
	}
}

func TestLastUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newShelf()
		g, _ := guarded(t, disk)
		token, kept := NewToken()
		if err := g.AddAccount(t.Context(), model.Account{Name: "bot", Secret: kept, Token: true, Scope: model.ScopeUpdate}); err != nil {
			t.Fatal(err)
		}
		before := disk.puts
		for range 3600 {
			time.Sleep(time.Second)
			if _, err := g.Identify(request("GET", "/", header{"X-Cachet-Token": token})); err != nil {
				t.Fatal(err)
			}
		}
		for _, a := range g.Accounts() {
			if a.Name == "bot" && !a.Used.Equal(time.Now().Truncate(time.Minute)) {
				t.Errorf("used %v, want %v", a.Used, time.Now())
			}
		}
		if n := disk.puts - before; n != 6 {
			t.Errorf("3600 requests in an hour are saved %d times, want 6", n)
		}
	})
}

func TestHashPassword(t *testing.T) {
	hash, err := HashPassword("correct horse")
	if err != nil || checkHash(hash) != nil || !matches(hash, "correct horse") {
		t.Errorf("%s, %v", hash, err)
	}
	for _, bad := range []string{"", "seven77", strings.Repeat("x", 73), "with a\nline break"} {
		if _, err := HashPassword(bad); err == nil || !strings.HasPrefix(err.Error(), "cannot use this password: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNewToken(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token, kept := NewToken()
		if len(token) != 47 || !beyondGuessing(token) || kept != hashToken(token) || seen[token] {
			t.Fatalf("token %s, kept %s", token, kept)
		}
		seen[token] = true
	}
}
