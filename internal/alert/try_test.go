package alert

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"orderly/internal/model"
)

func TestTry(t *testing.T) {
	var mu sync.Mutex
	said := map[string]string{} // by path
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		said[r.URL.Path] += r.FormValue("payload")
		if r.URL.Path == "/bad/secret" {
			w.WriteHeader(404)
			io.WriteString(w, "no such hook: "+r.URL.Path)
			return
		}
		io.WriteString(w, "ok")
	}))
	defer s.Close()
	server := &mailServer{}
	c := through(server.start(t))
	slack := func(label, path string) model.Route {
		return model.Route{Channel: "slack", Address: label, Params: model.Params{{Name: "url", Value: s.URL + path}}}
	}
	c.Routes = []model.Route{slack("ops", "/ops"), {Channel: "mail", Address: "a@x"}, {Channel: "mail", Mute: true}}
	c.Services = []*model.Service{{
		Name:   "web",
		Routes: []model.Route{slack("OPS", "/ops"), slack("bad", "/bad/secret"), {Channel: "pigeon", Address: "roof"}},
		Rules:  []model.Rule{{Routes: []model.Route{{Channel: "mail", Address: "A@X"}, {Channel: "slack", Address: "none"}}}},
	}}
	show := func(tried []Tried) string {
		var lines []string
		for _, each := range tried {
			lines = append(lines, fmt.Sprintf("%s %s %s %v", each.Channel, each.Address, each.Reply, each.Err))
		}
		return strings.Join(lines, "\n")
	}
	got := show(Try(t.Context(), Means{Log: discard}, c, "", ""))
	want := strings.Join([]string{
		"slack ops 200 OK: ok <nil>",
		"mail a@x 250 taken <nil>",
		"slack bad  cannot post to " + s.URL + ": not let in: 404 Not Found: no such hook: ***",
		`pigeon roof  cannot tell anybody by "pigeon": there is no such channel`,
		"slack none  the configuration names no way out: no url is set",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	mu.Lock()
	if text := `"web1: this is a test: alerts by slack arrive here"`; strings.Count(said["/ops"], text) != 1 {
		t.Errorf("the chat was told %s", said["/ops"])
	}
	mu.Unlock()
	server.note(func() {
		if len(server.mails) != 1 || !strings.Contains(server.mails[0].data, "this is a test: alerts by mail arrive here") {
			t.Errorf("mails %v", server.mails)
		}
	})

	if got := show(Try(t.Context(), Means{Log: discard}, c, "mail", "elsewhere")); got != "mail a@x 250 taken <nil>" {
		t.Errorf("by mail alone: %s", got)
	}
	server.note(func() {
		if len(server.mails) != 2 || !strings.Contains(server.mails[1].data, "elsewhere") {
			t.Errorf("mails %v", server.mails)
		}
	})
	if tried := Try(t.Context(), Means{Log: discard}, &model.Config{}, "", ""); len(tried) != 0 {
		t.Errorf("nobody is named, and %v was tried", tried)
	}
	tried := Try(t.Context(), Means{Log: discard}, c, "slack", "")
	if len(tried) != 3 || !errors.Is(tried[1].Err, errRevoked) {
		t.Errorf("by slack alone: %v", tried)
	}
}
