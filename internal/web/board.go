package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// fresh is how old what pages show may be: all of them together ask the engine at most that often.
const fresh = time.Second

// A board is what was last known of all services, for everybody who looks.
type board struct {
	view View
	turn chan struct{} // held by who asks or reads

	asked time.Time
	last  *outlook
}

// An outlook is the state of all services at one moment. It never changes.
type outlook struct {
	model.HostStatus
	Failing int
	counts  map[model.ServiceState]int
	groups  []string
	index   map[string]int
	digests []digest
}

// look returns what is known, no older than a second.
func (b *board) look(ctx context.Context, now time.Time) (*outlook, error) {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if age := now.Sub(b.asked); b.last != nil && age >= -fresh && age < fresh {
		return b.last, nil
	}
	status, err := b.view.Status(ctx, nil, false)
	if err != nil {
		return nil, err
	}
	b.last, b.asked = survey(status), now
	return b.last, nil
}

// stale has the next look ask anew, after something was done.
func (b *board) stale(ctx context.Context) {
	select {
	case b.turn <- struct{}{}:
		b.asked = time.Time{}
		<-b.turn
	case <-ctx.Done():
	}
}

func survey(status model.HostStatus) *outlook {
	o := &outlook{
		HostStatus: status, counts: map[model.ServiceState]int{},
		index: make(map[string]int, len(status.Services)), digests: make([]digest, len(status.Services)),
	}
	groups := map[string]bool{}
	for i := range status.Services {
		s := &status.Services[i]
		o.counts[s.State]++
		o.index[s.Name] = i
		o.digests[i] = digestOf(s)
		if s.Ails() {
			o.Failing++
		}
		for _, g := range s.Groups {
			groups[g] = true
		}
	}
	for g := range groups {
		o.groups = append(o.groups, g)
	}
	slices.Sort(o.groups)
	return o
}

// find returns a service by its name as it is configured, nil if there is none.
func (o *outlook) find(name string) *model.ServiceStatus {
	if i, known := o.index[name]; known {
		return &o.Services[i]
	}
	i := slices.IndexFunc(o.Services, func(s model.ServiceStatus) bool { return strings.EqualFold(s.Name, name) })
	if i < 0 {
		return nil
	}
	return &o.Services[i]
}

// A filter says which services are shown.
type filter struct {
	Text, State, Group string
}

// maxWords bounds what is searched for, in bytes.
const maxWords = 200

func filterOf(get func(string) string) filter {
	cut := func(s string) string { return strings.TrimSpace(s[:min(len(s), maxWords)]) }
	return filter{Text: cut(get("q")), State: cut(get("state")), Group: cut(get("group"))}
}

// Any tells whether the filter leaves something out.
func (f filter) Any() bool { return f != filter{} }

func (f filter) matches(s *model.ServiceStatus) bool {
	switch {
	case f.State == "failing" && !s.Ails():
		return false
	case f.State == "silenced" && s.Silenced == "":
		return false
	case f.State != "" && f.State != "failing" && f.State != "silenced" && f.State != string(s.State):
		return false
	case f.Group != "" && !slices.Contains(s.Groups, f.Group):
		return false
	case f.Text == "":
		return true
	}
	text := strings.ToLower(s.Name + "\n" + string(s.Kind) + "\n" + strings.Join(s.Groups, "\n") + "\n" + s.Problem)
	for word := range strings.FieldsSeq(strings.ToLower(f.Text)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// choose returns the services that match, who needs somebody first, then by name.
func (o *outlook) choose(f filter) []*model.ServiceStatus {
	var out []*model.ServiceStatus
	for i := range o.Services {
		if f.matches(&o.Services[i]) {
			out = append(out, &o.Services[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *model.ServiceStatus) int {
		return cmp.Or(cmp.Compare(a.Rank(), b.Rank()), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return out
}
