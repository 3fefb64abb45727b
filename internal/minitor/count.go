package minitor

import (
	"maps"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// counts are what the metrics are made of, by monitor. What is no longer configured stays, as it does in Minitor.
type counts struct {
	checks map[checkKey]uint64
	took   map[lastKey]time.Duration // the last check of a status
	all    map[string]*spread
	well   map[string]time.Time // end of the last check that succeeded
	sent   map[alertKey]uint64
	failed map[alertKey]uint64 // attempts
	last   time.Time           // check
	lost   map[alertKey]bool   // the last attempt came to nothing
}

type (
	checkKey struct {
		monitor string
		failed  bool
		told    bool
	}
	lastKey struct {
		monitor string
		failed  bool
	}
	alertKey struct{ alert, monitor string }
)

// maxKept bounds how many monitors and alerts are counted: configurations may come and go for years.
const maxKept = 20_000

func newCounts() counts {
	return counts{
		checks: map[checkKey]uint64{}, took: map[lastKey]time.Duration{}, all: map[string]*spread{}, well: map[string]time.Time{},
		sent: map[alertKey]uint64{}, failed: map[alertKey]uint64{}, lost: map[alertKey]bool{},
	}
}

func (c *counts) check(done model.Checked) {
	c.last = done.At
	name := done.Service.Name
	if c.all[name] == nil {
		if len(c.all) >= maxKept {
			return
		}
		c.all[name] = &spread{}
	}
	c.checks[checkKey{name, done.Failed, done.Told}]++
	c.took[lastKey{name, done.Failed}] = done.Took
	c.all[name].add(done.Took.Seconds())
	if !done.Failed {
		c.well[name] = done.At
	}
}

func (c *counts) alert(k alertKey, ok bool) {
	if _, known := c.lost[k]; !known && len(c.lost) >= maxKept {
		return
	}
	c.lost[k] = !ok
	if ok {
		c.sent[k]++
	} else {
		c.failed[k]++
	}
}

// bounds are those of the histogram of durations, in seconds.
var bounds = []float64{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300}

// A spread is a histogram.
type spread struct {
	below [10]uint64 // or equal to each of the bounds
	count uint64
	sum   float64 // seconds
}

func (s *spread) add(seconds float64) {
	s.count++
	s.sum += seconds
	for i, bound := range bounds {
		if seconds <= bound {
			s.below[i]++
		}
	}
}

// unreached are the alerts whose last attempt came to nothing, by name, each once.
func (c *counts) unreached() (out []string) {
	for k, lost := range c.lost {
		if lost && !slices.Contains(out, k.alert) {
			out = append(out, k.alert)
		}
	}
	slices.Sort(out)
	return out
}

// ordered are the keys of a map, so that the same is always told in the same order.
func ordered[K comparable, V any](m map[K]V, words func(K) []string) []K {
	return slices.SortedFunc(maps.Keys(m), func(a, b K) int { return slices.Compare(words(a), words(b)) })
}

func (k checkKey) words() []string { return []string{k.monitor, status(k.failed), truth(k.told)} }
func (k lastKey) words() []string  { return []string{k.monitor, status(k.failed)} }
func (k alertKey) words() []string { return []string{k.monitor, k.alert} }

func status(failed bool) string {
	if failed {
		return "failure"
	}
	return "success"
}

func truth(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

// value escapes the value of a label.
func value(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(strings.ToValidUTF8(s, "\uFFFD"))
}
