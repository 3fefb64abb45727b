package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

const (
	idleSession  = 12 * time.Hour     // without a request, and a session ends
	longSession  = 7 * 24 * time.Hour // after that it ends anyway
	maxSessions  = 1000
	savingSeen   = 5 * time.Minute // how exactly is kept when a session was last used
	sessionBytes = 32
)

// sessions are those who have logged in with a browser, by the hash of what their cookie says.
type sessions struct {
	all  map[[sha256.Size]byte]*session
	last int64 // number
}

// A session is one login. Its fields that are exported are kept.
type session struct {
	id    int64
	saved time.Time

	Hash  []byte // of what the cookie says
	Name  string // of the account
	Seal  []byte // of the account, as it was at the login
	Begun time.Time
	Seen  time.Time
}

func newSessions() sessions { return sessions{all: map[[sha256.Size]byte]*session{}} }

// recall adds a session that is kept, if it is any good.
func (s *sessions) recall(id int64, data []byte) bool {
	s.last = max(s.last, id)
	it := &session{id: id}
	if json.Unmarshal(data, it) != nil || len(it.Hash) != sha256.Size || it.over(time.Now()) || len(s.all) >= maxSessions {
		return false
	}
	it.saved = it.Seen
	s.all[[sha256.Size]byte(it.Hash)] = it
	return true
}

// begin adds a session for an account and returns what its cookie says.
func (s *sessions) begin(e *entry, now time.Time) (*session, string) {
	var raw [sessionBytes]byte
	_, _ = rand.Read(raw[:]) // never fails
	word := base64.RawURLEncoding.EncodeToString(raw[:])
	hash := sha256.Sum256([]byte(word))
	s.last++
	it := &session{id: s.last, Hash: hash[:], Name: e.Name, Seal: e.seal(), Begun: now, Seen: now, saved: now}
	s.all[hash] = it
	return it, word
}

// find returns the session of a cookie, over or not, or nil. The lookup tells only of the hash how much of it is right.
func (s *sessions) find(word string) *session {
	if len(word) != base64.RawURLEncoding.EncodedLen(sessionBytes) {
		return nil
	}
	return s.all[sha256.Sum256([]byte(word))]
}

// end removes sessions and returns the numbers of those that there were.
func (s *sessions) end(which func(*session) bool) (ids []int64) {
	for hash, it := range s.all {
		if which(it) {
			delete(s.all, hash)
			ids = append(ids, it.id)
		}
	}
	return ids
}

// makeRoom ends those that are over, and when there are too many, those that were not used for the longest time.
func (s *sessions) makeRoom(now time.Time) []int64 {
	ids := s.end(func(it *session) bool { return it.over(now) })
	for len(s.all) >= maxSessions {
		var oldest *session
		for _, it := range s.all {
			if oldest == nil || it.Seen.Before(oldest.Seen) {
				oldest = it
			}
		}
		ids = append(ids, s.end(func(it *session) bool { return it == oldest })...)
	}
	return ids
}

func (it *session) over(now time.Time) bool {
	return now.Sub(it.Seen) >= idleSession || now.Sub(it.Begun) >= longSession
}

// data is what is kept.
func (it *session) data() []byte {
	text, err := json.Marshal(it)
	if err != nil {
		return nil // never: it has only fields that can be encoded
	}
	return text
}

// formToken is what the forms of a session carry. Whoever does not know the cookie cannot make it.
func formToken(word string) string {
	mac := hmac.New(sha256.New, []byte(word))
	mac.Write([]byte("form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
