package cachet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/access"
	"orderly/internal/model"
	"orderly/internal/status"
)

// A call is one request on its way.
type call struct {
	*server
	ctx     context.Context
	w       http.ResponseWriter
	r       *http.Request
	face    face
	params  []int64 // numbers in the path
	account *model.Account
	view    *status.View
	in      *input
	zone    *time.Location // of times in answers, and of those in requests that do not say
	told    map[int64]int  // incidents of each component, once they are counted
}

// guest tells whether nobody has shown who they are.
func (c *call) guest() bool { return c.account == nil }

// now is what time it is.
func (c *call) now() time.Time { return time.Now() }

// by is who writes.
func (c *call) by() status.Actor { return status.ActorOf(c.account) }

// wrote has what is rendered from now on show what was written.
func (c *call) wrote() { c.view = c.Book.Read() }

// zoneOf is the time zone that a request wants, or that of the page (P-011).
func (c *call) zoneOf() *time.Location {
	for _, name := range []string{c.r.Header.Get("Time-Zone"), c.view.Page.Zone} {
		if known, ok := c.zones.Load(name); ok {
			return known.(*time.Location)
		}
		if name == "" || len(name) > 64 {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			c.zones.Store(name, zone)
			return zone
		}
	}
	return time.Local
}

// stamp is a time as this API writes it (P-012).
func (c *call) stamp(t time.Time) string { return t.In(c.zone).Format(time.DateTime) }

// stampOr is a time, or null without one.
func (c *call) stampOr(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := c.stamp(t)
	return &text
}

// host is the scheme and host under which a request came.
func (c *call) host() string {
	scheme := "http"
	if access.Secure(c.r) {
		scheme = "https"
	}
	if u, err := url.Parse(c.view.Page.URL); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	return scheme + "://" + c.r.Host
}

// root is the address of the status page.
func (c *call) root() string {
	switch {
	case c.view.Page.URL != "":
		return strings.TrimSuffix(c.view.Page.URL, "/")
	case c.Root != nil:
		return c.Root(c.r)
	}
	return c.host()
}

// A reply is what most answers of version 1 are.
type reply struct {
	Meta any `json:"meta,omitempty"`
	Data any `json:"data"`
}

// created is a body that is sent with the status of something new.
type created struct{ body any }

// kindJSON and kindAPI are the media types of answers.
const (
	kindJSON = "application/json"
	kindAPI  = "application/vnd.api+json"
)

// send answers with a body, nil for none.
func (c *call) send(body any) {
	if body == nil {
		c.w.WriteHeader(http.StatusNoContent)
		return
	}
	code := http.StatusOK
	if made, ok := body.(created); ok {
		code, body = http.StatusCreated, made.body
	}
	c.write(code, body)
}

func (c *call) write(code int, body any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // it is not HTML, and says so
	if err := encoder.Encode(body); err != nil {
		c.Log.Error("cannot encode an answer", "path", c.r.URL.Path, "err", err)
		http.Error(c.w, `{"errors":[{"status":500,"title":"Internal Server Error"}]}`, http.StatusInternalServerError)
		return
	}
	h := c.w.Header()
	h.Set("Content-Type", kindJSON)
	if c.face == v3 && code < http.StatusBadRequest {
		h.Set("Content-Type", kindAPI)
	}
	if code == http.StatusOK && (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead) {
		sum := sha256.Sum256(b.Bytes())
		tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
		h.Set("ETag", tag)
		if c.r.Header.Get("If-None-Match") == tag {
			c.w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(writePatience)) // a writer that cannot has limits of its own
	c.w.WriteHeader(code)
	_, _ = c.w.Write(b.Bytes()) // who has gone does not hear of it
}
