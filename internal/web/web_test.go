package web

import (
	"net/http"
	"testing"
	"time"
)

func TestPages(t *testing.T) {
	b := open(t, town(time.Now()).options())
	b.page("/", "3 services are failing", "mysql", "connection to 127.0.0.1 port 3306 refused", "Restarting", "looked after by ann")
	b.page("/services/mysql", "wanted ≤ 80.0%", "No space left on device", "Why", "90 days ago", "not measured", "/services/mysql/restart")
	b.page("/services/root%20filesystem?range=7d", "space.percent")
	b.page("/events", "restarted, pid 2209")
	b.page("/host", "1.34", "63.0%", "71.0 GB free")
	b.page("/silences", "Nothing is silenced")
	b.page("/outbox", "ops@example.org")
	b.page("/login", "Password")
	for path, want := range map[string]int{
		"/nothing": http.StatusNotFound, "/services/nothing": http.StatusNotFound, "/services/mysql/silence": http.StatusSeeOther,
		"/accounts": http.StatusSeeOther, "/assets/app.css": http.StatusNotFound,
	} {
		if w := b.get(path); w.Code != want {
			t.Errorf("GET %s: %d, want %d", path, w.Code, want)
		}
	}
}
