package cachet

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"orderly/internal/model"
)

// Many read while many write: every answer is whole, and what was written is there.
func TestManyAtOnce(t *testing.T) {
	const writers, each = 8, 20
	bubble(t, model.DefaultStatusPage(), func(w *world) {
		w.add(t, `{"name": "web", "status": 1}`)
		ask := func(method, path, body string) int {
			r := httptest.NewRequest(method, "http://status.example.org"+path, strings.NewReader(body))
			r.Header.Set("X-Cachet-Token", "manage")
			return w.ask(r).Code
		}
		var all sync.WaitGroup
		for n := range writers {
			all.Go(func() {
				for range each {
					codes := []int{
						ask("POST", "/api/v1/incidents", `{"name": "x", "message": "m", "status": 1, "component_id": 1, "component_status": 3}`),
						ask("PUT", "/api/v1/components/1", fmt.Sprintf(`{"status": %d}`, n%5)),
						ask("GET", "/api/v1/incidents?sort=name&per_page=1000", ""),
						ask("GET", "/api/components", ""),
					}
					for _, code := range codes {
						if code != http.StatusOK {
							t.Errorf("status %d", code)
						}
					}
				}
			})
		}
		all.Wait()
		if n := len(w.book.Read().Incidents); n != writers*each {
			t.Errorf("there are %d incidents, not %d", n, writers*each)
		}
	})
}
