package test

import (
	"maps"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// headerRow is a line of the table of headers: a name, and what the three doors say.
var headerRow = regexp.MustCompile("(?m)^\\| `([A-Z][\\w-]+)` \\|([^|]*)\\|([^|]*)\\|([^|]*)\\|$")

// The page on security lists the headers that browsers get (Show 6).
func TestHeadersAreAsThePageSays(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := headerRow.FindAllStringSubmatch(string(text), -1)
	if len(rows) < 5 {
		t.Fatalf("the page has %d headers", len(rows))
	}
	x := besieged(t)
	for i, path := range []string{"/", "/page/", "/v1/status"} {
		a := x.ask(way{"web", http.MethodGet, path})
		for _, row := range rows {
			says := strings.TrimSpace(row[2+i])
			if says == "the same" {
				says = strings.TrimSpace(row[1+i])
			}
			want, _, _ := strings.Cut(strings.TrimPrefix(says, "`"), "`")
			if got := a.header.Get(row[1]); !maps.Equal(parts(got), parts(want)) {
				t.Errorf("%s: %s is %q, and the page says %q", path, row[1], got, want)
			}
		}
	}
}

// parts are those of a header, which may come in any order.
func parts(s string) map[string]bool {
	set := map[string]bool{}
	for part := range strings.SplitSeq(s, ";") {
		set[strings.TrimSpace(part)] = true
	}
	return set
}
