package access

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// wrong tries another wrong password each time.
func wrong(g *Guard, n int, name, from string) error {
	_, err := g.Identify(request("GET", "/", header{"From": from, "Authorization": basic(name, fmt.Sprint("guess ", n))}))
	return err
}

func TestWhoGuessesWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := guarded(t, nil)
		for i := range freeBySource + 1 {
			if err := wrong(g, i, "ann", "192.0.2.66:1"); !errors.Is(err, ErrWrong) {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
		var pause *ThrottledError
		if err := wrong(g, 99, "ann", "192.0.2.66:2"); !errors.As(err, &pause) || pause.After != 2*time.Second {
			t.Fatalf("one too many: %v", err)
		}
		right := header{"From": "192.0.2.66:3", "Authorization": basic("ann", annSecret)}
		if _, err := g.Identify(request("GET", "/", right)); !errors.As(err, &pause) {
			t.Errorf("in the pause a guess that is right is told to be: %v", err)
		}
		if a, err := g.Identify(request("GET", "/", header{"Authorization": basic("ann", annSecret)})); a == nil {
			t.Errorf("from elsewhere: %v", err)
		}
		if a, err := g.Identify(request("GET", "/", header{"From": "192.0.2.66:1", "X-Cachet-Token": scriptToken})); a != nil || !errors.As(err, &pause) {
			t.Errorf("in the pause tokens that somebody made up can be guessed: %v", err)
		}
		time.Sleep(pause.After)
		if a, err := g.Identify(request("GET", "/", right)); a == nil {
			t.Errorf("after the pause: %v", err)
		}
		var total time.Duration
		for i := range 30 {
			if err := wrong(g, 1000+i, "bob", "192.0.2.66:1"); errors.As(err, &pause) {
				total += pause.After
				time.Sleep(pause.After)
			}
		}
		if total < time.Hour {
			t.Errorf("the pauses of 30 more guesses are %v together", total)
		}
	})
}

func TestPausesAreForgiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := guarded(t, nil)
		for i := range freeBySource + 3 {
			_ = wrong(g, i, "ann", "192.0.2.66:1")
		}
		time.Sleep(forgiving + time.Second)
		for i := range freeBySource {
			if err := wrong(g, 100+i, "ann", "192.0.2.66:1"); !errors.Is(err, ErrWrong) {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
	})
}

// place is one of many addresses.
func place(i int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
}

// From many places at once, a name is still guarded, but its owner gets in.
func TestOneNameFromManySources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := guarded(t, nil)
		home := header{"Authorization": basic("ann", annSecret)}
		if a, err := g.Identify(request("GET", "/", home)); a == nil {
			t.Fatal(err)
		}
		tried := 0
		for i := range 2000 {
			var pause *ThrottledError
			switch err := wrong(g, i, "ann", place(i).Addr().String()+":1"); {
			case errors.Is(err, ErrWrong):
				tried++
			case !errors.As(err, &pause) || pause.After > sharedPause:
				t.Fatal(err)
			}
		}
		if tried != freeByName+1 {
			t.Errorf("%d passwords were tried for one name, from as many places", tried)
		}
		time.Sleep(remembering) // of the password that is right
		for i := range freeByName {
			_ = wrong(g, 5000+i, "ann", place(i).Addr().String()+":1")
		}
		if a, err := g.Identify(request("GET", "/", home)); a == nil {
			t.Errorf("its owner does not get in: %v", err)
		}
	})
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	th, now := newThrottle(), time.Now()
	for i := range 5 * maxTracks {
		now = now.Add(time.Millisecond)
		th.count(place(i), fmt.Sprint("name", i), now)
		th.many(now)
	}
	if s, n := len(th.sources), len(th.names); s > maxTracks || n > maxTracks || s < maxTracks/3 || len(th.recent) > manyWrong {
		t.Errorf("%d sources, %d names and %d times are remembered", s, n, len(th.recent))
	}
	if makeRoom(th.sources, now.Add(2*forgiving)); len(th.sources) != 0 {
		t.Errorf("%d sources are remembered that are forgiven", len(th.sources))
	}

	tr := newTrials()
	over := make(chan struct{})
	close(over)
	right := &trial{done: over, right: true, until: now.Add(time.Hour)}
	tr.past[tr.id("ann", annHash, annSecret)] = right
	for i := range 3 * maxTrials {
		tr.forget(now)
		tr.past[tr.id("ann", annHash, fmt.Sprint(i))] = &trial{done: over, until: now.Add(time.Hour)}
	}
	if n := len(tr.past); n > maxTrials || tr.past[tr.id("ann", annHash, annSecret)] != right {
		t.Errorf("%d trials are remembered, and the one that was right is among them: %v", n, tr.past[tr.id("ann", annHash, annSecret)] == right)
	}
}

// All addresses of a network that one attacker owns count as one.
func TestNeighbours(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8::1", "2001:db8::ffff:2", true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
	} {
		if got := neighbourhood(netip.MustParseAddr(tt.a)) == neighbourhood(netip.MustParseAddr(tt.b)); got != tt.same {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}

func TestJournalIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, told := guarded(t, nil)
		for i := range 5 * manyWrong {
			_, err := g.Identify(request("GET", "/", header{"X-Cachet-Token": tokenMark + fmt.Sprintf("%043d", i)}))
			if !errors.Is(err, ErrWrong) {
				t.Fatalf("a token that nobody guesses is throttled: %v", err)
			}
			time.Sleep(time.Second)
		}
		if want := "20 logins were wrong within 10 min, the last one from 192.0.2.7"; len(*told) != 1 || (*told)[0] != want {
			t.Fatalf("told %q, want once %q", *told, want)
		}
		time.Sleep(manyTime)
		for range manyWrong - 1 {
			_, _ = g.Identify(request("GET", "/", header{"X-Cachet-Token": tokenMark + strings.Repeat("0", 43)}))
		}
		if len(*told) != 1 {
			t.Errorf("told %q of less than %d", *told, manyWrong)
		}
	})
}

// A script that has the wrong password, and tries it all the time, keeps nobody else out and costs nothing.
func TestSameMistakeCountsOnce(t *testing.T) {
	g, _ := guarded(t, nil)
	for range 1000 {
		if _, err := g.Identify(request("GET", "/", header{"Authorization": basic("ann", "of last year")})); !errors.Is(err, ErrWrong) {
			t.Fatal(err)
		}
	}
	if a, err := g.Identify(request("GET", "/", header{"Authorization": basic("bob", bobSecret)})); a == nil {
		t.Error(err)
	}
}

// Whoever guesses does not learn during a pause what somebody else has just logged in with: the right password is no quicker to be
// found than another. The owner is elsewhere and notices nothing.
func TestGuessingDoesNotFindWhatIsRemembered(t *testing.T) {
	g, _ := guarded(t, nil)
	from := func(where string) error {
		_, err := g.Identify(request("GET", "/", header{"From": where, "Authorization": basic("ann", annSecret)}))
		return err
	}
	if err := from("198.51.100.1:1"); err != nil {
		t.Fatal(err)
	}
	for i := range freeBySource + 1 {
		_ = wrong(g, i, "ann", "192.0.2.66:1")
	}
	var pause *ThrottledError
	if err := from("192.0.2.66:1"); !errors.As(err, &pause) {
		t.Errorf("who guesses and hits hears %v", err)
	}
	if err := from("198.51.100.1:1"); err != nil {
		t.Errorf("the owner hears %v", err)
	}
}

func TestManyAtOnceCountAsOne(t *testing.T) {
	g, _ := guarded(t, nil)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if a, err := g.Identify(request("GET", "/", header{"Authorization": basic("ann", annSecret)})); a == nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(g.throttle.sources) != 0 || len(g.throttle.names) != 0 {
		t.Errorf("%v, %v after logins that were right", g.throttle.sources, g.throttle.names)
	}
	refused := 0
	var mu sync.Mutex
	for i := range 50 {
		wg.Go(func() {
			var pause *ThrottledError
			if err := wrong(g, i, "ann", "192.0.2.66:1"); errors.As(err, &pause) {
				mu.Lock()
				refused++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if refused != 50-freeBySource-1 {
		t.Errorf("of 50 guesses at once %d are refused, want %d", refused, 50-freeBySource-1)
	}
}

func TestChangedPasswordIsForgottenAtOnce(t *testing.T) {
	g, _ := guarded(t, nil)
	old := header{"Authorization": basic("ann", annSecret)}
	if a, err := g.Identify(request("GET", "/", old)); a == nil {
		t.Fatal(err)
	}
	g.Configure([]model.Account{{Name: "ann", Secret: bobHash, Scope: model.ScopeAdmin}})
	if _, err := g.Identify(request("GET", "/", old)); !errors.Is(err, ErrWrong) {
		t.Errorf("the old password: %v", err)
	}
	if a, err := g.Identify(request("GET", "/", header{"Authorization": basic("ann", bobSecret)})); a == nil {
		t.Errorf("the new password: %v", err)
	}
}

// When processors are busy with passwords, others wait for a while and no longer.
func TestHashingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := guarded(t, nil)
		for range maxHashing {
			g.trials.hashing <- struct{}{} // somebody whose comparison never ends
		}
		begin := time.Now()
		var wg sync.WaitGroup
		var mu sync.Mutex
		waited := map[time.Duration]int{}
		for i := range 3 * maxWaiting {
			wg.Go(func() {
				var pause *ThrottledError
				if err := wrong(g, i, fmt.Sprint("name", i), fmt.Sprintf("10.0.0.%d:1", i)); !errors.As(err, &pause) {
					t.Errorf("got %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				waited[time.Since(begin)]++
			})
		}
		wg.Wait()
		if waited[turn] != maxWaiting+maxHashing || waited[0] != 2*maxWaiting-maxHashing {
			t.Errorf("waited: %v", waited)
		}
		if len(g.throttle.sources) != 0 || len(g.trials.past) != 0 {
			t.Error("who was not looked at counts as wrong")
		}
		<-g.trials.hashing
		if a, err := g.Identify(request("GET", "/", header{"Authorization": basic("ann", annSecret)})); a == nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestUnknownNamesCostAsMuch(t *testing.T) {
	r := newRoster()
	if got := r.hash("eve"); got != decoy(hashCost) || checkHash(got) != nil {
		t.Errorf("without accounts: %s", got)
	}
	if err := r.configure(configured()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"eve", "script"} {
		if got := r.hash(name); got != decoy(4) || matches(got, "") {
			t.Errorf("%s is compared with %s", name, got)
		}
	}
}
