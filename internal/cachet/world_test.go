package cachet

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/access"
	"orderly/internal/model"
	"orderly/internal/status"
)

// shelf keeps objects in memory, as a store does on disk.
type shelf struct {
	mu      sync.Mutex
	objects map[string]map[int64][]byte
	full    error // of Flush
}

func (s *shelf) PutObject(kind string, id int64, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects = map[string]map[int64][]byte{}
	}
	if s.objects[kind] == nil {
		s.objects[kind] = map[int64][]byte{}
	}
	s.objects[kind][id] = data
}

func (s *shelf) DropObject(kind string, id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects[kind], id)
}

func (s *shelf) Objects(_ context.Context, kind string) (map[int64][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.objects[kind]), nil
}

func (s *shelf) Flush(context.Context) error { return s.full }

// accounts by their tokens.
var accounts = map[string]*model.Account{
	"admin":    {Name: "ada", Scope: model.ScopeAdmin},
	"manage":   {Name: "max", Scope: model.ScopeManage, Token: true},
	"update":   {Name: "user", Scope: model.ScopeUpdate, Token: true},
	"web-only": {Name: "webber", Scope: model.ScopeUpdate, Token: true, Only: []string{"web"}},
	"read":     {Name: "rita", Scope: model.ScopeRead, Token: true},
}

// identify knows the accounts by header, bearer and name and password "pass" or token, as access does. A token that is
// "throttled" was tried too often.
func identify(r *http.Request) (*model.Account, error) {
	token := r.Header.Get("X-Cachet-Token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	if name, word, ok := r.BasicAuth(); ok && token == "" {
		for key, a := range accounts {
			if a.Name == name && (word == "pass" || word == key) {
				return a, nil
			}
		}
		return nil, access.ErrWrong
	}
	switch a := accounts[token]; {
	case token == "":
		return nil, nil
	case a != nil:
		return a, nil
	case token == "throttled":
		return nil, &access.ThrottledError{After: 90e9}
	}
	return nil, access.ErrWrong
}

// world is a status page of which services of some names drive components.
type world struct {
	t       *testing.T
	shelf   *shelf
	book    *status.Book
	handler http.Handler
}

// bubble runs a test in a world of its own, where time begins with the year 2000. Services are of hosts; web's checks are well, and db's fail.
func bubble(t *testing.T, page model.StatusPage, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		kept := &shelf{}
		book, err := status.Open(t.Context(), status.Options{Keeper: kept})
		if err != nil {
			t.Fatal(err)
		}
		if page.Zone == "" {
			page.Zone = "UTC"
		}
		book.Configure(page, nil, "demo")
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { book.Run(ctx) })
		defer running.Wait()
		defer stop()
		h := New(Options{Book: book, Identify: identify, Version: "1.2.3", Log: slog.New(slog.DiscardHandler)})
		test(&world{t, kept, book, h})
	})
}

// ask sends a request as it would come over the wire.
func (w *world) ask(r *http.Request) *httptest.ResponseRecorder {
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, r)
	return out
}

// pageOf is the page that a file of an archive configures.
func pageOf(a *txtar.Archive) (model.StatusPage, error) {
	page := model.DefaultStatusPage()
	for _, f := range a.Files {
		if f.Name == "page.json" {
			return page, errors.Join(json.Unmarshal(f.Data, &page))
		}
	}
	return page, nil
}
