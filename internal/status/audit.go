package status

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// An Entry of the audit log is one change that somebody made (P-354).
type Entry struct {
	ID   int64           `json:"id"`
	At   time.Time       `json:"at"`
	By   string          `json:"by"`
	Did  string          `json:"did"`           // "create", "change", "delete"
	Kind string          `json:"kind"`          // "component", "incident" ...
	What int64           `json:"what"`          // its number
	Name string          `json:"name"`          // as it was called then
	Old  json.RawMessage `json:"old,omitempty"` // members that changed, each at most 1 KiB
	New  json.RawMessage `json:"new,omitempty"`
}

const (
	maxEntries = 10_000
	maxAudited = 1 << 10 // bytes of one member
)

// audit is the newest entries, oldest first.
type audit struct{ entries []Entry }

func (a *audit) add(entries []Entry) {
	a.entries = append(a.entries, entries...)
	if excess := len(a.entries) - maxEntries; excess > maxEntries/10 {
		a.entries = slices.Clone(a.entries[excess:])
	}
}

func (b *Book) loadAudit(ctx context.Context) error {
	var all map[int64]Entry
	err := loadAll(ctx, b, kindAudit, &all)
	for _, id := range slices.Sorted(maps.Keys(all)) {
		b.audit.entries = append(b.audit.entries, all[id])
		b.numbers[kindAudit] = id
	}
	return err
}

// Audit returns the entries before the one of a number, the newest first, at most so many. 0: from the newest.
func (b *Book) Audit(before int64, most int) []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Entry
	for i := len(b.audit.entries) - 1; i >= 0 && len(out) < most; i-- {
		if e := b.audit.entries[i]; before == 0 || e.ID < before {
			out = append(out, e)
		}
	}
	return out
}

// record notes what somebody changed. Old or fresh is nil where there is none.
func (d *draft) record(by Actor, kind string, id int64, name string, old, fresh any) {
	e := Entry{ID: d.number(kindAudit), At: d.now, By: by.Name, Did: "change", Kind: kind, What: id, Name: name}
	before, after := members(old), members(fresh)
	switch {
	case before == nil:
		e.Did = "create"
	case after == nil:
		e.Did = "delete"
	}
	if before != nil && after != nil {
		for name, was := range before {
			if bytes.Equal(was, after[name]) {
				delete(before, name)
				delete(after, name)
			}
		}
	}
	e.Old, e.New = encode(before), encode(after)
	d.entries = append(d.entries, e)
	d.put(kindAudit, e.ID, e)
	if old := e.ID - maxEntries; old > 0 {
		d.drop(kindAudit, old)
	}
}

// unaudited are members that are secret, or follow from others.
var unaudited = []string{"code", "hook", "updated", "created", "since", "checks", "auto"}

func members(v any) map[string]json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil || bytes.Equal(data, []byte("null")) {
		return nil
	}
	out := map[string]json.RawMessage{}
	if json.Unmarshal(data, &out) != nil {
		return nil
	}
	for _, name := range unaudited {
		delete(out, name)
	}
	for name, value := range out {
		if len(value) > maxAudited {
			out[name] = json.RawMessage(`"(too long)"`)
		}
	}
	return out
}

func encode(members map[string]json.RawMessage) json.RawMessage {
	if len(members) == 0 {
		return nil
	}
	data, err := json.Marshal(members)
	if err != nil {
		return nil
	}
	return data
}
