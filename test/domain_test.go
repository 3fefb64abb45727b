package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A registry that is named in the configuration is asked once, and what it says is told.
func TestDomainEnds(t *testing.T) {
	asked := make(chan string, 100)
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		end := time.Now().Add(6 * 24 * time.Hour).Format(time.RFC3339)
		fmt.Fprintf(w, `{"ldhName": "example.org", "events": [{"eventAction": "expiration", "eventDate": %q}]}`, end)
	}))
	defer registry.Close()
	d := newNative(t, fmt.Sprintf(`
every: 1s
hold: 0s
notify:
  desk: {program: [/bin/sh, -c, 'echo "$ORDERLY_TEXT" >>@DIR@/told']}
alert: [desk]
services:
  shop:
    host: example.org
    rules:
      - {domain: auto, then: alert, rdap: %s/rdap}
`, registry.URL))
	d.start()
	d.eventually("it is told", func() bool { return len(written(d, "domain")) > 0 })
	const want = "domain example.org ends in 6 days (limit: < 7 days)"
	if lines := written(d, "domain"); len(lines) != 1 || !strings.Contains(lines[0], want) {
		t.Errorf("people were told:\n%s", strings.Join(lines, "\n"))
	}
	d.stop()
	if path := <-asked; path != "/rdap/domain/example.org" || len(asked) != 0 {
		t.Errorf("it was asked for %s, and then %d times", path, len(asked))
	}
}
