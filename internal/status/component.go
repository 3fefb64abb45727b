package status

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Component is something that works or does not, by the name that the public knows.
type Component struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"` // Markdown
	Link        string          `json:"link,omitempty"`
	Group       int64           `json:"group,omitempty"` // 0: none; it need not exist
	Order       int             `json:"order,omitempty"`
	Enabled     bool            `json:"enabled"`           // guests see it
	Private     bool            `json:"private,omitempty"` // only who has logged in sees it
	Meta        json.RawMessage `json:"meta,omitempty"`    // a JSON object; nil: none
	Tags        []string        `json:"tags,omitempty"`    // names; their slugs are of [Slug]

	Health Health    `json:"health"`
	Source Source    `json:"source,omitempty"` // that decides Health
	Since  time.Time `json:"since"`            // it is so

	Key      string    `json:"key,omitempty"`      // stable name of a component that checks drive (P-300); "": made by people
	Checks   []Check   `json:"checks,omitempty"`   // that drive it
	Reported Health    `json:"reported,omitempty"` // what they say together, when it has lasted long enough; 0: nothing checks it
	Waits    bool      `json:"waits,omitempty"`    // what it depends on is not well, so that it is not checked (P-310)
	Base     Health    `json:"base,omitempty"`     // what was said of it last, where nothing checks it
	Said     *Said     `json:"said,omitempty"`     // what people or scripts say; nil: nothing that still counts
	Ignored  bool      `json:"ignored,omitempty"`  // somebody closed the incident although it goes on: none until it is well and fails again
	Gone     bool      `json:"gone,omitempty"`     // no service drives it any more: it is not Enabled, and will be when one does
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
}

// Said is how people or scripts say that a component is (P-326). Where something checks it, that counts until the check
// finds something else than before.
type Said struct {
	Health Health    `json:"health"`
	By     string    `json:"by,omitempty"`
	Script bool      `json:"script,omitempty"` // it came with a token
	Over   Health    `json:"over,omitempty"`   // what the checks said then
	At     time.Time `json:"at"`
	Until  time.Time `json:"until,omitzero"` // zero: without an end
}

// A Check is a service as one of those that drive a component.
type Check struct {
	Service  string   `json:"service"`
	Host     string   `json:"host,omitempty"`
	Type     string   `json:"type,omitempty"` // "process", "host" ...
	Health   Health   `json:"health"`         // as of its last check
	Paused   bool     `json:"paused,omitempty"`
	Flapping []string `json:"flapping,omitempty"` // rules that fail and recover all the time
}

// Unstable tells whether one of its checks fails and recovers all the time.
func (c *Component) Unstable() bool {
	return slices.ContainsFunc(c.Checks, func(k Check) bool { return len(k.Flapping) > 0 })
}

// said is what is said of it by hand or by a script, if that counts at this time.
func (c *Component) said(now time.Time, script bool) (Health, bool) {
	if c.Said == nil || c.Said.Script != script || !c.Said.Until.IsZero() && !c.Said.Until.After(now) {
		return 0, false
	}
	return c.Said.Health, true
}

// Slug is a name in lower case, with runs of everything but letters and digits as one dash (P-065).
func Slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// An Affected is a component of an incident or a maintenance, and how that makes it.
type Affected struct {
	Component int64  `json:"component"`
	Health    Health `json:"health,omitempty"` // 0: left as it is
}

// affects tells whether a component is among the affected.
func affects(list []Affected, component int64) bool {
	return slices.ContainsFunc(list, func(a Affected) bool { return a.Component == component })
}
