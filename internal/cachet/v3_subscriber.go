package cachet

import "orderly/internal/status"

// subscriberV3 is what version 3 tells of a subscriber.
type subscriberV3 struct {
	ID         int64  `json:"id"`
	Email      string `json:"email"`
	Global     bool   `json:"global"`
	Verified   bool   `json:"verified"`
	VerifiedAt moment `json:"verified_at"`
	Created    moment `json:"created"`
	Updated    moment `json:"updated"`
}

func (c *call) subscriberV3(s *status.Subscriber, b *bundle) resource {
	r := numbered(typeSubscriber, s.ID, subscriberV3{
		s.ID, s.Email, s.All, !s.Verified.IsZero(), c.moment(s.Verified), c.moment(s.Created), c.moment(s.Updated),
	})
	b.many(&r, "components", func() (out []resource) {
		for _, one := range s.Subscriptions {
			if x := c.view.Component(one.Component); x != nil {
				out = append(out, c.componentV3(x, &bundle{}))
			}
		}
		return out
	})
	return r
}

func (c *call) listSubscribersV3() (any, error) {
	return pagedV3(c, c.view.Subscribers, c.subscriberV3)
}

func (c *call) getSubscriberV3() (any, error) {
	s := c.view.Subscriber(c.params[0])
	if s == nil {
		return nil, status.ErrNotFound
	}
	return c.single(func(b *bundle) resource { return c.subscriberV3(s, b) }), nil
}

func (c *call) addSubscriberV3() (any, error) {
	s, err := c.subscribe()
	if err != nil {
		return nil, err
	}
	return created{c.single(func(b *bundle) resource { return c.subscriberV3(s, b) })}, nil
}
