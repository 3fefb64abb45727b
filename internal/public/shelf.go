package public

import (
	"net/http"
	"sync"
	"time"
)

// The limits of what is kept of one minute.
const (
	maxKept      = 512
	maxKeptBytes = 48 << 20
)

// A shelf keeps replies as long as they are true: until something changes, or the minute is over. Its zero value is empty.
type shelf struct {
	mu       sync.Mutex
	revision uint64
	minute   time.Time
	kept     map[shelfKey]*keptReply
	bytes    int
}

// A shelfKey is all that a reply depends on, beside the revision and the minute.
type shelfKey struct {
	path, query, origin, theme, lang string
	guest                            bool
}

// A keptReply is made by the first who asks for it; others wait for that.
type keptReply struct {
	once  sync.Once
	reply *reply
	err   error
}

// get returns what is there, or has it made.
func (s *shelf) get(v *visit, m maker) (*reply, error) {
	key := shelfKey{path: v.path, query: v.query, origin: v.origin, theme: v.theme, lang: v.lang.Tag, guest: v.guest}
	k := s.place(v, key)
	k.once.Do(func() {
		k.reply, k.err = m(v)
		s.weigh(key, k)
	})
	if k.err == nil && k.reply == nil { // whoever made it has panicked
		return nil, errWentWrong
	}
	return k.reply, k.err
}

// place finds what is kept, or a place that is to be filled.
func (s *shelf) place(v *visit, key shelfKey) *keptReply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revision != v.view.Revision || !s.minute.Equal(v.now) || len(s.kept) >= maxKept || s.bytes > maxKeptBytes {
		s.revision, s.minute, s.kept, s.bytes = v.view.Revision, v.now, map[shelfKey]*keptReply{}, 0
	}
	k := s.kept[key]
	if k == nil {
		k = &keptReply{}
		s.kept[key] = k
	}
	return k
}

// weigh counts what was made. What could not be made is tried again by the next who asks.
func (s *shelf) weigh(key shelfKey, k *keptReply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.kept[key] != k:
	case k.err != nil || k.reply == nil || k.reply.fleeting || k.reply.status >= http.StatusInternalServerError:
		delete(s.kept, key)
	default:
		s.bytes += len(k.reply.body) + len(k.reply.packed)
	}
}
