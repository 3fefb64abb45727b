package httpd

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxURL    = 512     // bytes; as in Monit, a longer one is refused
	maxBody   = 1 << 20 // bytes; a command for thousands of services names each of them
	maxFields = 20_000
)

// A form is the fields of a query or a body, in their order. Letter case of their names does not matter.
type form []field

type field struct{ name, value string }

var errForm = &refusal{http.StatusBadRequest, "Cannot parse Request parameters"}

// readForm reads the fields of a request: of its body if it is a POST, else of its query.
func readForm(w http.ResponseWriter, r *http.Request) (form, error) {
	if r.Method != http.MethodPost {
		return parseForm(r.URL.RawQuery)
	}
	if r.ContentLength == 0 && r.Header.Get("Content-Length") == "" || r.ContentLength > maxBody {
		return nil, errForm
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)) // the server need not read the rest then
	if err != nil {
		return nil, errForm
	}
	return parseForm(string(body))
}

// parseForm is generous with what is not encoded as it should be: it is taken as it is.
func parseForm(text string) (form, error) {
	if strings.Count(text, "&") >= maxFields {
		return nil, errForm
	}
	var f form
	for part := range strings.SplitSeq(strings.TrimRight(text, "\r\n"), "&") {
		name, value, _ := strings.Cut(part, "=")
		if name = unescape(name); name != "" {
			f = append(f, field{name, unescape(value)})
		}
	}
	return f, nil
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// last is the value that counts where a field should be there once, "" without any.
func (f form) last(name string) string {
	value, _ := f.find(name)
	return value
}

func (f form) find(name string) (value string, ok bool) {
	for i := len(f) - 1; i >= 0; i-- {
		if strings.EqualFold(f[i].name, name) {
			return f[i].value, true
		}
	}
	return "", false
}

// all are the values of a field that may be repeated.
func (f form) all(name string) []string {
	var values []string
	for _, one := range f {
		if strings.EqualFold(one.name, name) {
			values = append(values, one.value)
		}
	}
	return values
}

// A refusal is an error as a client hears of it.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

// refusalOf makes any error one that a client hears of.
func refusalOf(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return &refusal{http.StatusServiceUnavailable, err.Error()}
}
