package status

import "time"

// A Subscriber hears of what happens, by mail or by a hook.
type Subscriber struct {
	ID            int64          `json:"id"`
	Email         string         `json:"email,omitempty"`
	Hook          string         `json:"hook,omitempty"` // URL that is called; a secret, as it may hold one
	Code          string         `json:"code"`           // whoever has it may confirm, change and end the subscription; a secret
	Verified      time.Time      `json:"verified,omitzero"`
	All           bool           `json:"all,omitempty"` // of every component
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	Language      string         `json:"language,omitempty"`
	Created       time.Time      `json:"created"`
	Updated       time.Time      `json:"updated"`
}

// A Subscription is to one component, or to a group with whoever is in it.
type Subscription struct {
	ID        int64     `json:"id"`
	Component int64     `json:"component,omitempty"`
	Group     int64     `json:"group,omitempty"`
	Created   time.Time `json:"created"`
}

// wants tells whether a subscriber hears of a component.
func (s *Subscriber) wants(c *Component) bool {
	if s.Verified.IsZero() {
		return false
	}
	for _, one := range s.Subscriptions {
		if one.Component == c.ID || one.Group != 0 && one.Group == c.Group {
			return true
		}
	}
	return s.All
}
