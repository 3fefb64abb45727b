package alert

import (
	"cmp"
	"slices"
	"sync"

	"orderly/internal/model"
)

// ailments are those of all outlets, for whoever asks. Its zero value is ready.
type ailments struct {
	mu     sync.Mutex
	byName map[string]model.Ailment
}

func (a *ailments) note(name string, what model.Ailment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byName == nil {
		a.byName = map[string]model.Ailment{}
	}
	a.byName[name] = what
}

// waits notes how many messages wait at an outlet that ails.
func (a *ailments) waits(name string, waiting int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if what, ails := a.byName[name]; ails {
		what.Waiting = waiting
		a.byName[name] = what
	}
}

func (a *ailments) forget(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byName, name)
}

// Ailing lists the destinations that take no messages at the moment, by channel and address. Any goroutine may ask.
func (a *Alert) Ailing() []model.Ailment {
	a.ailing.mu.Lock()
	defer a.ailing.mu.Unlock()
	var out []model.Ailment
	for _, each := range a.ailing.byName {
		out = append(out, each)
	}
	slices.SortFunc(out, func(x, y model.Ailment) int {
		return cmp.Or(cmp.Compare(x.Channel, y.Channel), cmp.Compare(x.Address, y.Address))
	})
	return out
}
