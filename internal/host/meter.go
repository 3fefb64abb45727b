package host

import (
	"time"

	"orderly/internal/model"
)

// settle is the shortest time a rate is taken over. Kernel counters of time move in steps of 10 ms, so that
// a shorter one would show the steps.
const settle = 200 * time.Millisecond

// A meter turns a counter that only grows into its growth per second.
type meter struct {
	at    time.Time
	count float64
	last  model.Value
}

// perSecond takes the count of now and returns its growth since the time before, absent at first and after the count
// went back. Asked again too soon it repeats itself.
func (m *meter) perSecond(now time.Time, count float64) model.Value {
	passed := now.Sub(m.at)
	if !m.at.IsZero() && passed < settle && passed >= 0 && count >= m.count {
		return m.last
	}
	m.last = model.Value{}
	if !m.at.IsZero() && passed > 0 && count >= m.count {
		m.last = model.Num((count - m.count) / passed.Seconds())
	}
	m.at, m.count = now, count
	return m.last
}

// share is part of whole in per cent, absent if the whole is nothing.
func share(part, whole float64) model.Value {
	if whole <= 0 {
		return model.Value{}
	}
	return model.Num(100 * part / whole)
}

// capped limits a share to 100 per cent.
func capped(v model.Value) model.Value {
	if v.Present() && v.Number() > 100 {
		return model.Num(100)
	}
	return v
}
