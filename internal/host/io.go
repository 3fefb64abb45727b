package host

import (
	"time"

	"orderly/internal/model"
)

// ioKeys are the counters of /proc/PID/io: through system calls, their number, and to storage.
var ioKeys = [6]string{"rchar:", "wchar:", "syscr:", "syscw:", "read_bytes:", "write_bytes:"}

// ioCounts are the counters of ioKeys at one moment, and how much they grew in a second. They never change.
type ioCounts struct {
	at     time.Time
	counts [len(ioKeys)]uint64
	rates  [len(ioKeys)]float64
	rated  bool // there was a reading to compare with
}

// next reads the counters of now; nil if they are not all there. Asked again too soon it repeats what was read before.
func (c *ioCounts) next(now time.Time, text []byte) *ioCounts {
	n := &ioCounts{at: now}
	for i, key := range ioKeys {
		count, ok := number(text, key)
		if !ok {
			return nil
		}
		n.counts[i] = count
	}
	if c == nil {
		return n
	}
	passed := now.Sub(c.at)
	if passed >= 0 && passed < settle {
		return c
	}
	n.rated = passed > 0
	for i := range n.counts {
		n.rated = n.rated && n.counts[i] >= c.counts[i]
		n.rates[i] = float64(n.counts[i]-c.counts[i]) / passed.Seconds()
	}
	return n
}

func (c *ioCounts) rate(i int) model.Value {
	if c == nil || !c.rated {
		return model.Value{}
	}
	return model.Num(c.rates[i])
}

func (c *ioCounts) total(i int) model.Value {
	if c == nil {
		return model.Value{}
	}
	return num(c.counts[i])
}
