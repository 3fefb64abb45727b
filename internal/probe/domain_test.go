package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// A fakeWeb answers each address with the same page.
type fakeWeb struct {
	pages map[string]page
	asked []string
}

type page struct {
	status int // 0: 200
	text   string
	to     string // it leads on to
	err    error
}

func (s *fakeWeb) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, r.URL.String())
	p, known := s.pages[r.URL.String()]
	switch {
	case r.Context().Err() != nil:
		return nil, r.Context().Err()
	case p.err != nil:
		return nil, p.err
	case !known:
		p.status = http.StatusNotFound
	case p.to != "":
		p.status = http.StatusFound
	case p.status == 0:
		p.status = http.StatusOK
	}
	return &http.Response{
		StatusCode: p.status, Header: http.Header{"Location": {p.to}}, Body: io.NopCloser(strings.NewReader(p.text)), Request: r,
	}, nil
}

func (s *fakeWeb) times() int {
	n := len(s.asked)
	s.asked = nil
	return n
}

const (
	orgList = `{"services": [[["net", "ORG"], ["http://old.example/", "https://rdap.example/"]], [["de"], ["http://only.example/"]], [["x"]]]}`
	orgPage = "https://rdap.example/domain/example.org"
)

func endingAt(end time.Time) string {
	return fmt.Sprintf(`{"ldhName": "EXAMPLE.ORG", "events": [{"eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z"},
		{"eventAction": "expiration", "eventDate": %q}]}`, end.Format(time.RFC3339))
}

func domain(name, server string) *model.Probe {
	p := &model.Probe{Kind: model.ProbeDomain, Host: name}
	if server != "" {
		p.Params = model.Params{{Name: "rdap", Value: server}}
	}
	return p
}

func mustEndIn(t *testing.T, r model.Result, days float64) {
	t.Helper()
	left := r.Readings.Get(model.Registration)
	if r.Skipped || !left.Present() || math.Abs(left.Number()-days) > 0.01 || r.About != "domain example.org" {
		t.Errorf("result %+v, want %v days", r, days)
	}
}

// The registry is asked twice a day, and the list of registries once, however often it is checked. A-046.
func TestDomainIsAskedTwiceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := &fakeWeb{pages: map[string]page{bootstrap: {text: orgList}, orgPage: {text: endingAt(time.Now().Add(40 * 24 * time.Hour))}}}
		m := Meter{registry: registry{transport: net}}
		begun, p := time.Now(), domain("example.org", "")
		for range 10 * 24 * 60 {
			r := m.Run(t.Context(), &model.Service{}, p)
			mustEndIn(t, r, 40-time.Since(begun).Hours()/24)
			if !r.OK {
				t.Fatalf("it is not well: %s", r.Summary)
			}
			time.Sleep(time.Minute)
		}
		if n := net.times(); n < 18+9 || n > 20+10 {
			t.Errorf("it was asked %d times in ten days", n)
		}
	})
}

// Registries that do not answer are no failure of the domain, for three days. What they said before counts until then.
func TestRegistryDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := &fakeWeb{pages: map[string]page{bootstrap: {err: errors.New("no route")}}}
		g := registry{transport: net}
		p := domain("example.org", "")
		if r := g.look(t.Context(), p); !r.Skipped || !strings.HasSuffix(r.Summary, "no route") {
			t.Errorf("at first: %+v", r)
		}
		time.Sleep(patienceWith)
		if r := g.look(t.Context(), p); r.Skipped || r.OK || r.Summary != "cannot read which registry knows example.org: no route" {
			t.Errorf("after three days: %+v", r)
		}

		net.pages = map[string]page{bootstrap: {text: orgList}, orgPage: {text: endingAt(time.Now().Add(4 * 24 * time.Hour))}}
		time.Sleep(2 * askedInVain)
		mustEndIn(t, g.look(t.Context(), p), 4-2.0/24)
		net.pages = map[string]page{orgPage: {status: http.StatusServiceUnavailable}}
		time.Sleep(2 * 24 * time.Hour)
		r := g.look(t.Context(), p)
		if mustEndIn(t, r, 2-2.0/24); !r.OK {
			t.Errorf("after two days: %+v", r)
		}
		net.times()
		for range 60 {
			g.look(t.Context(), p)
			time.Sleep(time.Second)
		}
		if n := net.times(); n != 0 {
			t.Errorf("who does not answer is asked %d times in a minute", n)
		}
		time.Sleep(24 * time.Hour)
		r = g.look(t.Context(), p)
		if mustEndIn(t, r, 1-2.0/24); r.OK || r.Summary != "cannot ask https://rdap.example/ when example.org ends: HTTP status 503" {
			t.Errorf("after three days: %+v", r)
		}
	})
}

func TestRegistryAnswers(t *testing.T) {
	const server = "https://own.example"
	const at = server + "/domain/example.org"
	end := time.Now().Add(10 * 24 * time.Hour)
	chain := func(n int) map[string]page {
		pages := map[string]page{at: {to: "https://a.example/0"}, fmt.Sprintf("https://a.example/%d", n-1): {text: endingAt(end)}}
		for i := range n - 1 {
			pages[fmt.Sprintf("https://a.example/%d", i)] = page{to: fmt.Sprintf("https://a.example/%d", i+1)}
		}
		return pages
	}
	for name, tt := range map[string]struct {
		pages map[string]page
		want  string // what is wrong; "": nothing
		known bool   // at once, or not yet
	}{
		"end":              {map[string]page{at: {text: endingAt(end)}}, "", true},
		"not registered":   {nil, "example.org is not registered: https://own.example does not know it", true},
		"no end":           {map[string]page{at: {text: `{"ldhName": "example.org."}`}}, "the registry does not tell when example.org ends", true},
		"no time":          {map[string]page{at: {text: `{"ldhName": "example.org", "events": [{"eventAction": "expiration", "eventDate": "soon"}]}`}}, `the registry says that example.org ends "soon", which is no time`, false},
		"another":          {map[string]page{at: {text: `{"ldhName": "example.com"}`}}, `asked for example.org, the registry tells of "example.com"`, false},
		"garbage":          {map[string]page{at: {text: "<html>"}}, "what the registry says of example.org is not as it should be: ", false},
		"much":             {map[string]page{at: {text: strings.Repeat(" ", maxAnswer+1)}}, "cannot ask https://own.example when example.org ends: the answer has more than 1048576 bytes", false},
		"leads on":         {chain(maxRedirects), "", true},
		"leads on for far": {chain(maxRedirects + 1), "cannot ask https://own.example when example.org ends: it leads on more than 3 times", false},
		"leads off TLS":    {map[string]page{at: {to: "http://a.example/"}}, "cannot ask https://own.example when example.org ends: it leads to where there is no TLS", false},
	} {
		g := registry{transport: &fakeWeb{pages: tt.pages}}
		r := g.look(t.Context(), domain("example.org", server))
		switch {
		case tt.want == "":
			if mustEndIn(t, r, 10); !r.OK {
				t.Errorf("%s: %+v", name, r)
			}
		case !strings.HasPrefix(r.Summary, tt.want) || r.Skipped == tt.known || !r.Skipped && r.OK:
			t.Errorf("%s: %+v, want %s", name, r, tt.want)
		}
	}
}

func TestRegistryOfADomain(t *testing.T) {
	net := &fakeWeb{pages: map[string]page{bootstrap: {text: orgList}}}
	g := registry{transport: net}
	for name, want := range map[string]string{
		"example.ORG":    "example.ORG is not registered: https://rdap.example/ does not know it",
		"www.example.de": "no registry of .de can be asked by RDAP", // nor is one without TLS
		"example.x":      "no registry of .x can be asked by RDAP",
	} {
		if r := g.look(t.Context(), domain(name, "")); r.OK || r.Skipped || r.Summary != want {
			t.Errorf("%s: %+v, want %s", name, r, want)
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if r := g.look(canceled, domain("other.org", "")); !r.Skipped {
		t.Errorf("of a check that is cancelled: %+v", r)
	}
	if net.times(); g.of(domain("other.org", "")).next.After(time.Now()) {
		t.Error("it is not asked again after a check was cancelled")
	}
}

func FuzzRegistryAnswer(f *testing.F) {
	f.Add([]byte(orgList))
	f.Add([]byte(endingAt(time.Unix(2e9, 0))))
	f.Add([]byte(`{"services": [[[]], [[], []], [["a"], [""]], null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		servers, _ := registries(text)
		for name, server := range servers {
			if !strings.HasPrefix(server, "https://") {
				t.Errorf("%q is asked at %q", name, server)
			}
		}
		if end, err := expiration(text, "example.org"); err == nil && end.IsZero() || err != nil && len(err.Error()) > 1000 {
			t.Errorf("it ends %v: %v", end, err)
		}
	})
}
