package cachet

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"orderly/internal/access"
	"orderly/internal/status"
)

// A refusal is an error with the status of its answer.
type refusal struct {
	code int
	text string
}

func (e *refusal) Error() string { return e.text }

var (
	errNoPath        = &refusal{http.StatusNotFound, "there is nothing at this path"}
	errMethod        = &refusal{http.StatusMethodNotAllowed, "this method is not for this path"}
	errNotAcceptable = &refusal{http.StatusNotAcceptable, "there is JSON and nothing else"}
	errTooLarge      = &refusal{http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB"}
)

// A fault is what is wrong with one member of a request.
type fault struct{ member, text string }

// faults are what is wrong with a request.
type faults []fault

func (f faults) Error() string {
	texts := make([]string, len(f))
	for i := range f {
		texts[i] = f[i].text
	}
	return strings.Join(texts, " ")
}

// A trouble is an error as version 1 tells it (P-035).
type trouble struct {
	ID     string   `json:"id"`
	Status int      `json:"status"`
	Title  string   `json:"title"`
	Detail string   `json:"detail"`
	Meta   *details `json:"meta,omitempty"`
}

// details are the sentences about what is wrong (P-034).
type details struct {
	Details []string `json:"details"`
}

// refuse answers with an error.
func (c *call) refuse(err error) {
	code, wrong := c.codeOf(err)
	if code == http.StatusUnauthorized || code == http.StatusTooManyRequests || code == http.StatusForbidden {
		access.Explain(c.w, c.r, err)
	}
	if code == http.StatusTooManyRequests {
		c.w.Header().Set("X-RateLimit-Remaining", "0")
	}
	if c.face == v3 && wrong != nil {
		code = http.StatusUnprocessableEntity
	}
	text := err.Error()
	if code >= http.StatusInternalServerError {
		c.Log.Error("cannot answer", "method", c.r.Method, "path", c.r.URL.Path, "err", err)
		text = "something is wrong here; the log says what"
		if code == http.StatusInsufficientStorage {
			text = status.ErrUnsaved.Error()
		}
	}
	c.w.Header().Set("Cache-Control", "no-store")
	if c.face == v3 {
		c.write(code, problem(text, wrong))
		return
	}
	t := trouble{ID: uuid(), Status: code, Title: http.StatusText(code), Detail: text}
	if wrong != nil {
		t.Detail = "The request is not valid."
		t.Meta = &details{}
		for _, f := range wrong {
			t.Meta.Details = append(t.Meta.Details, f.text)
		}
	}
	c.write(code, map[string][]trouble{"errors": {t}})
}

// codeOf is the status of an answer to an error, and what is wrong with the members of the request.
func (c *call) codeOf(err error) (code int, wrong faults) {
	var of *refusal
	var invalid *status.Invalid
	var throttled *access.ThrottledError
	switch {
	case errors.As(err, &of):
		return of.code, nil
	case errors.As(err, &wrong):
		return http.StatusBadRequest, wrong
	case errors.As(err, &invalid):
		for _, text := range invalid.Details {
			wrong = append(wrong, fault{c.memberOf(text), text})
		}
		return http.StatusBadRequest, wrong
	case errors.Is(err, status.ErrNotFound):
		return http.StatusNotFound, nil
	case errors.Is(err, status.ErrForbidden):
		return http.StatusForbidden, nil
	case errors.Is(err, status.ErrUnsaved):
		return http.StatusInsufficientStorage, nil
	case errors.As(err, &throttled), errors.Is(err, access.ErrWrong), errors.Is(err, access.ErrNobody), errors.Is(err, access.ErrForged):
		return access.StatusOf(err), nil
	}
	return http.StatusInternalServerError, nil
}

// memberOf is the member of the request that a sentence is about, as far as it names one.
func (c *call) memberOf(text string) string {
	found := ""
	if c.in != nil {
		for name := range c.in.members {
			if strings.Contains(text, strings.ReplaceAll(name, "_", " ")) && len(name) > len(found) {
				found = name
			}
		}
	}
	return cmp.Or(found, "request")
}

// uuid is a random one.
func uuid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
