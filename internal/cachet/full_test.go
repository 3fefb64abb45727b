package cachet

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"orderly/internal/model"
)

// What cannot be saved is done and says so, so that nobody does it again, and tells nothing of the disk.
func TestFullDisk(t *testing.T) {
	bubble(t, model.DefaultStatusPage(), func(w *world) {
		w.shelf.full = errors.New("/var/lib/secret.db is full")
		for _, path := range []string{"/api/v1/incidents", "/api/incidents"} {
			r := httptest.NewRequest("POST", "http://status.example.org"+path, strings.NewReader(`{"name": "x", "message": "m", "status": 1, "visible": 1}`))
			r.Header.Set("X-Cachet-Token", "manage")
			a := w.ask(r)
			if text := a.Body.String(); a.Code != http.StatusInsufficientStorage || !strings.Contains(text, "changed, but that cannot be saved") || strings.Contains(text, "secret") {
				t.Errorf("%s: %d %s", path, a.Code, text)
			}
		}
		if n := len(w.book.Read().Incidents); n != 2 {
			t.Errorf("there are %d incidents", n)
		}
	})
}
