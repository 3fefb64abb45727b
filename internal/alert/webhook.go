package alert

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/notice"
)

func init() { channels["webhook"] = posted(webhookRequest, "url") }

// signatureHeader is sha256=HEX, of the body with the secret: who is told knows by it that it was us.
const signatureHeader = "X-Orderly-Signature"

// webhookBody is an event as others get it: as in the journal, and what follows from it for this recipient.
type webhookBody struct {
	ID string `json:"id"` // the same for every attempt
	model.Event
	Message    string `json:"message"` // one line for people
	IsUp       bool   `json:"is_up"`
	AlertCount int    `json:"alert_count,omitempty"`
	Duration   int    `json:"duration,omitempty"` // seconds for which it has been failing, or had
	Delay      int    `json:"delay,omitempty"`    // seconds from the event to this message
}

// webhookRequest posts an event as JSON, or the text of the route. Parameters: url, secret, header (any number of
// "Name: value"), username, password, cafile.
func webhookRequest(c *model.Config, p parcel) (request, error) {
	r, ev := p.route, p.events[0]
	ev.Host, ev.Diagnosis = hostOf(c, ev), p.diagnosis()
	req := request{
		url: r.Params.Get("url"), kind: "application/json", header: http.Header{},
		username: r.Params.Get("username"), password: r.Params.Get("password"),
	}
	if r.Text != "" {
		req.body = []byte(p.template(bodyLimit))
		if !json.Valid(req.body) {
			req.kind = "text/plain; charset=utf-8"
		}
	} else {
		n := notice.Of(r, ev)
		body, err := json.Marshal(webhookBody{
			ID: identity(ev.Host, ev), Event: ev, Message: p.text(c, lineLength), IsUp: n.IsUp, AlertCount: n.AlertCount,
			Duration: int(n.Duration / time.Second), Delay: int(max(p.now.Sub(ev.At), 0) / time.Second),
		})
		if err != nil {
			return request{}, err
		}
		req.body = body
	}
	if secret := r.Params.Get("secret"); secret != "" {
		sum := hmac.New(sha256.New, []byte(secret))
		sum.Write(req.body)
		req.header.Set(signatureHeader, "sha256="+hex.EncodeToString(sum.Sum(nil)))
	}
	return req, addHeaders(req.header, r.Params)
}

// addHeaders adds those that the user sets.
func addHeaders(to http.Header, params model.Params) error {
	for _, p := range params {
		if p.Name != "header" {
			continue
		}
		name, value, found := strings.Cut(p.Value, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || !token(name) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return errors.New(`a header is none: write "Name: value"`)
		}
		to.Add(name, value)
	}
	return nil
}

// token tells whether a text can be the name of a header.
func token(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}
