package public

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/status"
)

// atWork runs a test of a page that tells its subscribers.
func atWork(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service("Shop", "Website"), service("Mail", ""))
		w.page.Hooks = true
		w.configure()
		w.run(test)
	})
}

// run has the page of a world tell its subscribers during a test.
func (w *world) run(test func(w *world)) {
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { w.book.Run(ctx) })
	work.Go(func() { w.site.Run(ctx) })
	defer work.Wait()
	defer stop()
	test(w)
}

// sent is the only letter or message since the last time.
func (p *pigeon) sent(t testing.TB) Letter {
	t.Helper()
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.letters) != 1 {
		t.Fatalf("there are %d letters: %v", len(p.letters), p.letters)
	}
	one := p.letters[0]
	p.letters = nil
	return one
}

// none wants that nobody got a letter since the last time.
func (p *pigeon) none(t testing.TB) {
	t.Helper()
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.letters) > 0 {
		t.Errorf("somebody got %v", p.letters)
	}
	p.letters = nil
}

// below is the path of the link in a text that has something in it.
func below(t testing.TB, text, part string) string {
	t.Helper()
	for _, word := range strings.Fields(text) {
		if path, ok := strings.CutPrefix(word, "https://status.example.org"); ok && strings.Contains(path, part) {
			return path
		}
	}
	t.Fatalf("there is no link with %s in %q", part, text)
	return ""
}

func (w *world) outage(component, name string) *status.Incident {
	return w.incident(func(i *status.Incident) {
		i.Name, i.Message, i.Visible, i.Notify, i.Phase = name, "We look into it.", true, true, status.Investigating
		i.Components = []status.Affected{{Component: w.component(component).ID, Health: status.Major}}
	})
}

// Whoever subscribes by mail hears nothing before they have pressed the button behind the link, hears of what they chose only, and
// nothing after they have left (P-214, P-215).
func TestSubscribeByMail(t *testing.T) {
	atWork(t, func(w *world) {
		form := url.Values{"email": {"ann@example.com"}, "what": {groupText(w.component("Shop").Group)}}.Encode()
		if rec := w.post("/subscribe", form); rec.Code != http.StatusOK {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		asked := w.pigeon.sent(t)
		verify := below(t, asked.Text, "/subscribe/verify/")
		if asked.To != "ann@example.com" || asked.Leave != "" {
			t.Errorf("she is asked by %+v", asked)
		}
		w.body(verify) // as programs do that look behind links
		w.outage("Shop", "The shop is shut")
		w.pigeon.none(t)

		if rec := w.post(verify, ""); rec.Code != http.StatusOK {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		if text := w.body(verify); !strings.Contains(text, "You have subscribed") || strings.Contains(text, ">Confirm<") {
			t.Errorf("whoever follows the link again is asked again:\n%s", text)
		}
		w.outage("Mail", "Letters are late")
		w.pigeon.none(t)
		w.outage("Shop", "The shop is shut again")
		told := w.pigeon.sent(t)
		if told.Subject != "[Example status] The shop is shut again (Investigating)" || !strings.Contains(told.Text, "We look into it.") || !strings.Contains(told.Text, "Affected: Shop") {
			t.Errorf("she hears %+v", told)
		}

		manage := below(t, told.Text, "/subscribe/manage/")
		if text := w.body(manage); !strings.Contains(text, `value="group-1" checked`) {
			t.Errorf("her choice is not what she sees:\n%s", text)
		}
		if rec := w.post(manage, url.Values{"what": {"component-" + text(w.component("Mail").ID)}}.Encode()); rec.Code != http.StatusOK {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
		w.outage("Shop", "The shop once more")
		w.pigeon.none(t)

		leave := strings.TrimPrefix(told.Leave, "https://status.example.org")
		w.body(leave)
		for range 2 { // mail programs may ask twice
			if rec := w.post(leave, "List-Unsubscribe=One-Click"); rec.Code != http.StatusOK {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
		}
		if text := w.body(leave); !strings.Contains(text, "You have unsubscribed") {
			t.Errorf("whoever follows the link again reads\n%s", text)
		}
		w.outage("Mail", "Letters are lost")
		w.pigeon.none(t)
	})
}

// What the page answers does not tell whether somebody has subscribed, and an address does not get a message for every form.
func TestSubscribeTwice(t *testing.T) {
	atWork(t, func(w *world) {
		first := w.post("/subscribe", "email=ann%40example.com").Body.String()
		w.pigeon.sent(t)
		if again := w.post("/subscribe", "email=ann%40example.com").Body.String(); again != first {
			t.Error("whoever asks is told that she has subscribed")
		}
		w.pigeon.sent(t)
		w.post("/subscribe", "email=ann%40example.com")
		w.pigeon.none(t)
		for n := range 10 {
			w.post("/subscribe", fmt.Sprintf("email=ann%d%%40example.com", n))
		}
		synctest.Wait()
		if n := len(w.pigeon.letters); n >= perSource {
			t.Errorf("one visitor has %d letters sent", n)
		}
		if rec := w.post("/subscribe", "email=bob%40example.com"); rec.Code != http.StatusTooManyRequests {
			t.Errorf("the next one: %d", rec.Code)
		}
	})
}

// A letter that could not be sent is there after a crash, under the same name.
func TestLettersSurvive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, service("Shop", ""))
		lost := ""
		w.pigeon.fail = func(l Letter) error { lost = l.ID; return errors.New("the server is away") }
		w.run(func(w *world) {
			w.post("/subscribe", "email=ann%40example.com")
			w.pigeon.none(t)
		})
		w.pigeon.fail = nil
		w.open()
		w.run(func(w *world) {
			time.Sleep(2 * firstPause)
			if got := w.pigeon.sent(t).ID; got != lost || lost == "" {
				t.Errorf("it is called %s, not %s", got, lost)
			}
		})
	})
}

// A receiver is a webhook, which does as answer says.
type receiver struct {
	mu     sync.Mutex
	bodies []hookBody
	signed []string // what each must be signed with, by its header
	raw    [][]byte
	answer func(hookBody) (int, string)
}

func (h *receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var b hookBody
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bodies, h.raw, h.signed = append(h.bodies, b), append(h.raw, raw), append(h.signed, r.Header.Get(signatureHeader))
	code, text := h.answer(b)
	return &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader(text)), Header: http.Header{}, Request: r}, nil
}

// answers has it answer otherwise from now on.
func (h *receiver) answers(as func(hookBody) (int, string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = as
}

// events are what it was told of since the last time.
func (h *receiver) events() (all []string) {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range h.bodies {
		all = append(all, b.Event)
	}
	h.bodies = nil
	return all
}

// A webhook hears of incidents once it has shown that it wants to, signed with the secret that its owner was shown, and until it
// is gone (P-216).
func TestSubscribeByHook(t *testing.T) {
	atWork(t, func(w *world) {
		hook := &receiver{answer: func(hookBody) (int, string) { return 200, "what?" }}
		w.site.box.post = hookPost{&http.Client{Transport: hook}}
		rec := w.post("/subscribe", "hook=https%3A%2F%2Fhooks.example.org%2Fours")
		_, secret, _ := strings.Cut(rec.Body.String(), `<pre class="code">`)
		secret, _, ok := strings.Cut(secret, "</pre>")
		if rec.Code != http.StatusOK || !ok {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		if got := hook.events(); len(got) != 1 || got[0] != "challenge" {
			t.Fatalf("it is asked by %q", got)
		}
		w.outage("Shop", "The shop is shut")
		if got := hook.events(); len(got) > 0 {
			t.Errorf("it did not answer, and hears %q", got)
		}

		hook.answers(func(b hookBody) (int, string) { return 200, `{"challenge": "` + b.Challenge + `"}` })
		time.Sleep(2 * firstPause)
		if got := hook.events(); len(got) != 1 || got[0] != "challenge" {
			t.Fatalf("it is asked again by %q", got)
		}
		w.outage("Shop", "The shop is shut again")
		if got := hook.events(); len(got) != 1 || got[0] != string(status.IncidentOpened) {
			t.Errorf("it hears %q", got)
		}
		last := len(hook.raw) - 1
		sum := hmac.New(sha256.New, []byte(secret))
		sum.Write(hook.raw[last])
		if want := "sha256=" + hex.EncodeToString(sum.Sum(nil)); hook.signed[last] != want {
			t.Errorf("it is signed with %s, not %s", hook.signed[last], want)
		}
		if !strings.Contains(string(hook.raw[last]), "The shop is shut again") {
			t.Errorf("it hears %s", hook.raw[last])
		}

		hook.answers(func(hookBody) (int, string) { return http.StatusGone, "" })
		w.outage("Shop", "The shop once more")
		if got := hook.events(); len(got) != 1 {
			t.Errorf("it hears %q", got)
		}
		w.outage("Shop", "The shop for the last time")
		if got := hook.events(); len(got) > 0 || len(w.book.Read().Subscribers) > 0 {
			t.Errorf("it is gone, and hears %q", got)
		}
	})
}

// Visitors name webhooks: none may be where only we can reach it, and an answer cannot send us there (P-216).
func TestHooksLeadOutside(t *testing.T) {
	for _, text := range []string{
		"http://hooks.example.org/x", "https://127.0.0.1/x", "https://[::1]/", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/",
		"https://[fe80::1%25eth0]/", "https://localhost/", "https://user:pass@hooks.example.org/", "https:///x", "file:///etc/passwd", "https://100.64.0.1/", "https://0.0.0.0/",
		"https://hooks.example.org/#part", "https://hooks.example.org/" + strings.Repeat("x", maxLink),
	} {
		if validHook(text) {
			t.Errorf("%.60s can be subscribed", text)
		}
	}
	for _, text := range []string{"https://hooks.example.org/x?key=1", "https://8.8.8.8/", "https://[2606:4700::1111]:8443/x"} {
		if !validHook(text) {
			t.Errorf("%s cannot be subscribed", text)
		}
	}
	asked := false
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	if _, err := hookClient(onlyPublic).Get(inside.URL); !errors.Is(err, errInside) || asked {
		t.Errorf("a name that leads inside: %v", err)
	}
	moved := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusTemporaryRedirect))
	defer moved.Close()
	if res, err := hookClient(nil).Get(moved.URL); err != nil || res.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("it goes where it is sent: %v", err)
	} else {
		res.Body.Close()
	}
}
