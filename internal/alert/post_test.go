package alert

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// web is every server of a network without wires. Connections are to be opened by its dial.
type web struct {
	answer func(conn net.Conn, address string, r *http.Request) // the bytes of it; the connection is closed afterwards
	open   sync.WaitGroup

	mu       sync.Mutex
	requests []string // "ADDRESS METHOD TARGET BODY"
}

func (w *web) dial(_ context.Context, _, address string) (net.Conn, error) {
	near, far := net.Pipe()
	w.open.Go(func() {
		defer far.Close()
		in := bufio.NewReader(far)
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.mu.Lock()
		w.requests = append(w.requests, fmt.Sprintf("%s %s %s %s", address, r.Method, r.RequestURI, body))
		w.mu.Unlock()
		w.answer(far, address, r)
	})
	return near, nil
}

// saying makes a web whose servers all say the same.
func saying(text string) *web {
	return &web{answer: func(conn net.Conn, _ string, _ *http.Request) { io.WriteString(conn, text) }}
}

const hook = "http://chat.example.org/services/T0123/B4567/xyzzy12345"

// tell posts an incident to a hook of a web.
func (w *web) tell(t *testing.T, url string) (string, error) {
	t.Helper()
	p := &poster{compose: slackRequest, dial: w.dial}
	defer w.open.Wait()
	defer p.rest()
	return p.send(t.Context(), &model.Config{}, one(hookRoute(url), incident()))
}

func hookRoute(url string) model.Route {
	return model.Route{Channel: "slack", Address: "ops", Topics: model.AllTopics, Params: model.Params{{Name: "url", Value: url}}}
}

// Pins I-04: what each chat is sent.
func TestChatRequests(t *testing.T) {
	words := line(&model.Config{}, model.Route{}, incident())
	tests := []struct {
		channel  string
		params   string // "name=value ..."
		url      string
		login    string
		kind     string
		body     string
		problems string
	}{
		{
			channel: "slack", params: "url=" + hook, url: hook, kind: "form",
			body: `payload={"text":"` + words + `","username":"Inspeqtor","icon_emoji":":ghost:"}`,
		},
		{
			channel: "slack", params: "url=" + hook + " icon_emoji=:fire: username=bot", url: hook, kind: "form",
			body: `payload={"text":"` + words + `","username":"bot","icon_emoji":":fire:"}`,
		},
		{
			channel: "campfire", params: "team=acme token=t0 room=12/3", url: "https://acme.campfirenow.com/room/12%2F3/speak.json",
			login: "t0:X", kind: "json", body: `{"message":{"body":"` + words + `","type":"TextMessage"}}`,
		},
		{
			channel: "campfire", params: "team=acme token=t0 room=1 url=" + hook, url: hook, login: "t0:X", kind: "json",
			body: `{"message":{"body":"` + words + `","type":"TextMessage"}}`,
		},
		{channel: "campfire", params: "team=evil.example/ token=t0 room=1", problems: "the team has no name"},
		{
			channel: "hipchat", params: "token=t&0 room=ops", url: "https://api.hipchat.com/v1/rooms/message?auth_token=t%260",
			kind: "form", body: "from=Inspeqtor&message=" + words + "&room_id=ops",
		},
		{
			channel: "hipchat", params: "token=t0 room=ops url=http://chat.example.org/post?a=1", kind: "form",
			url: "http://chat.example.org/post?a=1&auth_token=t0", body: "from=Inspeqtor&message=" + words + "&room_id=ops",
		},
		{
			channel: "flowdock", params: "token=t0", url: "https://api.flowdock.com/v1/messages/team_inbox/t0", kind: "form",
			body: "content=" + words + "&from_address=inspeqtor@web1&source=Inspeqtor&subject=Alert",
		},
		{
			channel: "flowdock", params: "token=t0 url=" + hook, url: hook, kind: "form",
			body: "content=" + words + "&from_address=inspeqtor@web1&source=Inspeqtor&subject=Alert",
		},
	}
	kinds := map[string]string{"form": "application/x-www-form-urlencoded", "json": "application/json"}
	for _, test := range tests {
		t.Run(test.channel+" "+test.params, func(t *testing.T) {
			r := model.Route{Channel: test.channel}
			for each := range strings.FieldsSeq(test.params) {
				name, value, _ := strings.Cut(each, "=")
				r.Params = append(r.Params, model.Param{Name: name, Value: value})
			}
			req, err := channels[test.channel].open(Means{Log: discard}).(*poster).compose(&model.Config{}, one(r, incident()))
			if test.problems != "" {
				if err == nil || !strings.Contains(err.Error(), test.problems) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			body := string(req.body)
			if test.kind == "form" {
				if body, err = url.QueryUnescape(body); err != nil {
					t.Error(err)
				}
			}
			login := ""
			if req.username != "" {
				login = req.username + ":" + req.password
			}
			got := []string{req.url, req.kind, login, body}
			want := []string{test.url, kinds[test.kind], test.login, test.body}
			if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

func TestMarkupIsText(t *testing.T) {
	ev := incident()
	ev.Text = "a < b & c > <!channel>"
	req, err := slackRequest(&model.Config{}, one(hookRoute(hook), ev))
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := url.QueryUnescape(string(req.body)); !strings.Contains(body, `a \u0026lt; b \u0026amp; c \u0026gt; \u0026lt;!channel\u0026gt;`) {
		t.Errorf("got %s", body)
	}
}

func TestPostOnTheWire(t *testing.T) {
	var got *http.Request
	w := &web{answer: func(conn net.Conn, _ string, r *http.Request) {
		got = r
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	}}
	p := &poster{dial: w.dial, compose: campfireRequest}
	r := model.Route{Params: model.Params{{Name: "url", Value: hook}, {Name: "token", Value: "t0"}}}
	reply, err := p.send(t.Context(), &model.Config{}, one(r, incident()))
	p.rest()
	w.open.Wait()
	if err != nil || reply != "200 OK: ok" {
		t.Fatalf("got %q, %v", reply, err)
	}
	body := `{"message":{"body":"web1[nginx]: the process is not running (restart follows)","type":"TextMessage"}}`
	if want := "chat.example.org:80 POST /services/T0123/B4567/xyzzy12345 " + body; w.requests[0] != want {
		t.Errorf("got  %s\nwant %s", w.requests[0], want)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "User-Agent": "orderly", "Authorization": "Basic dDA6WA=="} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	if got.Host != "chat.example.org" {
		t.Errorf("the host is %q", got.Host)
	}
}

// Pins I-30: what an answer means for the message.
func TestAnswers(t *testing.T) {
	empty := func(status string, headers ...string) string {
		return "HTTP/1.1 " + status + "\r\n" + strings.Join(append(headers, "Content-Length: 0"), "\r\n") + "\r\n\r\n"
	}
	tests := []struct {
		name, answer, want, text string
		after                    time.Duration
	}{
		{name: "taken", answer: empty("200 OK"), want: "sent", text: "200 OK"},
		{name: "made", answer: empty("201 Created"), want: "sent", text: "201 Created"},
		{name: "no content", answer: "HTTP/1.1 204 x\r\n\r\n", want: "sent", text: "204 No Content"},
		{name: "bad", answer: "HTTP/1.0 400 x\r\n\r\nno_text\x1b[31m\r\n", want: "hopeless", text: "400 Bad Request: no_text [31m"},
		{name: "gone", answer: empty("410 x"), want: "down", text: "not let in: 410 Gone"},
		{name: "too slow", answer: empty("408 x"), want: "down", text: "408 Request Timeout"},
		{name: "too early", answer: empty("425 x"), want: "down", text: "425 Too Early"},
		{name: "too many", answer: empty("429 x", "Retry-After: 30"), want: "down", text: "429 Too Many Requests", after: 30 * time.Second},
		{name: "too many, for years", answer: empty("429 x", "Retry-After: 999999999"), want: "down", text: "429", after: longestBusy},
		{name: "too many, until nonsense", answer: empty("429 x", "Retry-After: soon"), want: "down", text: "429"},
		{name: "too many, before now", answer: empty("503 x", "Retry-After: -5"), want: "down", text: "503 Service Unavailable"},
		{name: "broken", answer: empty("500 x"), want: "down", text: "500 Internal Server Error"},
		{name: "unheard of", answer: empty("777 x"), want: "down", text: "777"},
		{name: "elsewhere", answer: empty("307 x", "Location: http://evil.example.org/"), want: "down", text: "it redirects elsewhere: 307"},
		{name: "another scheme", answer: empty("308 x", "Location: https://chat.example.org/"), want: "down", text: "it redirects elsewhere: 308"},
		{name: "without the message", answer: empty("302 x", "Location: /login"), want: "down", text: "it redirects elsewhere: 302 Found"},
		{name: "in circles", answer: empty("307 x", "Location: /again"), want: "down", text: "it redirects elsewhere: 307"},
		{name: "to nonsense", answer: empty("307 x", "Location: ::"), want: "down", text: "Location"},
		{name: "garbage", answer: "SSH-2.0-OpenSSH_9.2\r\n\r\n", want: "down", text: "malformed HTTP"},
		{name: "nothing", answer: "", want: "down", text: "EOF"},
		{name: "half a header", answer: "HTTP/1.1 200 OK\r\nContent-", want: "down", text: "malformed MIME header"},
		{name: "half a body", answer: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok", want: "sent", text: "200 OK: ok"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := saying(test.answer)
			reply, err := w.tell(t, hook)
			if kind(err) != test.want || !strings.Contains(reply+plain(err), test.text) {
				t.Errorf("got %q, %s: %v, want %s: %s", reply, kind(err), err, test.want, test.text)
			}
			if b := (busy{}); errors.As(err, &b) != strings.HasPrefix(test.name, "too many") || b.after != test.after {
				t.Errorf("to be asked again after %v, want %v", b.after, test.after)
			}
			for _, r := range w.requests {
				if !strings.HasPrefix(r, "chat.example.org:80 POST ") {
					t.Errorf("the message went to %s", r)
				}
			}
			if len(w.requests) > maxRedirects+1 {
				t.Errorf("%d requests", len(w.requests))
			}
		})
	}
}

func TestRedirectWithinAHost(t *testing.T) {
	w := &web{answer: func(conn net.Conn, _ string, r *http.Request) {
		if r.RequestURI == "/new" {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			return
		}
		io.WriteString(conn, "HTTP/1.1 308 Moved\r\nLocation: /new\r\nConnection: close\r\n\r\n")
	}}
	reply, err := w.tell(t, hook)
	if err != nil || reply != "200 OK" || len(w.requests) != 2 {
		t.Fatalf("got %q, %v after %d requests", reply, err, len(w.requests))
	}
	_, first, _ := strings.Cut(w.requests[0], "payload=")
	if _, second, _ := strings.Cut(w.requests[1], "payload="); first == "" || first != second {
		t.Errorf("got %q after %q", second, first)
	}
}

// However slowly or at whatever length a server talks, a message takes it no more than its time.
func TestHostileServers(t *testing.T) {
	const body = "HTTP/1.1 200 OK\r\n\r\n"
	for _, test := range []struct {
		name, begin, then string
		pause             time.Duration
		want, text        string
		took              time.Duration
	}{
		{name: "says nothing", pause: time.Hour, want: "down", text: "no answer within 10s", took: postTimeout},
		{name: "drips a header", begin: "HTTP/1.1 200 OK\r\n", then: "A: b\r\n", pause: time.Second, want: "down", text: "no answer within 10s", took: postTimeout},
		{name: "endless header", begin: "HTTP/1.1 200 OK\r\n", then: "A: " + strings.Repeat("b", 1000) + "\r\n", want: "down", text: "server response headers exceeded"},
		{name: "endless words before", begin: "", then: "HTTP/1.1 103 Early Hints\r\n\r\n", want: "down", text: "aborted"},
		{name: "endless body", begin: body, then: strings.Repeat("b", 1000), want: "sent", text: "200 OK: bbb"},
		{name: "drips a body", begin: body, then: "b", pause: time.Second, want: "sent", text: "200 OK: bbb", took: postTimeout},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &web{answer: func(conn net.Conn, _ string, _ *http.Request) {
					_, err := io.WriteString(conn, test.begin)
					gone := make(chan struct{})
					go func() { defer close(gone); io.Copy(io.Discard, conn) }()
					for err == nil {
						select {
						case <-time.After(test.pause):
							_, err = io.WriteString(conn, cmp.Or(test.then, "x"))
						case <-gone:
							return
						}
					}
				}}
				begin := time.Now()
				reply, err := w.tell(t, hook)
				if kind(err) != test.want || !strings.Contains(reply+plain(err), test.text) {
					t.Errorf("got %q, %s: %v, want %s: %s", reply, kind(err), err, test.want, test.text)
				}
				if took := time.Since(begin); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				if n := len([]rune(reply)); n > replyKept {
					t.Errorf("%d characters of the answer are kept", n)
				}
			})
		})
	}
}

func TestSecretsOfAHookAreNotTold(t *testing.T) {
	const secret = "xyzzy12345"
	for _, url := range []string{hook, "http://chat.example.org/?key=" + secret, "http://ann:" + secret + "@chat.example.org/", "http://chat.example.org/%zz" + secret, "gopher://" + secret, secret} {
		echo := &web{answer: func(conn net.Conn, _ string, r *http.Request) {
			fmt.Fprintf(conn, "HTTP/1.1 404 x\r\n\r\nnothing at %s, %s, login %s", r.RequestURI, secret, secret)
		}}
		away := &web{answer: func(conn net.Conn, _ string, r *http.Request) {
			fmt.Fprintf(conn, "HTTP/1.1 307 x\r\nLocation: ::%s\r\n\r\n", r.RequestURI)
		}}
		for _, w := range []*web{echo, away, saying("")} {
			reply, err := w.tell(t, url)
			if text := reply + fmt.Sprint(err); err == nil || strings.Contains(text, secret) || strings.Contains(text, "T0123/B4567") {
				t.Errorf("%s: %s", url, text)
			}
		}
	}
	p := &poster{compose: slackRequest, dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") }}
	_, err := p.send(t.Context(), &model.Config{}, one(hookRoute(hook), incident()))
	if want := "cannot post to http://chat.example.org: no network"; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestPostWithoutURL(t *testing.T) {
	for _, url := range []string{"", "chat.example.org/x", "ftp://chat.example.org/", "http://", "http:///x", "http://a b/"} {
		if _, err := saying("").tell(t, url); !errors.Is(err, errNoWay) {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestPostOverTLS(t *testing.T) {
	config, file := certificate(t)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }))
	s.TLS = &tls.Config{Certificates: config.Certificates}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	p := &poster{compose: slackRequest}
	defer p.rest()
	r := hookRoute(s.URL)
	if _, err := p.send(t.Context(), &model.Config{}, one(r, incident())); !strings.Contains(fmt.Sprint(err), "signed by unknown authority") {
		t.Errorf("a server that nobody vouches for: %v", err)
	}
	r.Params = append(r.Params, model.Param{Name: "cafile", Value: file})
	if reply, err := p.send(t.Context(), &model.Config{}, one(r, incident())); reply != "200 OK: ok" {
		t.Errorf("got %q, %v", reply, err)
	}
}
