package cachet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// endless is a body that never ends, and counts what is read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	e.read += len(p)
	return len(p), nil
}

// TestHostile sends what no honest client does: it is refused in JSON, changes nothing and costs little.
func TestHostile(t *testing.T) { // P-010, P-036
	deep := func(open, end string) string {
		return `{"meta":` + strings.Repeat(open, 5000) + strings.Repeat(end, 5000) + "}"
	}
	brackets := "meta" + strings.Repeat("[a]", 5000) + "=1"
	many := strings.Repeat("a=1&", 3000) + "name=x"
	for _, tt := range []struct {
		name, method, path, kind, body string
		want                           int
	}{
		{"10 MB", "PUT", "/api/v1/components/1", "application/json", `{"name":"` + strings.Repeat("a", 10<<20) + `"}`, 413},
		{"deep objects", "PUT", "/api/v1/components/1", "application/json", deep(`{"a":`, "}"), 400},
		{"deep lists", "PUT", "/api/v1/components/1", "application/json", deep("[", "]"), 400},
		{"deep brackets", "PUT", "/api/v1/components/1", "application/x-www-form-urlencoded", brackets, 400},
		{"deep brackets in the query", "GET", "/api/v1/components?" + brackets, "", "", 400},
		{"many parameters", "PUT", "/api/v1/components/1", "application/x-www-form-urlencoded", many, 400},
		{"many parameters in the query", "GET", "/api/v1/components?" + many, "", "", 400},
		{"JSON that is not UTF-8", "PUT", "/api/v1/components/1", "application/json", "{\"name\": \"a\xff\"}", 400},
		{"form that is not UTF-8", "PUT", "/api/v1/components/1", "application/x-www-form-urlencoded", "name=a%ff", 400},
		{"header in a name", "PUT", "/api/v1/components/1", "application/x-www-form-urlencoded", "name=a%0d%0aSet-Cookie:+b", 400},
		{"NUL in a text", "PUT", "/api/v1/components/1", "application/json", `{"description": "a\u0000b"}`, 400},
		{"number beyond everything", "PUT", "/api/v1/components/1", "application/json", `{"order": 1e400}`, 400},
		{"number of 100 digits", "PUT", "/api/v1/components/1", "application/json", `{"group_id": ` + strings.Repeat("9", 100) + "}", 400},
		{"negative group", "PUT", "/api/v1/components/1", "application/json", `{"group_id": -1}`, 400},
		{"id beyond int64", "GET", "/api/v1/components/9223372036854775808", "", "", 404},
		{"id of 1000 digits", "GET", "/api/v1/components/" + strings.Repeat("9", 1000), "", "", 404},
		{"id 0", "GET", "/api/v1/components/0", "", "", 404},
		{"id below 0", "GET", "/api/v1/components/-1", "", "", 404},
		{"id with a sign", "GET", "/api/v1/components/+1", "", "", 404},
		{"id of a query", "GET", "/api/v1/components/1%20OR%201=1", "", "", 404},
		{"slash in an id", "GET", "/api/v1/components%2f1", "", "", 200}, // as a path it is the same
		{"dots", "GET", "/api//v1/../v1/components/1", "", "", 404},
		{"dots at the end", "GET", "/api/v1/components/..", "", "", 404},
		{"encoded dots", "GET", "/api/v1/%2e%2e/%2e%2e/etc/passwd", "", "", 404},
		{"many slashes", "GET", "/api/v1/components//", "", "", 404},
		{"NUL in a path", "GET", "/api/v1/components/1%00", "", "", 404},
		{"page beyond everything", "GET", "/api/v1/components?page=99999999999999999999", "", "", 200},
		{"page that overflows", "GET", "/api/v1/components?page=9223372036854775807&per_page=9223372036854775807", "", "", 200},
		{"broken query", "GET", "/api/v1/components?a;b=%zz&&=", "", "", 200},
		{"parts without a boundary", "PUT", "/api/v1/components/1", "multipart/form-data", "--x", 400},
		{"broken parts", "PUT", "/api/v1/components/1", "multipart/form-data; boundary=x", "--x\r\nnonsense", 400},
		{"huge text", "PUT", "/api/v1/components/1", "application/json", `{"description":"` + strings.Repeat("a", 100<<10) + `"}`, 400},
		{"huge meta", "PUT", "/api/v1/components/1", "application/json", `{"meta":{"a":"` + strings.Repeat("a", 100<<10) + `"}}`, 400},
		{"1000 tags", "PUT", "/api/v1/components/1", "application/json", `{"tags":"` + strings.Repeat("a,", 1000) + `"}`, 400},
		{"unknown method", "BREW", "/api/v1/components/1", "", "", 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, model.DefaultStatusPage(), func(w *world) {
				w.add(t, `{"name": "web", "status": 1}`)
				before := w.book.Read().Revision
				r := httptest.NewRequest(tt.method, "http://status.example.org/", strings.NewReader(tt.body))
				u, err := r.URL.Parse(tt.path)
				if err != nil || strings.Contains(tt.path, "..") {
					u = r.URL
					u.Path = strings.ReplaceAll(strings.ReplaceAll(tt.path, "%2e", "."), "%00", "\x00")
				}
				r.URL = u
				r.Header.Set("X-Cachet-Token", "manage")
				if tt.kind != "" {
					r.Header.Set("Content-Type", tt.kind)
				}
				got := w.ask(r)
				if got.Code != tt.want {
					t.Errorf("status %d, not %d\n%.300s", got.Code, tt.want, got.Body)
				}
				if !json.Valid(got.Body.Bytes()) || got.Body.Len() > 4096 {
					t.Errorf("the answer is %d bytes: %.300s", got.Body.Len(), got.Body)
				}
				if now := w.book.Read().Revision; now != before {
					t.Error("something was changed")
				}
			})
		})
	}
}

func (w *world) add(t *testing.T, body string) {
	t.Helper()
	r := httptest.NewRequest("POST", "http://status.example.org/api/v1/components", strings.NewReader(body))
	r.Header.Set("X-Cachet-Token", "manage")
	if got := w.ask(r); got.Code != http.StatusOK {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
}

// No more is read of a body than it may have, whoever sends it; of strangers, nothing.
func TestEndlessBody(t *testing.T) {
	for token, most := range map[string]int{"manage": 2 * maxBody, "": 0, "read": 0} {
		bubble(t, model.DefaultStatusPage(), func(w *world) {
			body := &endless{}
			r := httptest.NewRequest("POST", "http://status.example.org/api/v1/components", io.NopCloser(body))
			r.Header.Set("X-Cachet-Token", token)
			if got := w.ask(r); got.Code < 400 || body.read > most {
				t.Errorf("as %q: status %d after %d bytes", token, got.Code, body.read)
			}
		})
	}
}

// Nothing that somebody wrote becomes a header, and nothing internal is in an answer.
func TestNothingLeaks(t *testing.T) { // P-235
	bubble(t, model.DefaultStatusPage(), func(w *world) {
		r := httptest.NewRequest("GET", "http://status.example.org/api/v1/incidents/%22%3Cscript%3E", nil)
		r.Header.Set("Origin", "https://evil.example.org\r\nX: y")
		got := w.ask(r)
		var dump bytes.Buffer
		if err := got.Result().Write(&dump); err != nil {
			t.Fatal(err)
		}
		for _, never := range []string{"<script>", "evil", "goroutine", ".go:"} {
			if strings.Contains(dump.String(), never) {
				t.Errorf("an answer has %q:\n%s", never, &dump)
			}
		}
	})
}

// What is inside of a service is told to no guest: its host and its name are for who has logged in (P-212, P-235, P-302).
func TestGuestsSeeNothingInternal(t *testing.T) {
	page := model.DefaultStatusPage()
	bubble(t, page, func(w *world) {
		spec := &model.Service{Name: "unit-of-shop", Kind: model.KindProcess, Face: &model.Face{Component: "Shop", Group: "Front", Metric: true}}
		w.book.Configure(page, []*model.Service{spec}, "secret-host-17")
		w.book.Checked(model.Checked{Service: spec, At: time.Now(), State: model.StateFailing, Down: true, Failed: true, Holds: time.Hour})
		time.Sleep(5 * time.Minute)
		ask := func(path, token string) string {
			r := httptest.NewRequest("GET", "http://status.example.org/api/"+path, nil)
			r.Header.Set("X-Cachet-Token", token)
			if !strings.HasPrefix(path, "v1/") {
				r.Header.Set("Accept", "application/vnd.api+json")
			}
			got := w.ask(r)
			if got.Code != http.StatusOK {
				t.Errorf("GET %s: %d", path, got.Code)
			}
			return got.Body.String()
		}
		for _, path := range []string{
			"v1/components", "v1/components/1", "v1/components/groups", "v1/components/groups/1", "v1/incidents", "v1/incidents/1", "v1/metrics",
			"v1/schedules", "v1/version", "v1/status", "components?include=group,incidents", "components/1", "component-groups?include=components", "incidents?include=components",
			"metrics", "version", "status",
		} {
			for _, never := range []string{"secret-host-17", "unit-of-shop"} {
				if text := ask(path, ""); strings.Contains(text, never) {
					t.Errorf("GET %s tells guests %s: %s", path, never, text)
				}
			}
		}
		for _, path := range []string{"v1/components", "v1/components?tags=secret-host-17", "components", "components/1"} {
			if text := ask(path, "read"); !strings.Contains(text, "secret-host-17") || !strings.Contains(text, "unit-of-shop") {
				t.Errorf("GET %s does not tell who has logged in: %s", path, text)
			}
		}
		if text := ask("v1/incidents/1", ""); !strings.Contains(text, `"user_id":null`) { // P-083
			t.Errorf("somebody opened an incident of a check: %s", text)
		}
		if text := ask("v1/components?tags=secret-host-17", ""); !strings.Contains(text, `"data":[]`) {
			t.Errorf("a guest finds out by searching: %s", text)
		}
	})
}

// FuzzInput reads whatever comes without harm: every member that is asked for is there, is not, or is wrong.
func FuzzInput(f *testing.F) {
	for _, seed := range []string{`{"name": [1, {"a": null}]}`, "name=a&components[0][id]=1&components[]=2", "a[b][=1&[]=2&=&a[b][c]=3", `{"a":1}}`} {
		f.Add("application/json", seed)
		f.Add("application/x-www-form-urlencoded", seed)
		f.Add("multipart/form-data; boundary=a", seed)
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		in := &input{members: map[string]any{}}
		if err := in.body(kind, []byte(body)); err != nil {
			return
		}
		for name := range in.members {
			in.text(name)
			in.flag(name)
			in.real(name)
			in.object(name)
			in.texts(name)
			in.components(name)
			number(in, name, 0, 4)
		}
		if err := in.err(); err != nil && err.Error() == "" {
			t.Error("something is wrong, and nobody says what")
		}
		if _, err := json.Marshal(in.members); err != nil {
			t.Error(fmt.Errorf("what was read cannot be written: %w", err))
		}
	})
}
