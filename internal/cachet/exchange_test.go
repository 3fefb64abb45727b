package cachet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestExchanges sends requests, and expects what is written below each. An archive is a world of its own; in testdata are
// the ones for each noun.
func TestExchanges(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no exchanges: ", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			page, err := pageOf(a)
			if err != nil {
				t.Fatal(err)
			}
			bubble(t, page, func(w *world) {
				for _, f := range a.Files {
					if f.Name != "page.json" {
						w.exchange(f.Name, string(f.Data))
					}
				}
			})
		})
	}
}

// The whole of the API is pinned by so many requests at least (P-400); those that only pass time do not count.
func TestExchangesAreMany(t *testing.T) {
	const enough = 350
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	requests := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if bytes.Contains(f.Data, []byte("\n=> ")) {
				requests++
			}
		}
	}
	t.Logf("%d requests have answers", requests)
	if requests < enough {
		t.Errorf("%d requests pin the API, not %d", requests, enough)
	}
}

// exchange makes one. A line alone, "sleep 5m", passes time.
func (w *world) exchange(name, text string) {
	w.t.Helper()
	if wait, ok := strings.CutPrefix(strings.TrimSpace(text), "sleep "); ok {
		d, err := time.ParseDuration(wait)
		if err != nil {
			w.t.Fatal(err)
		}
		time.Sleep(d)
		synctest.Wait()
		return
	}
	request, answer, ok := strings.Cut(text, "\n=> ")
	if !ok {
		w.t.Fatalf("%s: an exchange needs an answer: %q", name, text)
	}
	got := w.ask(requestOf(w.t, request))
	for _, wrong := range differences(answer, got) {
		w.t.Errorf("%s: %s\n%s\n%s", name, wrong, request, got.Body)
	}
}

// requestOf reads a request: "METHOD PATH", headers, and after an empty line a body.
func requestOf(t *testing.T, text string) *http.Request {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, path, ok := strings.Cut(lines[0], " ")
	if !ok {
		t.Fatalf("%q is no request", lines[0])
	}
	body = strings.TrimSuffix(body, "\n")
	if strings.Contains(head, "multipart/") {
		body = strings.ReplaceAll(body, "\n", "\r\n")
	}
	r := httptest.NewRequest(method, "http://status.example.org/", strings.NewReader(body))
	u, err := url.ParseRequestURI(path)
	if err != nil {
		t.Fatal(err)
	}
	r.URL = u
	for _, line := range lines[1:] {
		key, value, _ := strings.Cut(line, ": ")
		if name, word, ok := strings.Cut(value, ":"); ok && key == "Basic" {
			r.SetBasicAuth(name, word)
			continue
		}
		r.Header.Add(key, value)
	}
	if r.Header.Get("Content-Type") == "" && body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if body[0] == '{' {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	return r
}

// differences compares an answer with what is expected: the status, headers, and after an empty line JSON, of which the
// members must be there. "<any>", "<int>", "<uuid>" and "<absent>" stand for values; "..." as a member lets others be there.
func differences(want string, got *httptest.ResponseRecorder) (out []string) {
	head, body, _ := strings.Cut(want, "\n\n")
	lines := bufio.NewScanner(strings.NewReader(head))
	lines.Scan()
	if code := strings.TrimSpace(lines.Text()); strconv.Itoa(got.Code) != code {
		out = append(out, fmt.Sprintf("status %d, not %s", got.Code, code))
	}
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		if value = strings.TrimSpace(value); got.Header().Get(key) != value {
			out = append(out, fmt.Sprintf("%s is %q, not %q", key, got.Header().Get(key), value))
		}
	}
	body = strings.TrimSpace(body)
	if body == "" {
		if got.Code == http.StatusNoContent && got.Body.Len() > 0 {
			out = append(out, "there is a body")
		}
		return out
	}
	var wanted, given any
	if err := decode([]byte(body), &wanted); err != nil {
		return append(out, "what is expected is not JSON: "+err.Error())
	}
	if err := decode(got.Body.Bytes(), &given); err != nil {
		return append(out, "the answer is not JSON: "+err.Error())
	}
	return append(out, compare("", wanted, given)...)
}

func decode(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// compare tells in which ways a value is not as wanted.
func compare(at string, want, got any) (out []string) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, no object", at, got)}
		}
		return compareMembers(at, w, g)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s is %v, not a list of %d", at, got, len(w))}
		}
		for i := range w {
			out = append(out, compare(fmt.Sprintf("%s[%d]", at, i), w[i], g[i])...)
		}
		return out
	case string:
		switch _, number := got.(json.Number); w {
		case "<any>":
			return nil
		case "<int>":
			if !number {
				out = append(out, fmt.Sprintf("%s is %v, no number", at, got))
			}
			return out
		case "<uuid>":
			if text, _ := got.(string); !uuidForm.MatchString(text) {
				out = append(out, fmt.Sprintf("%s is %v, no UUID", at, got))
			}
			return out
		}
	}
	if want != got {
		out = append(out, fmt.Sprintf("%s is %#v, not %#v", at, got, want))
	}
	return out
}

func compareMembers(at string, want, got map[string]any) (out []string) {
	_, open := want["..."]
	for name, value := range want {
		given, there := got[name]
		switch {
		case name == "...":
		case value == "<absent>":
			if there {
				out = append(out, at+"."+name+" is there")
			}
		case !there:
			out = append(out, at+"."+name+" is missing")
		default:
			out = append(out, compare(at+"."+name, value, given)...)
		}
	}
	for name := range got {
		if _, known := want[name]; !known && !open {
			out = append(out, at+"."+name+" is not expected")
		}
	}
	return out
}
