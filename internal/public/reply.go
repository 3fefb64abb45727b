package public

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/packing"
)

// A reply is what is sent to everybody who asks for the same. It does not change.
type reply struct {
	status   int // 0: 200
	kind     string
	body     []byte
	packed   []byte // by gzip; nil: not worth it
	tag      string
	frames   []string // origins that may show it in a frame; nil: none
	policy   string   // of its own, instead of that of pages; "": none
	to       string   // where to go instead; "": nowhere
	fleeting bool     // of one visitor only, or about to change
}

// packFrom is from how many bytes on a reply is worth packing.
const packFrom = 1 << 10

func newReply(kind string, body []byte) *reply {
	sum := sha256.Sum256(body)
	r := &reply{kind: kind, body: body, tag: hex.EncodeToString(sum[:8])}
	if len(body) >= packFrom && !strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "image/svg") && len(body) >= packFrom {
		r.packed = packing.Gzip(body, gzip.BestSpeed)
	}
	return r
}

// send answers a request.
func (m *reply) send(w http.ResponseWriter, r *http.Request, v *visit) {
	head := w.Header()
	m.caching(head, v)
	if m.frames != nil {
		head.Set("Content-Security-Policy", policy(strings.Join(m.frames, " ")))
		head.Del("X-Frame-Options") // which knows nobody but us
	} else if m.policy != "" {
		head.Set("Content-Security-Policy", m.policy)
	} else {
		head.Set("X-Frame-Options", "DENY")
	}
	if v.audience == forPrograms && v.guest {
		m.share(head, r, v)
	}
	if m.to != "" {
		head.Set("Location", m.to)
		w.WriteHeader(http.StatusFound)
		return
	}
	body, tag := m.body, `"`+m.tag+`"`
	if m.packed != nil && packing.Accepted(r.Header) {
		body, tag = m.packed, `"`+m.tag+`.gz"`
		head.Set("Content-Encoding", "gzip")
	}
	head.Set("Content-Type", m.kind)
	if m.status == 0 && !m.fleeting {
		head.Set("ETag", tag)
		if matches(r.Header.Get("If-None-Match"), tag) {
			head.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience))
	w.WriteHeader(max(m.status, http.StatusOK))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// caching says who may keep a reply, and what it depends on.
func (m *reply) caching(head http.Header, v *visit) {
	head.Add("Vary", "Accept-Encoding, Cookie, Accept-Language")
	switch {
	case m.fleeting:
		head.Set("Cache-Control", "no-store")
	case !v.guest:
		head.Set("Cache-Control", "private, no-cache")
	case v.audience == forPrograms:
		head.Set("Cache-Control", "public, max-age=60")
	default:
		head.Set("Cache-Control", "public, no-cache") // what is out of date would be worse than asking
	}
}

// share lets scripts of other sites read what everybody may read.
func (m *reply) share(head http.Header, r *http.Request, v *visit) {
	allowed := v.view.Page.Origins
	switch origin := r.Header.Get("Origin"); {
	case len(allowed) == 0:
		head.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(allowed, origin):
		head.Set("Access-Control-Allow-Origin", origin)
		head.Add("Vary", "Origin")
	}
}

// matches tells whether a browser has a reply already.
func matches(known, tag string) bool {
	for each := range strings.SplitSeq(known, ",") {
		if each = strings.TrimPrefix(strings.TrimSpace(each), "W/"); each == tag || each == "*" {
			return true
		}
	}
	return false
}
