package alert

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// An Ailment is a destination that takes no messages. There are no secrets in it.
type Ailment struct {
	Channel string    `json:"channel"`
	Address string    `json:"address,omitempty"` // "" where the channel serves many, as mail does
	Since   time.Time `json:"since"`
	Waiting int       `json:"waiting"` // messages, as of the last attempt
	Err     string    `json:"error"`
}

// ailments are those of all outlets, for whoever asks. Its zero value is ready.
type ailments struct {
	mu     sync.Mutex
	byName map[string]Ailment
}

func (a *ailments) note(name string, what Ailment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byName == nil {
		a.byName = map[string]Ailment{}
	}
	a.byName[name] = what
}

func (a *ailments) forget(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byName, name)
}

// Ailing lists the destinations that take no messages at the moment, by channel and address. Any goroutine may ask.
func (a *Alert) Ailing() []Ailment {
	a.ailing.mu.Lock()
	defer a.ailing.mu.Unlock()
	var out []Ailment
	for _, each := range a.ailing.byName {
		out = append(out, each)
	}
	slices.SortFunc(out, func(x, y Ailment) int {
		return cmp.Or(cmp.Compare(x.Channel, y.Channel), cmp.Compare(x.Address, y.Address))
	})
	return out
}
