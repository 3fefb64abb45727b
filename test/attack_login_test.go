package test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Whoever guesses passwords is not looked at for a while, is told how long, and then finds out nothing either: the right password is
// refused as well. Who has logged in before goes on.
func TestGuessingAttackIsSlowedDown(t *testing.T) {
	x := besieged(t)
	me := x.login()
	guess := func(password string) (answer, time.Time) {
		begun := time.Now()
		return x.ask(way{"web", http.MethodPost, "/login"}, form("name", admin, "password", password)), begun
	}
	var refused answer
	var begun time.Time
	tries := 0
	for ; refused.status != http.StatusTooManyRequests; tries++ {
		if tries == 100 {
			t.Fatal("a hundred wrong passwords were looked at")
		}
		if refused, begun = guess(fmt.Sprint("wrong ", tries)); refused.status != http.StatusForbidden && refused.status != http.StatusTooManyRequests {
			t.Fatalf("a wrong password: %d\n%s", refused.status, refused.body)
		}
	}
	if tries < 5 {
		t.Errorf("after %d wrong passwords there is a pause: people mistype", tries-1)
	}
	seconds, err := strconv.Atoi(refused.header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 30 {
		t.Errorf("Retry-After is %q; on this host it is half a minute at most", refused.header.Get("Retry-After"))
	}
	if !strings.Contains(refused.body, "Too many logins were wrong") || refused.header.Get("Set-Cookie") != "" {
		t.Errorf("the page says\n%s\n%v", refused.body, refused.header)
	}
	for name, try := range map[string]func() answer{
		"a login with the right password": func() answer { a, _ := guess(attackPassword); return a },
		"a program with the right password": func() answer {
			return x.ask(way{"web", http.MethodGet, "/silences/new"}, withLogin)
		},
		"a script of the status page": func() answer {
			return x.ask(way{"page", http.MethodGet, "/api/v1/subscribers"}, withLogin)
		},
	} {
		a := try()
		if time.Since(begun) >= time.Duration(seconds)*time.Second {
			continue // this host took too long: the pause may be over
		}
		if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
			t.Errorf("%s meanwhile: %d, Retry-After %q", name, a.status, a.header.Get("Retry-After"))
		}
	}
	if a := x.ask(way{"web", http.MethodGet, "/silences/new"}, me.cookies); a.status != http.StatusOK {
		t.Errorf("who has logged in before: %d", a.status)
	}
	if log := x.log.String(); strings.Contains(log, "wrong 0") || strings.Contains(log, attackPassword) {
		t.Errorf("the log has passwords:\n%s", log)
	}
}
