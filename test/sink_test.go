package test

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A sink is everybody who is told something: web pages, by the first part of their path, and a mail server, "mail". Nobody
// is quick, so that whoever sends is mostly in the middle of it. The page /refused takes nothing.
type sink struct {
	url  string
	mail *mailbox

	mu    sync.Mutex
	posts map[string][]arrival
}

// An arrival is a message as it arrived: when, which it says it is, and whom it names.
type arrival struct {
	at      time.Time
	id      string
	members []string
}

// memberName is what the services are called that fail.
var memberName = regexp.MustCompile(`\bf\d{4}\b`)

func membersOf(text string) (names []string) {
	for _, name := range memberName.FindAllString(text, -1) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func newSink(t *testing.T) *sink {
	s := &sink{mail: &mailbox{t: t, slow: dawdle}, posts: map[string][]arrival{}}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	s.url = web.URL
	return s
}

// dawdle takes as long as others take.
func dawdle() { time.Sleep(rand.N(10 * time.Millisecond)) }

// listen opens the mail server of the sink and returns its port.
func (s *sink) listen(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.mail.open(l)
	return l.Addr().(*net.TCPAddr).Port
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // it was not told to the end
	}
	dawdle()
	name := strings.Trim(r.URL.Path, "/")
	if name == "refused" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	text := string(body)
	if form, err := url.ParseQuery(text); err == nil && form.Has("payload") {
		text = form.Get("payload")
	}
	s.mu.Lock()
	s.posts[name] = append(s.posts[name], arrival{time.Now(), r.Header.Get("Idempotency-Key"), membersOf(text)})
	s.mu.Unlock()
	dawdle()
}

// got is what arrived at a place so far.
func (s *sink) got(name string) (out []arrival) {
	if name == "mail" {
		for _, l := range s.mail.letters("") {
			out = append(out, arrival{l.at, l.id, membersOf(l.subject + "\n" + l.body)})
		}
		return out
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.posts[name])
}

// named is how many services were named at a place.
func (s *sink) named(name string) int {
	all := map[string]bool{}
	for _, p := range s.got(name) {
		for _, m := range p.members {
			all[m] = true
		}
	}
	return len(all)
}

// about is what arrived at a place about one service.
func (s *sink) about(name, service string) []arrival {
	return slices.DeleteFunc(s.got(name), func(a arrival) bool { return !slices.Contains(a.members, service) })
}

// quoted is a text as YAML has it.
func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
