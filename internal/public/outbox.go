package public

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"orderly/internal/status"
)

const (
	kindParcel = "page_parcel" // of objects

	maxParcels  = 5000 // that wait
	perParcel   = 100  // subscribers
	unconfirmed = 7 * 24 * time.Hour
	tidying     = time.Hour
)

// A parcel is a message to some subscribers, until all of them have it. It has no address and no code in it.
type parcel struct {
	ID      int64            `json:"id"`
	GUID    string           `json:"guid"`
	Lane    lane             `json:"lane"`
	At      time.Time        `json:"at"`
	Confirm bool             `json:"confirm,omitempty"` // it asks them to confirm that they want messages
	Words   map[string]words `json:"words,omitempty"`   // by language
	Body    json.RawMessage  `json:"body,omitempty"`
	To      []int64          `json:"to"` // subscribers who do not have it
	Tries   int              `json:"tries,omitempty"`
	Next    time.Time        `json:"next"`
}

// An outbox keeps what subscribers are to be told until they are. What is in it is on disk before anything is sent: after a
// crash somebody may be told twice, with the same Message-Id, and nobody is left out.
type outbox struct {
	site *Site
	post hookPost

	mu      sync.Mutex
	parcels map[int64]*parcel
	last    int64
	full    bool // and that was logged
	wake    map[lane]chan struct{}
}

func newOutbox(s *Site) *outbox {
	return &outbox{
		site: s, post: newHookPost(), parcels: map[int64]*parcel{},
		wake: map[lane]chan struct{}{byMail: make(chan struct{}, 1), byHook: make(chan struct{}, 1)},
	}
}

// Tell takes in what subscribers are to be told. It does not block.
func (s *Site) Tell(n status.Notice) {
	if len(n.To) > 0 {
		s.box.take(n, s.Book.Read())
	}
}

// Run tells subscribers until ctx ends.
func (s *Site) Run(ctx context.Context) {
	s.box.load(ctx)
	var lanes sync.WaitGroup
	for _, l := range []lane{byMail, byHook} {
		lanes.Go(func() { s.box.run(ctx, l) })
	}
	lanes.Go(func() { s.box.tidy(ctx) })
	lanes.Wait()
}

// take makes parcels of a notice.
func (b *outbox) take(n status.Notice, view *status.View) {
	var mails, hooks []*status.Subscriber
	for _, sub := range n.To {
		switch {
		case sub.Hook != "":
			hooks = append(hooks, sub)
		case sub.Email != "" && b.site.Mail != nil && public(view) != "":
			mails = append(mails, sub)
		}
	}
	if n.Kind == status.SubscriberAdded {
		mails = slices.DeleteFunc(mails, func(s *status.Subscriber) bool { return !s.Verified.IsZero() })
		hooks = slices.DeleteFunc(hooks, func(s *status.Subscriber) bool { return !s.Verified.IsZero() })
	}
	for part := range slices.Chunk(mails, perParcel) {
		p := parcel{Lane: byMail, Words: map[string]words{}}
		for _, sub := range part {
			l := catalogue(firstOf(sub.Language, view.Page.Language))
			if _, done := p.Words[l.Tag]; !done {
				p.Words[l.Tag] = b.site.wording(n, view, l)
			}
		}
		b.add(&p, n, part)
	}
	for part := range slices.Chunk(hooks, perParcel) {
		p := parcel{Lane: byHook}
		b.add(&p, n, part)
	}
}

// add puts a parcel in.
func (b *outbox) add(p *parcel, n status.Notice, to []*status.Subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.parcels) >= maxParcels {
		if !b.full {
			b.site.Log.Warn("subscribers of the status page are not told of everything: too much waits to be sent")
		}
		b.full = true
		return
	}
	b.full = false
	b.last = max(b.last+1, time.Now().UnixNano())
	p.ID, p.At, p.Next, p.Confirm = b.last, n.At, n.At, n.Kind == status.SubscriberAdded
	p.GUID = strings.TrimPrefix(urn("parcel", b.site.Book.Read().Host, p.ID), "urn:uuid:")
	for _, sub := range to {
		p.To = append(p.To, sub.ID)
	}
	if p.Lane == byHook {
		body, err := b.site.body(n, b.site.Book.Read(), p.GUID)
		if err != nil {
			b.site.Log.Error("cannot word a message to webhooks", "err", err)
			return
		}
		p.Body = body
	}
	b.parcels[p.ID] = p
	b.keep(p)
	b.poke(p.Lane)
}

// remind tells somebody who subscribes once more what they need for it.
func (b *outbox) remind(view *status.View, sub *status.Subscriber) {
	n := status.Notice{Kind: status.SubscriberAdded, At: time.Now(), To: []*status.Subscriber{sub}}
	if sub.Verified.IsZero() {
		b.take(n, view)
		return
	}
	if sub.Email == "" {
		return
	}
	l := catalogue(firstOf(sub.Language, view.Page.Language))
	title := firstOf(view.Page.Title, l.T("title"))
	p := parcel{Lane: byMail, Words: map[string]words{l.Tag: {l.T("mail.again.subject", "title", title), l.T("mail.again.text", "title", title)}}}
	b.add(&p, n, n.To)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// keep has a parcel be on disk as it is, or not any more once everybody has it. The caller holds mu.
func (b *outbox) keep(p *parcel) {
	if len(p.To) == 0 {
		delete(b.parcels, p.ID)
	}
	if b.site.Keeper == nil {
		return
	}
	if len(p.To) == 0 {
		b.site.Keeper.DropObject(kindParcel, p.ID)
		return
	}
	data, err := json.Marshal(p)
	if err != nil {
		b.site.Log.Error("cannot keep a message to subscribers", "err", err) // it has texts and numbers only
		return
	}
	b.site.Keeper.PutObject(kindParcel, p.ID, data)
}

// load fetches what an earlier run has not told.
func (b *outbox) load(ctx context.Context) {
	if b.site.Keeper == nil {
		return
	}
	objects, err := b.site.Keeper.Objects(ctx, kindParcel)
	if err != nil {
		b.site.Log.Warn("some subscribers may not be told what an earlier run has left", "err", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, data := range objects {
		p := &parcel{}
		if err := json.Unmarshal(data, p); err != nil || p.ID != id || b.wake[p.Lane] == nil {
			b.site.Log.Warn("a message to subscribers cannot be read and is left alone", "id", id)
			continue
		}
		if b.parcels[id] == nil {
			b.parcels[id] = p
		}
		b.last = max(b.last, id)
	}
}

// tidy forgets those who have never confirmed.
func (b *outbox) tidy(ctx context.Context) {
	tick := time.NewTicker(tidying)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			b.forget(ctx, now)
		}
	}
}

func (b *outbox) forget(ctx context.Context, now time.Time) {
	if b.site.Subscriptions == nil {
		return
	}
	for _, sub := range b.site.Book.Read().Subscribers {
		if sub.Verified.IsZero() && now.Sub(sub.Updated) > unconfirmed && ctx.Err() == nil {
			if err := b.site.Subscriptions.Leave(ctx, sub.Code); err != nil && !errors.Is(err, status.ErrNotFound) {
				b.site.Log.Warn("cannot forget a subscriber who has not confirmed", "err", err)
				return
			}
		}
	}
}
