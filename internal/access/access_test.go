package access

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"orderly/internal/model"
)

// A shelf keeps objects in memory. What is put is on disk only after a Flush, as if the process could be killed any time.
type shelf struct {
	mu     sync.Mutex
	queued map[string]map[int64][]byte
	disk   map[string]map[int64][]byte
	broken error
	puts   int
}

func newShelf() *shelf {
	return &shelf{queued: map[string]map[int64][]byte{}, disk: map[string]map[int64][]byte{}}
}

func (s *shelf) PutObject(kind string, id int64, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	if s.queued[kind] == nil {
		s.queued[kind] = map[int64][]byte{}
	}
	s.queued[kind][id] = data
}

func (s *shelf) DropObject(kind string, id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.queued[kind], id)
}

func (s *shelf) Objects(_ context.Context, kind string) (map[int64][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.disk[kind]), s.broken
}

func (s *shelf) Flush(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	s.disk = map[string]map[int64][]byte{}
	for kind, objects := range s.queued {
		s.disk[kind] = maps.Clone(objects)
	}
	return nil
}

// killed is what is left when the process is killed now.
func (s *shelf) killed() *shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := newShelf()
	for kind, objects := range s.disk {
		left.queued[kind], left.disk[kind] = maps.Clone(objects), maps.Clone(objects)
	}
	return left
}

// quick is the hash of a password that takes no time.
func quick(password string) string {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return string(hash)
}

var annHash, bobHash = quick("ann's secret"), quick("bob's secret")

const (
	scriptToken = "a-token-from-the-configuration"
	annSecret   = "ann's secret"
	bobSecret   = "bob's secret"
)

func configured() []model.Account {
	return []model.Account{
		{Name: "ann", Secret: annHash, Scope: model.ScopeAdmin},
		{Name: "bob", Secret: bobHash, Scope: model.ScopeRead},
		{Name: "script", Secret: hashToken(scriptToken), Token: true, Scope: model.ScopeUpdate, Only: []string{"db"}},
	}
}

// guarded returns a guard of the accounts above, and what it tells the journal.
func guarded(t *testing.T, k Keeper) (*Guard, *[]string) {
	t.Helper()
	var told []string
	var mu sync.Mutex
	g := New(k, slog.New(slog.DiscardHandler))
	g.OnEvent(func(ev model.Event) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, ev.Text)
	})
	if err := g.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.Configure(configured())
	return g, &told
}

type header map[string]string

func request(method, path string, h header) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = "192.0.2.7:4711"
	for name, value := range h {
		if name == "From" {
			r.RemoteAddr = value
			continue
		}
		r.Header.Set(name, value)
	}
	return r
}

func basic(name, word string) string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(name, word)
	return r.Header.Get("Authorization")
}

func TestIdentify(t *testing.T) {
	token, kept := NewToken()
	past, future := time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	office := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/28"), netip.MustParsePrefix("2001:db8::/32")}
	g, _ := guarded(t, nil)
	g.Configure(append(
		configured(),
		model.Account{Name: "made", Secret: kept, Token: true, Scope: model.ScopeManage},
		model.Account{Name: "old", Secret: annHash, Scope: model.ScopeRead, Expires: past},
		model.Account{Name: "young", Secret: annHash, Scope: model.ScopeRead, Expires: future},
		model.Account{Name: "office", Secret: hashToken("office token 1234"), Token: true, Scope: model.ScopeRead, Networks: office},
	))
	for _, tt := range []struct {
		name string
		h    header
		want string // "" is nobody
		err  error
	}{
		{"nobody", nil, "", nil},
		{"P-020 token", header{"X-Cachet-Token": token}, "made", nil},
		{"P-020 token with spaces", header{"X-Cachet-Token": " " + token + " "}, "made", nil},
		{"P-020 wrong token", header{"X-Cachet-Token": token + "x"}, "", ErrWrong},
		{"P-020 empty token", header{"X-Cachet-Token": ""}, "", nil},
		{"P-022 bearer", header{"Authorization": "Bearer " + token}, "made", nil},
		{"P-022 bearer in any case", header{"Authorization": "bEARER  " + token}, "made", nil},
		{"bearer without a token", header{"Authorization": "Bearer"}, "", ErrWrong},
		{"P-021 name and password", header{"Authorization": basic("ann", annSecret)}, "ann", nil},
		{"P-021 wrong password", header{"Authorization": basic("ann", bobSecret)}, "", ErrWrong},
		{"P-021 unknown name", header{"Authorization": basic("eve", annSecret)}, "", ErrWrong},
		{"name in another case", header{"Authorization": basic("Ann", annSecret)}, "", ErrWrong},
		{"P-021 name and token", header{"Authorization": basic("made", token)}, "made", nil},
		{"P-021 name and token that somebody made up", header{"Authorization": basic("script", scriptToken)}, "script", nil},
		{"another name and token", header{"Authorization": basic("ann", token)}, "", ErrWrong},
		{"token as the name", header{"Authorization": basic(token, "")}, "made", nil},
		{"password without a name", header{"Authorization": basic("", annSecret)}, "", ErrWrong},
		{"hash for a token", header{"X-Cachet-Token": kept}, "", ErrWrong},
		{"hash for a password", header{"Authorization": basic("ann", annHash)}, "", ErrWrong},
		{"P-350 expired", header{"Authorization": basic("old", annSecret)}, "", ErrWrong},
		{"P-350 not expired yet", header{"Authorization": basic("young", annSecret)}, "young", nil},
		{"P-350 from its network", header{"X-Cachet-Token": "office token 1234"}, "office", nil},
		{"P-350 from its other network", header{"X-Cachet-Token": "office token 1234", "From": "[2001:db8::1]:9"}, "office", nil},
		{"P-350 mapped", header{"X-Cachet-Token": "office token 1234", "From": "[::ffff:192.0.2.3]:9"}, "office", nil},
		{"P-350 from elsewhere", header{"X-Cachet-Token": "office token 1234", "From": "192.0.2.99:9"}, "", ErrWrong},
		{"network behind a proxy", header{"X-Cachet-Token": "office token 1234", "From": "127.0.0.1:9", "X-Forwarded-For": "192.0.2.3"}, "office", nil},
		{"network made up", header{"X-Cachet-Token": "office token 1234", "From": "192.0.2.99:9", "X-Forwarded-For": "192.0.2.3"}, "", ErrWrong},
		{"not ours", header{"Authorization": "Negotiate YII="}, "", nil},
		{"not base64", header{"Authorization": "Basic %%%"}, "", ErrWrong},
		{"no colon", header{"Authorization": "Basic YW5u"}, "", ErrWrong},
		{"huge", header{"Authorization": basic("ann", strings.Repeat("x", 1<<20))}, "", ErrWrong},
		{"huge name", header{"Authorization": basic(strings.Repeat("x", 1000), "x")}, "", ErrWrong},
		{"huge token", header{"X-Cachet-Token": strings.Repeat("x", 1<<20)}, "", ErrWrong},
		{"cookie of nobody", header{"Cookie": "orderly=" + strings.Repeat("A", 43)}, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g.throttle = newThrottle()
			a, err := g.Identify(request("GET", "/", tt.h))
			if !errors.Is(err, tt.err) || (a == nil) != (tt.want == "") || a != nil && a.Name != tt.want {
				t.Fatalf("Identify = %+v, %v, want %q, %v", a, err, tt.want, tt.err)
			}
			if a != nil && a.Secret != "" {
				t.Error("the account shows its secret")
			}
		})
	}
}

func TestAllows(t *testing.T) {
	for i, has := range model.Scopes {
		for j, need := range model.Scopes {
			if got := Allows(&model.Account{Scope: has}, need); got != (i >= j) {
				t.Errorf("P-351: %s allows %s: %v", has, need, got)
			}
		}
		if Allows(nil, has) {
			t.Errorf("nobody may %s", has)
		}
	}
	if Allows(&model.Account{Scope: "root"}, model.ScopeRead) || Allows(&model.Account{Scope: model.ScopeAdmin}, "root") {
		t.Error("a scope that does not exist allows something")
	}
}
