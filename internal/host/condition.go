package host

import (
	"bytes"
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// A Condition is how the machine is as a whole, for people who look for the cause of something. What could not be read is
// zero.
type Condition struct {
	CPUs               int
	Load               [3]float64 // over 1, 5 and 15 minutes
	Memory, MemoryFree float64    // bytes; free is what programs could have
	Swap, SwapFree     float64    // bytes
	Processes          int
	Busiest            []Consumer // by processor time within the last moment, those of most first
	Largest            []Consumer // by resident memory, those of most first
	Full               []Fullness // filesystems on this machine's own storage that are more than 80% full
	Killed             []string   // what the kernel killed for want of memory in the last ten minutes, oldest first, in its own words
}

// A Consumer is a process by its name alone: its arguments may be secret.
type Consumer struct {
	PID    int
	Name   string
	CPU    float64 // per cent of one processor
	Memory float64 // bytes
}

// A Fullness is how much of a filesystem is used, in per cent.
type Fullness struct {
	Point         string
	Space, Inodes float64
}

// Condition looks at the whole machine, which takes a quarter of a second. Of several who ask at once all but the first
// are refused.
func (h *Host) Condition(ctx context.Context) (Condition, error) { return h.condition(ctx) }

// Bounds of what a condition lists.
const (
	consumers   = 5
	fullFrom    = 80 // per cent
	maxFull     = 8
	maxKilled   = 5
	killedSince = 10 * time.Minute
	observing   = 250 * time.Millisecond // for how long processor time is watched
)

// top returns those with most of something, and something of it.
func top(all []Consumer, of func(Consumer) float64) []Consumer {
	all = slices.DeleteFunc(slices.Clone(all), func(c Consumer) bool { return of(c) <= 0 })
	slices.SortStableFunc(all, func(a, b Consumer) int { return cmp.Compare(of(b), of(a)) })
	return all[:min(len(all), consumers)]
}

// killedLine finds in the kernel's log which process was killed, with the amounts that matter.
var killedLine = regexp.MustCompile(`(?i)out of memory: killed process \d+ \(.{1,64}?\)`)

// killed reads the records of the kernel's log that tell of processes it killed for want of memory, within a span before now,
// both since the start of the machine. A record begins "level,number,microseconds,flags;".
func killed(log []byte, now time.Duration) (out []string) {
	for line := range bytes.Lines(log) {
		head, text, found := bytes.Cut(line, []byte(";"))
		fields := bytes.Split(head, []byte(","))
		if !found || len(fields) < 3 {
			continue
		}
		micros, err := strconv.ParseInt(string(fields[2]), 10, 64)
		if err != nil || now-time.Duration(micros)*time.Microsecond > killedSince {
			continue
		}
		if kill := killedLine.Find(text); kill != nil {
			out = append(out, string(kill))
		}
	}
	return out[max(0, len(out)-maxKilled):]
}
