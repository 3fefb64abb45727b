package cachet

import (
	"fmt"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// A subscriber as version 1 shows it.
type subscriber struct {
	ID            int64          `json:"id"`
	Email         string         `json:"email"`
	Phone         *string        `json:"phone_number"`
	Hook          *string        `json:"slack_webhook_url"`
	Code          string         `json:"verify_code"`
	VerifiedAt    *string        `json:"verified_at"`
	Global        bool           `json:"global"`
	Subscriptions []subscription `json:"subscriptions"`
	CreatedAt     string         `json:"created_at"`
	UpdatedAt     string         `json:"updated_at"`
}

// A subscription is to one component, or to a group, which Cachet does not know.
type subscription struct {
	ID           int64  `json:"id"`
	SubscriberID int64  `json:"subscriber_id"`
	ComponentID  int64  `json:"component_id"`
	GroupID      int64  `json:"group_id,omitempty"`
	CreatedAt    string `json:"created_at"`
	UpdatedAt    string `json:"updated_at"`
}

// masked stands for what only administrators may see.
const masked = "********"

func (c *call) subscriber(s *status.Subscriber) subscriber {
	out := subscriber{
		ID: s.ID, Email: s.Email, Code: masked, Global: s.All, Subscriptions: []subscription{}, CreatedAt: c.stamp(s.Created),
		UpdatedAt: c.stamp(s.Updated),
	}
	open := c.account.Scope == model.ScopeAdmin && len(c.account.Only) == 0 // P-132
	if open {
		out.Code = s.Code
	}
	if s.Hook != "" {
		hook := masked
		if open {
			hook = s.Hook
		}
		out.Hook = &hook
	}
	if !s.Verified.IsZero() { // P-131
		when := long(s.Verified.In(c.zone))
		out.VerifiedAt = &when
	}
	for _, one := range s.Subscriptions {
		at := c.stamp(one.Created)
		out.Subscriptions = append(out.Subscriptions, subscription{one.ID, s.ID, one.Component, one.Group, at, at})
	}
	return out
}

// long is a time as people write it: Friday 24th May 2019 10:01:44 (P-012).
func long(t time.Time) string {
	ending := "th"
	switch day := t.Day(); {
	case day == 1 || day == 21 || day == 31:
		ending = "st"
	case day == 2 || day == 22:
		ending = "nd"
	case day == 3 || day == 23:
		ending = "rd"
	}
	return fmt.Sprintf("%s %d%s %s", t.Weekday(), t.Day(), ending, t.Format("January 2006 15:04:05"))
}

func (c *call) listSubscribers() (any, error) {
	return paged(c, c.view.Subscribers, c.subscriber)
}

func (c *call) addSubscriber() (any, error) {
	s, err := c.subscribe()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.subscriber(s)}, nil
}

// subscribe adds a subscriber. Who is one already stays as it is.
func (c *call) subscribe() (*status.Subscriber, error) {
	c.in.need("email")
	email, verified, components := c.in.line("email"), c.in.flag("verify"), c.in.components("components")
	if err := c.in.err(); err != nil {
		return nil, err
	}
	s, _, err := c.Book.Subscribe(c.ctx, c.by(), func(s *status.Subscriber) {
		set(&s.Email, email)
		if verified != nil && *verified {
			s.Verified = c.now()
		}
		if components != nil {
			for _, a := range *components {
				s.Subscriptions = append(s.Subscriptions, status.Subscription{Component: a.Component})
			}
		}
	})
	return s, err
}

func (c *call) deleteSubscriber() (any, error) {
	return nil, c.Book.Unsubscribe(c.ctx, c.by(), c.params[0])
}

func (c *call) deleteSubscription() (any, error) {
	return nil, c.Book.EndSubscription(c.ctx, c.by(), c.params[0])
}
