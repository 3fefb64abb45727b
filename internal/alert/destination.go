package alert

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

const (
	metaReached  = "alert/reached" // under what it is kept who was reached
	reachedKept  = time.Hour       // how old may be what is kept of that
	maxRecorded  = 1000            // destinations of which it is known, those that are gone included
	recordedPast = maxRecorded / 2 // how many of them remain when there are more
)

// A record tells who was reached when, so that those are known who never were. Its zero value is ready.
type record struct {
	mu     sync.Mutex
	memory Memory // nil: it ends with the process
	at     map[string]time.Time
	kept   map[string]time.Time
}

// recall begins with what an earlier run knew.
func (b *record) recall(m Memory) {
	b.memory, b.at, b.kept = m, map[string]time.Time{}, map[string]time.Time{}
	if m != nil && json.Unmarshal([]byte(m.Meta(metaReached)), &b.at) == nil {
		b.kept = maps.Clone(b.at)
	}
}

// recipientKey is the name under which it is noted who was reached.
func recipientKey(r model.Route) string {
	return strings.TrimSpace(r.Channel + " " + strings.ToLower(r.Address))
}

// note notes that somebody was reached. The disk learns of it the first time, and then each hour.
func (b *record) note(r model.Route, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := recipientKey(r)
	b.at[key] = now
	if b.memory == nil || now.Sub(b.kept[key]) < reachedKept {
		return
	}
	if len(b.at) > maxRecorded {
		oldest := slices.SortedFunc(maps.Keys(b.at), func(x, y string) int { return b.at[x].Compare(b.at[y]) })
		for _, key := range oldest[:len(oldest)-recordedPast] {
			delete(b.at, key)
		}
	}
	data, err := json.Marshal(b.at)
	if err != nil {
		return // times of years that have no name
	}
	b.kept = maps.Clone(b.at)
	b.memory.SetMeta(metaReached, string(data))
}

func (b *record) when(r model.Route) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at[recipientKey(r)]
}

// Destinations lists whom the configuration has alerts reach, each once, in its order. Any goroutine may ask.
func (a *Alert) Destinations() []model.Destination {
	p := a.plan.Load()
	if p == nil {
		return nil
	}
	var out []model.Destination
	seen := map[string]bool{}
	for r := range everyone(p.config) {
		if _, known := p.channels[r.Channel]; !known || seen[recipientKey(r)] {
			continue
		}
		seen[recipientKey(r)] = true
		out = append(out, model.Destination{Channel: r.Channel, Address: r.Address, Reached: a.record.when(r)})
	}
	return out
}

// Reached notes that a destination took a message that was not ours: a test. One that is not configured is passed over. Any
// goroutine may call it.
func (a *Alert) Reached(channel, address string) {
	p := a.plan.Load()
	if p == nil {
		return
	}
	for r := range everyone(p.config) {
		if r.Channel == channel && strings.EqualFold(r.Address, address) {
			a.record.note(r, time.Now())
			return
		}
	}
}
