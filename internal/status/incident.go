package status

import (
	"encoding/json"
	"time"
)

// An Incident is something that went wrong, and what people were told of it.
type Incident struct {
	ID         int64           `json:"id"`
	GUID       string          `json:"guid"`
	Name       string          `json:"name"`
	Message    string          `json:"message"` // Markdown
	Phase      Phase           `json:"phase"`   // that of the newest update, where there is one
	Visible    bool            `json:"visible"` // to everybody
	Sticky     bool            `json:"sticky,omitempty"`
	Notify     bool            `json:"notify,omitempty"` // subscribers hear of it
	Components []Affected      `json:"components,omitempty"`
	Occurred   time.Time       `json:"occurred"`
	Published  time.Time       `json:"published,omitzero"` // hidden from everybody before that
	Updates    []Update        `json:"updates,omitempty"`  // oldest first
	PostMortem string          `json:"post_mortem,omitempty"`
	Meta       json.RawMessage `json:"meta,omitempty"` // a JSON object; nil: none
	By         string          `json:"by,omitempty"`   // account that opened it; "": the checks
	Taken      string          `json:"taken,omitempty"`
	Auto       *Auto           `json:"auto,omitempty"` // what the automation needs to know; nil: people opened it
	Created    time.Time       `json:"created"`
	Updated    time.Time       `json:"updated"`
}

// An Update is one more thing that people are told of an incident or a maintenance.
type Update struct {
	ID         int64      `json:"id"`
	Phase      Phase      `json:"phase"`
	Message    string     `json:"message"`              // Markdown
	Private    bool       `json:"private,omitempty"`    // only who has logged in sees it
	Components []Affected `json:"components,omitempty"` // that it set
	By         string     `json:"by,omitempty"`         // account; "": the checks
	Created    time.Time  `json:"created"`
	Updated    time.Time  `json:"updated"`
}

// Auto is what is remembered of an incident that checks opened. Incident.Taken is who changed it since: then its texts
// are that person's (P-325).
type Auto struct {
	Began    time.Time        `json:"began"`              // the first component failed
	Well     time.Time        `json:"well,omitzero"`      // all of them are well since then
	Told     map[int64]Health `json:"told,omitempty"`     // what was said of each component last
	Last     time.Time        `json:"last"`               // of the last update about what checks found
	Tries    int              `json:"tries,omitempty"`    // to heal it
	Unstable bool             `json:"unstable,omitempty"` // it fails and recovers all the time
	Kept     bool             `json:"kept,omitempty"`     // who took it over said what it is: that person closes it
	Closing  bool             `json:"closing,omitempty"`  // that it is over was said, and the rest left to that person
	Event    uint64           `json:"event,omitempty"`    // newest of the journal that was taken in
}

// Open tells whether it is not over.
func (i *Incident) Open() bool { return i.Phase != Fixed }

// Shown tells whether everybody may see it at this time.
func (i *Incident) Shown(now time.Time) bool { return i.Visible && !i.Published.After(now) }

// Newest is its newest update that everybody may see, or nil.
func (i *Incident) Newest() *Update {
	for n := len(i.Updates) - 1; n >= 0; n-- {
		if !i.Updates[n].Private {
			return &i.Updates[n]
		}
	}
	return nil
}

// Update finds one of its updates, nil if there is none of that number.
func (i *Incident) Update(id int64) *Update { return findUpdate(i.Updates, id) }

// Ended is when it was over: the time of the update that says so. It is zero while it is open.
func (i *Incident) Ended() time.Time {
	if i.Open() {
		return time.Time{}
	}
	for n := len(i.Updates) - 1; n >= 0; n-- {
		if u := &i.Updates[n]; u.Phase == Fixed && (n == 0 || i.Updates[n-1].Phase != Fixed) {
			return u.Created
		}
	}
	return i.Updated
}

// Lasted is how long it went on: until the checks that opened it found that all was well, or until somebody said that it
// was over. It is 0 while it is open.
func (i *Incident) Lasted() time.Duration {
	end := i.Ended()
	if i.Auto != nil && i.Taken == "" && !i.Auto.Well.IsZero() && i.Auto.Well.Before(end) {
		end = i.Auto.Well
	}
	return max(0, end.Sub(i.Occurred))
}

func findUpdate(list []Update, id int64) *Update {
	for n := range list {
		if list[n].ID == id {
			return &list[n]
		}
	}
	return nil
}
