package status

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/mail"
	"slices"
	"strings"
)

const (
	maxSubscribers = 50_000
	maxAddress     = 254
)

// Subscribe adds a subscriber, and returns it and true. Whoever has the address already is returned as it is, with false
// (P-130). edit fills in Email or Hook, Subscriptions by what they are to (none: all), Language, and Verified if nobody needs to confirm.
//
// The empty actor is a visitor, who may subscribe itself, but must confirm.
func (b *Book) Subscribe(ctx context.Context, by Actor, edit func(*Subscriber)) (*Subscriber, bool, error) {
	s := &Subscriber{}
	edit(s)
	s.Email, s.Hook = strings.TrimSpace(s.Email), strings.TrimSpace(s.Hook)
	for _, old := range b.Read().Subscribers {
		if s.sameAs(old) {
			return old, false, nil
		}
	}
	fresh := false
	var id int64
	out, err := save(ctx, b, func(d *draft) error {
		if old := first(d.view.Subscribers, s.sameAs); old != nil {
			id = old.ID
			return nil
		}
		if err := d.checkSubscriber(by, s); err != nil {
			return err
		}
		s.ID, s.Code, s.Created, s.Updated = d.number(kindSubscriber), secret(), d.now, d.now
		id, fresh = s.ID, true
		d.numberSubscriptions(s)
		d.setSubscriber(s)
		d.record(by, kindSubscriber, id, s.Email, nil, s)
		d.notices = append(d.notices, Notice{Kind: SubscriberAdded, At: d.now, To: []*Subscriber{s}})
		return nil
	}, func(v *View) *Subscriber { return v.Subscriber(id) })
	return out, fresh, err
}

func (s *Subscriber) sameAs(o *Subscriber) bool {
	return s.Email != "" && strings.EqualFold(s.Email, o.Email) || s.Hook != "" && s.Hook == o.Hook
}

func (d *draft) checkSubscriber(by Actor, s *Subscriber) error {
	visitor := by.Name == "" && by.Scope == ""
	if !visitor && d.check(by, reachManage) != nil || visitor && !s.Verified.IsZero() {
		return ErrForbidden
	}
	var bad faults
	if s.Email == "" && s.Hook == "" {
		bad = append(bad, "The email is required.")
	}
	if s.Email != "" {
		a, err := mail.ParseAddress(s.Email)
		bad.when(err != nil || a.Address != s.Email || len(s.Email) > maxAddress, "The email must be a valid address.")
	}
	bad.link(s.Hook)
	bad.when(len(s.Language) > 20, "The language is none.")
	bad.when(len(d.view.Subscribers) >= maxSubscribers, "There are too many subscribers.")
	d.checkSubscriptions(&bad, s, visitor)
	return bad.err()
}

// checkSubscriptions wants what there is, and of a visitor what it can see.
func (d *draft) checkSubscriptions(bad *faults, s *Subscriber, visitor bool) {
	bad.when(len(s.Subscriptions) > maxAffected, "There are too many components.")
	for _, one := range s.Subscriptions {
		c, g := d.view.Component(one.Component), d.view.Group(one.Group)
		bad.when(one.Group == 0 && (c == nil || visitor && !d.view.Public(c)), fmt.Sprintf("There is no component %d.", one.Component))
		bad.when(one.Group != 0 && (g == nil || visitor && !g.Visible), fmt.Sprintf("There is no group %d.", one.Group))
	}
}

// numberSubscriptions numbers those that are new.
func (d *draft) numberSubscriptions(s *Subscriber) {
	s.Subscriptions = slices.Clone(s.Subscriptions)
	s.All = len(s.Subscriptions) == 0
	for n := range s.Subscriptions {
		if one := &s.Subscriptions[n]; one.ID == 0 {
			one.ID, one.Created = d.number(kindSubscript), d.now
		}
	}
}

// Verify notes that whoever has a code wants what was subscribed.
func (b *Book) Verify(ctx context.Context, code string) (*Subscriber, error) {
	return b.changeSubscriber(ctx, code, func(s *Subscriber, d *draft) error {
		if s.Verified.IsZero() {
			s.Verified = d.now
		}
		return nil
	})
}

// Resubscribe has whoever has a code hear of these components and groups from now on; of none: of all.
func (b *Book) Resubscribe(ctx context.Context, code string, to []Subscription) (*Subscriber, error) {
	return b.changeSubscriber(ctx, code, func(s *Subscriber, d *draft) error {
		had := s.Subscriptions
		s.Subscriptions = slices.Clone(to)
		for n := range s.Subscriptions {
			one := &s.Subscriptions[n]
			one.ID = 0
			if i := slices.IndexFunc(had, func(o Subscription) bool { return o.Component == one.Component && o.Group == one.Group }); i >= 0 {
				*one = had[i]
			}
		}
		var bad faults
		if d.checkSubscriptions(&bad, s, true); bad != nil {
			return bad.err()
		}
		d.numberSubscriptions(s)
		return nil
	})
}

func (b *Book) changeSubscriber(ctx context.Context, code string, edit func(*Subscriber, *draft) error) (*Subscriber, error) {
	var id int64
	return save(ctx, b, func(d *draft) error {
		old := d.view.SubscriberByCode(code)
		if old == nil {
			return ErrNotFound
		}
		s := *old
		if err := edit(&s, d); err != nil {
			return err
		}
		id, s.Updated = s.ID, d.now
		d.setSubscriber(&s)
		return nil
	}, func(v *View) *Subscriber { return v.Subscriber(id) })
}

// Unsubscribe removes a subscriber.
func (b *Book) Unsubscribe(ctx context.Context, by Actor, id int64) error {
	return b.write(ctx, func(d *draft) error {
		s := d.view.Subscriber(id)
		switch {
		case d.check(by, reachManage) != nil:
			return ErrForbidden
		case s == nil:
			return ErrNotFound
		}
		d.dropSubscriber(s)
		d.record(by, kindSubscriber, id, s.Email, s, nil)
		return nil
	})
}

// Leave removes whoever has a code.
func (b *Book) Leave(ctx context.Context, code string) error {
	return b.write(ctx, func(d *draft) error {
		s := d.view.SubscriberByCode(code)
		if s == nil {
			return ErrNotFound
		}
		d.dropSubscriber(s)
		return nil
	})
}

// EndSubscription removes one subscription by its number. A subscriber without any left is removed.
func (b *Book) EndSubscription(ctx context.Context, by Actor, id int64) error {
	return b.write(ctx, func(d *draft) error {
		if d.check(by, reachManage) != nil {
			return ErrForbidden
		}
		if n := d.forgetSubscriptions(func(s Subscription) bool { return s.ID == id }); n == 0 {
			return ErrNotFound
		}
		d.record(by, kindSubscript, id, "", struct{}{}, nil)
		return nil
	})
}

func (d *draft) dropSubscriber(s *Subscriber) {
	d.view.Subscribers, d.changed = without(d.view.Subscribers, s.ID), true
	d.drop(kindSubscriber, s.ID)
}

// forgetSubscriptions ends some subscriptions and tells how many. Who subscribed to nothing else is no longer a
// subscriber: to be one of everything is not what was wanted.
func (d *draft) forgetSubscriptions(which func(Subscription) bool) int {
	ended := 0
	for _, s := range d.view.Subscribers {
		rest := slices.DeleteFunc(slices.Clone(s.Subscriptions), which)
		switch gone := len(s.Subscriptions) - len(rest); {
		case gone == 0:
			continue
		case len(rest) == 0:
			d.dropSubscriber(s)
			ended += gone
		default:
			one := *s
			one.Subscriptions, one.Updated = rest, d.now
			d.setSubscriber(&one)
			ended += gone
		}
	}
	return ended
}

// secret is a code that nobody guesses.
func secret() string {
	var b [20]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
