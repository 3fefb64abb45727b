package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Seal completes a configuration after it was put together: defaults, rule identities, fingerprints.
// Nothing may change the configuration afterwards.
func (c *Config) Seal() {
	if c.Settings.Interval <= 0 {
		c.Settings.Interval = DefaultInterval
	}
	c.guard()
	for _, s := range c.Services {
		s.seal(c)
	}
}

func (s *Service) seal(c *Config) {
	seen := map[string]int{}
	for i := range s.Rules {
		r := &s.Rules[i]
		id := r.identity()
		if seen[id]++; seen[id] > 1 {
			id += "-" + strconv.Itoa(seen[id])
		}
		r.ID = id
	}
	s.Reminders = nil
	routes := slices.Concat(c.Routes, s.Routes)
	for i := range s.Rules {
		routes = append(routes, s.Rules[i].Routes...)
	}
	for _, r := range routes {
		for _, reminder := range []Reminder{r.Reminder, {Every: r.After, Once: true}} {
			if (reminder.Cycles > 0 || reminder.Every > 0) && !slices.Contains(s.Reminders, reminder) {
				s.Reminders = append(s.Reminders, reminder)
			}
		}
	}
	slices.SortFunc(s.Reminders, Reminder.compare)
	s.hash = digest(s)
}

// identity names the condition of a rule: what is measured and compared, not how often nor what follows.
func (r *Rule) identity() string {
	return digest(struct {
		Probe   *Probe
		Metric  Metric
		Over    int64
		Op      Op
		Operand Value
	}{r.Probe, r.Metric, int64(r.Over), r.Op, r.Operand})
}

// Fingerprint is equal for equal definitions, wherever they are written. Seal must have run.
func (s *Service) Fingerprint() string { return s.hash }

func digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("model: a configuration value cannot be encoded: " + err.Error()) // only types of this package are encoded
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// Find returns the service of a name, compared without regard to letter case, or nil.
func (c *Config) Find(name string) *Service {
	for _, s := range c.Services {
		if strings.EqualFold(s.Name, name) {
			return s
		}
	}
	return nil
}

// A Difference between two configurations, by service name in file order of the new one (removed: of the old one).
type Difference struct {
	Added, Changed, Removed, Unchanged []string
}

// Diff compares the services of two sealed configurations; old may be nil. A service whose kind changed is
// removed and added, because nothing known of it holds any more: its name is then in both lists.
func Diff(old, new *Config) Difference {
	var d Difference
	before := map[string]*Service{}
	if old != nil {
		for _, s := range old.Services {
			before[strings.ToLower(s.Name)] = s
		}
	}
	for _, s := range new.Services {
		key := strings.ToLower(s.Name)
		was := before[key]
		delete(before, key)
		switch {
		case was == nil:
			d.Added = append(d.Added, s.Name)
		case was.Kind != s.Kind:
			d.Removed = append(d.Removed, was.Name)
			d.Added = append(d.Added, s.Name)
		case was.hash == s.hash:
			d.Unchanged = append(d.Unchanged, s.Name)
		default:
			d.Changed = append(d.Changed, s.Name)
		}
	}
	if old != nil {
		for _, s := range old.Services {
			if before[strings.ToLower(s.Name)] == s {
				d.Removed = append(d.Removed, s.Name)
			}
		}
	}
	return d
}
