package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A browser asks a dashboard, with the cookies that it got.
type browser struct {
	t       *testing.T
	h       http.Handler
	cookies map[string]string
}

func open(t *testing.T, o Options) *browser {
	return &browser{t, New(o), map[string]string{}}
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "text/html")
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form with what forms of a session carry.
func (b *browser) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{FormField: {formToken}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *browser) login(name, password string) {
	b.t.Helper()
	if w := b.post("/login", "name", name, "password", password); w.Code != http.StatusSeeOther {
		b.t.Fatalf("cannot log in as %s: %d %s", name, w.Code, w.Body)
	}
}

// page fetches a page that must be there and have some texts.
func (b *browser) page(path string, texts ...string) string {
	b.t.Helper()
	w := b.get(path)
	body := w.Body.String()
	if w.Code != http.StatusOK {
		b.t.Fatalf("GET %s: %d %s", path, w.Code, body)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			b.t.Errorf("GET %s has no %q", path, text)
		}
	}
	return body
}
